"""Trying to break promises: what is shown, what stays, and what the exit code tells."""

import shutil
from pathlib import Path

import pytest

from scripts.marked_page import NoMarkers
from scripts.prove import __main__ as prove
from scripts.prove.history import History
from scripts.prove.promise import Promise, Proof, Run
from scripts.prove.promises import PROMISES
from scripts.prove.table import Row, write_rows
from scripts.server_process import ServerFailed

PAGE = "text\n<!-- prove: begin -->\n<!-- prove: end -->\n"


@pytest.fixture
def promises(monkeypatch) -> dict[str, Promise]:
    """The list, empty at first."""
    known: dict[str, Promise] = {}
    monkeypatch.setattr(prove, "PROMISES", known)
    return known


def _held(run: Run) -> Proof:
    (run.directory / "history").touch()
    return Proof(f"{run.pick(quick=1, full=9)} tried with {run.chance().random():.3f}")


def _broken(run: Run) -> Proof:
    (run.directory / "history").touch()
    proof = Proof("2 tried")
    proof.check(False, "one was lost")
    proof.blame_each(["another was lost"])
    return proof


def test_a_promise_that_held_says_so_and_leaves_nothing_behind(promises, capsys, tmp_path):
    promises["P1"] = Promise("P1", "It holds.", _held)
    page = tmp_path / "page.md"
    page.write_text(PAGE)
    assert prove.main(["p1", "--full", "--seed=7", f"--write={page}"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "--full, seed 7",
        "P1 held (0 s): 9 tried with 0.324",
    ]
    assert "| **P1** It holds. | 9 tried with 0.324 | yes | " in page.read_text()
    assert "`P1 --full --seed=7`, 0 s |" in page.read_text()


def test_a_broken_promise_is_told_by_the_exit_code_and_its_directory_stays(promises, capsys):
    promises["P1"] = Promise("P1", "It holds.", _held)
    promises["P2"] = Promise("P2", "It does not.", _broken)
    assert prove.main(["--seed=7"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[2:5] == [
        "P2 BROKEN 2 times (0 s): 2 tried",
        "  one was lost",
        "  another was lost",
    ]
    directory = Path(lines[5].rpartition(" ")[2])
    assert [file.name for file in directory.iterdir()] == ["history"]
    (directory / "history").unlink()
    directory.rmdir()


def test_a_server_that_does_not_start_is_a_broken_promise(promises, capsys):
    def prove_nothing(run: Run) -> Proof:
        run.directory.rmdir()
        raise ServerFailed("no answer within 60 s")

    promises["P3"] = Promise("P3", "It starts.", prove_nothing)
    assert prove.main([]) == 1
    assert "  no answer within 60 s\n" in capsys.readouterr().out


def test_a_proof_that_ends_with_an_error_has_not_held_and_others_are_tried(
    promises, capsys, tmp_path
):
    def stumble(run: Run) -> Proof:
        raise KeyError("data")

    promises["P1"] = Promise("P1", "It stumbles.", stumble)
    promises["P2"] = Promise("P2", "It holds.", _held)
    page = tmp_path / "page.md"
    page.write_text(PAGE)
    write_rows(page, [Row(promises["P1"], Proof("it held"), "yesterday")])
    assert prove.main(["--seed=7", f"--write={page}"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[1:3] == ["P1 BROKEN 1 times (0 s): it ended with an error", "  KeyError('data')"]
    assert lines[4].startswith("P2 held")
    assert "it ended with an error | **broken, 1 times**" in page.read_text()
    directory = Path(lines[3].rpartition(" ")[2])
    assert 'raise KeyError("data")' in (directory / "error.txt").read_text()
    shutil.rmtree(directory)


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("200 GET /courses eyJhbGciOiJI.eyJzdWIiOiIx.c2lnbmF0dXJl", "eyJhbGciOiJI"),
        ("the hash is $2b$12$abcdefgh", "$2b$12$"),
        ("refused: 'a password of a proof'", "a password o"),
    ],
)
def test_a_secret_in_a_log_breaks_whatever_was_proved(promises, capsys, line, shown):
    def tell(run: Run) -> Proof:
        (run.directory / "part").mkdir()
        (run.directory / "part" / "server.log").write_text(f"200 GET /eyJ.a.b\n{line}\n")
        return Proof("1 tried")

    promises["P1"] = Promise("P1", "It tells.", tell)
    assert prove.main([]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[2] == f"  line 2 of server.log has the secret {shown}..."
    shutil.rmtree(lines[3].rpartition(" ")[2])


def test_rows_replace_their_own_and_stand_in_order(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(PAGE)

    def row(number: str, proof: Proof) -> Row:
        return Row(Promise(number, "A sentence.", _held), proof, "today")

    write_rows(page, [row("P10", Proof("old")), row("P2", Proof("two", not_run=["a part"]))])
    write_rows(page, [row("P10", Proof("a | b", broken=3))])
    assert page.read_text() == (
        "text\n<!-- prove: begin -->\n\n"
        "| promise | what a run found | held | run |\n"
        "| --- | --- | --- | --- |\n"
        "| **P2** A sentence. | two<br>Not run here: a part. | yes | today |\n"
        "| **P10** A sentence. | a \\| b | **broken, 3 times** | today |\n\n"
        "<!-- prove: end -->\n"
    )


def test_nothing_is_tried_for_an_unknown_promise_or_a_page_without_a_place(capsys, tmp_path):
    with pytest.raises(SystemExit):
        prove.main(["P99"])
    assert prove.main([f"--write={tmp_path / 'absent.md'}"]) == 2
    assert "has no place for this" in capsys.readouterr().err
    with pytest.raises(NoMarkers):
        write_rows(tmp_path / "absent.md", [])


def test_an_operation_without_an_answer_stays_unknown_in_the_history(tmp_path):
    history = History(tmp_path / "history.jsonl")
    first = history.sent("post", {"text": "a"})
    history.sent("like")
    first.answered(201)
    history.close()
    lines = (tmp_path / "history.jsonl").read_text().splitlines()
    assert [line.partition(",")[0] for line in lines] == ['{"n": 1', '{"n": 2', '{"n": 1']
    assert '"status": 201' in lines[2]


def test_a_run_says_what_the_time_was_too_short_for():
    proof = Proof("80 tried")
    proof.note_missing(80, 1_000, "runs")
    proof.note_missing(7, 7, "bodies")
    assert proof.not_run == ["920 of 1,000 runs: the time was up"]
    assert proof.has_held


def test_every_promise_is_listed_by_its_number():
    assert [promise.number for promise in PROMISES.values()] == list(PROMISES)
