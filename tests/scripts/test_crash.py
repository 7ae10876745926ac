"""The kill -9 rounds: what they take for lost, half done or invented, and a real round."""

import asyncio
import json
import random
import shutil

import pytest

from repositories.embedded import EmbeddedStore
from scripts.crash.__main__ import crash_rounds, main
from scripts.crash.ledger import Found, Ledger
from scripts.crash.reading import StoreReader
from scripts.crash.rounds import CrashRounds

POST, LIKE, PICTURE = ("post", "a post"), ("like", "crash-1", "a post"), ("picture", "ab12")


@pytest.fixture
def ledger():
    """A post with a picture and a like, all acknowledged; the like in another operation."""
    ledger = Ledger()
    post = ledger.begin("create_post", 1, {POST: ("ab12",), PICTURE: "a post"}, at=0.0)
    ledger.acknowledge(post, 201, at=1.0)
    like = ledger.begin("like_post", 1, {LIKE: True}, at=1.0)
    ledger.acknowledge(like, 200, at=2.0)
    ledger.numbers[POST] = 7
    return ledger


def found(facts, number=7):
    return Found(dict(facts), {POST: number})


def test_what_was_acknowledged_and_is_there_is_neither_lost_nor_wrong(ledger):
    findings = ledger.compare(found(ledger.facts))
    assert (findings.lost, findings.problems) == (set(), 0)


@pytest.mark.parametrize(("key", "operation"), [(POST, 0), (PICTURE, 0), (LIKE, 1)])
def test_what_was_acknowledged_and_is_gone_is_lost(ledger, key, operation):
    left = {other: value for other, value in ledger.facts.items() if other != key}
    findings = ledger.compare(found(left))
    assert (findings.lost, findings.problems) == ({operation}, 0)


def test_what_was_deleted_and_is_there_is_lost(ledger):
    before = dict(ledger.facts)
    deletion = ledger.begin("delete_post", 1, dict.fromkeys(before), at=2.0)
    ledger.acknowledge(deletion, 200, at=3.0)
    assert ledger.compare(found(before)).lost == {2}


@pytest.mark.parametrize(
    ("gone", "problems"), [((), 0), ((POST, PICTURE, LIKE), 0), ((POST,), 1), ((POST, LIKE), 1)]
)
def test_what_was_not_answered_happened_or_not_but_not_by_half(ledger, gone, problems):
    ledger.begin("delete_post", 1, dict.fromkeys(ledger.facts), at=2.0)
    left = {key: value for key, value in ledger.facts.items() if key not in gone}
    findings = ledger.compare(found(left))
    assert (findings.lost, findings.problems) == (set(), problems)


def test_what_nobody_wrote_or_has_another_number_is_a_problem(ledger):
    findings = ledger.compare(found({**ledger.facts, ("reply", "never sent"): "a post"}))
    assert (findings.lost, findings.problems) == (set(), 1)
    assert ledger.compare(found(ledger.facts, number=8)).problems == 1


def test_what_was_refused_has_changed_nothing(ledger):
    before = dict(ledger.facts)
    deletion = ledger.begin("delete_post", 1, dict.fromkeys(before), at=2.0)
    ledger.refuse(deletion, 400, at=3.0)
    assert (ledger.acknowledged, ledger.refused) == (2, 1)
    assert ledger.compare(found(before)).problems == 0
    assert ledger.compare(found({})).lost == {0, 1}


def test_after_a_round_the_ledger_goes_on_from_what_was_found(ledger):
    reply = ("reply", "sent, not answered")
    ledger.begin("reply_post", 1, {reply: "a post"}, at=2.0)
    after = found({**ledger.facts, reply: "a post"})
    ledger.adopt(after)
    assert ledger.compare(after).problems == 0
    assert ledger.compare(found({POST: ("ab12",), PICTURE: "a post", LIKE: True})).problems == 1


def test_a_killed_server_has_everything_that_it_acknowledged(tmp_path, monkeypatch):
    # Not sooner, for something of everything to be written on a busy machine too.
    monkeypatch.setattr("scripts.crash.rounds._KILLED_AFTER_SECONDS", (1.0, 1.5))
    rounds = CrashRounds(tmp_path, clients=8, seed=7)
    result = rounds.run(1, lambda: None)
    assert (result.lost, result.problems, result.examples) == (0, 0, [])
    assert (result.rounds, len(result.restart_ms)) == (1, 1)
    assert result.acknowledged > 50
    assert result.read_over_http > 0
    history = [json.loads(line) for line in (tmp_path / "history.jsonl").read_text().splitlines()]
    answered = [line for line in history if line["status"] != "unknown"]
    assert len(history) - len(answered) == result.unknown
    # The common posts were made before the first round; some orders were sent again after a kill.
    again = result.acknowledged + result.refused - len(answered) - 16
    assert 0 <= again <= result.unknown
    done = {line["name"] for line in history if line["status"] in (200, 201)}
    assert {"add_to_cart", "place_order", "create_post"} <= done

    for forget, told in (
        (_forget_post, "which is not there"),
        (_forget_order, "is kept for another order, or for none"),
        (_forget_piece, "pieces left and"),
    ):
        asyncio.run(forget(tmp_path / "data"))
        after = asyncio.run(StoreReader(tmp_path / "data", random.Random(1)).read())
        findings = rounds._ledger.compare(after)
        assert len(findings.lost) >= 1
        assert any(told in problem for problem in after.problems)


async def _forget_post(data_dir):
    """Lose a post, but not what hangs on it."""
    store = await EmbeddedStore.open(data_dir)
    post = await store["posts"].find_one({"replies": {"$gt": 0}})
    assert post is not None
    await store["posts"].delete_one({"_id": post["_id"]})
    await store.close()


async def _forget_order(data_dir):
    """Lose an order, but not its key."""
    store = await EmbeddedStore.open(data_dir)
    assert (await store["orders"].delete_one({"status": "pending"})).deleted_count
    await store.close()


async def _forget_piece(data_dir):
    store = await EmbeddedStore.open(data_dir)
    await store["products"].update_one({"_id": "goods-many"}, {"$inc": {"stock": -1}})
    await store.close()


@pytest.mark.parametrize(("lost", "code"), [(0, 0), (1, 1)])
def test_a_loss_is_told_by_the_exit_code_and_keeps_its_evidence(
    tmp_path, monkeypatch, capsys, lost, code
):
    kept = []

    def run(self, rounds, after_each):
        kept.append(self._data_dir.parent)
        self.result.rounds, self.result.lost, self.result.restart_ms = rounds, lost, [300.0]
        return self.result

    monkeypatch.setattr(CrashRounds, "run", run)
    file = tmp_path / "figures.json"
    assert main(["--rounds=3", "--clients=2", "--seed=5", f"--json={file}"]) == code
    printed = capsys.readouterr().out
    assert printed.startswith(f"3 cycles (seed 5), 0 acknowledged, {lost} lost, 0 problems")
    assert json.loads(file.read_text())["lost"] == lost
    assert kept[0].exists() == bool(lost)
    if lost:
        assert str(kept[0]) in printed
        shutil.rmtree(kept[0])


def test_a_server_that_ends_by_itself_is_a_problem(monkeypatch):
    monkeypatch.setattr("scripts.crash.rounds._KILLED_AFTER_SECONDS", (0.1, 0.2))
    monkeypatch.setattr("scripts.server_process.Process.kill", lambda self: self.stop() or 0)
    result = crash_rounds(1, 2, seed=3)
    assert result.problems == 1
    assert result.examples[0] == "the server ended by itself, with 0"
    shutil.rmtree(result.examples[-1].rpartition(" ")[2])
