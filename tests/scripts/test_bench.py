"""The measuring itself: ratios, bars, the table, and the processes that are measured."""

import asyncio
import json
import math
import shutil
from dataclasses import replace
from typing import cast

import msgspec
import pytest

from scripts.bench import __main__ as bench
from scripts.bench import bare, load, served, store
from scripts.bench.cells import BARE, BARE_POST, LARGE, SMALL, Side
from scripts.bench.comparison import take_report
from scripts.bench.families import forum, shop
from scripts.bench.figures import Ratio, Row, at_least, at_most
from scripts.bench.load import Load, LoadFailed, read_figures
from scripts.bench.other_parts import rows_of_store, start_rows
from scripts.bench.plan import QUICK, Place
from scripts.bench.table import as_data, render
from scripts.server_process import Process, ServerFailed, free_port, start_server


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Where each store is filled once."""
    return Place(tmp_path_factory.mktemp("place"))


def test_a_ratio_is_that_of_the_rounds_and_not_of_their_sums():
    ratio = Ratio.of([50, 90, 300], [100, 100, 1000])
    assert (ratio.middle, ratio.least, ratio.most) == (0.5, 0.3, 0.9)
    assert str(ratio) == "0.50 (0.30 to 0.90)"


@pytest.mark.parametrize(
    ("value", "bar", "goal", "verdict"),
    [
        (0.44, at_least(0.45), at_least(0.6), "missed"),
        (0.45, at_least(0.45), at_least(0.6), "ok"),
        (0.6, at_least(0.45), at_least(0.6), "goal reached"),
        (41, at_most(40, "us"), None, "missed"),
        (40, at_most(40, "us"), None, "ok"),
        (math.nan, at_most(40), None, "missed"),
        (math.nan, at_least(40), None, "missed"),
        (5_000, None, None, ""),
    ],
)
def test_a_bar_is_met_or_missed(value, bar, goal, verdict):
    assert Row("cell", value, bar=bar, goal=goal).verdict == verdict


def test_the_table_says_how_it_was_measured_and_what_was_found():
    rows = [Row("`/health`", 0.9, "9 a s", "0.90", "0.95", at_least(0.8), at_least(1))]
    assert render({"measured": "today"}, rows) == (
        "- measured: today\n\n"
        "| cell      | figure | ratio | to bare POST | bar          | goal       | verdict |\n"
        "| --------- | ------ | ----- | ------------ | ------------ | ---------- | ------- |\n"
        "| `/health` | 9 a s  | 0.90  | 0.95         | at least 0.8 | at least 1 | ok      |"
    )
    assert as_data({"measured": "today"}, rows)["rows"][0]["verdict"] == "ok"


def test_nothing_is_measured_without_wrk_or_without_a_place_for_the_table(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(bench, "_measure", lambda *_: pytest.fail("it measured"))
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    assert bench.main([]) == 2
    assert capsys.readouterr().err == f"{load.HOW_TO_INSTALL}\n"
    without = ",".join(part for part in bench.PARTS if part not in bench._UNDER_LOAD)
    assert f"Without it: `--only {without}`." in load.HOW_TO_INSTALL
    assert bench.main(["--only=shop"]) == 2
    assert capsys.readouterr().err == f"{load.HOW_TO_INSTALL}\n"
    assert bench.main(["--only=store", f"--write={tmp_path / 'absent.md'}"]) == 2
    assert "has no place for this" in capsys.readouterr().err


@pytest.mark.parametrize(("value", "code"), [(0.4, 1), (0.5, 0)])
def test_a_missed_bar_is_told_by_the_exit_code(tmp_path, monkeypatch, capsys, value, code):
    rows = [Row("cell", value, bar=at_least(0.5))]
    monkeypatch.setattr(bench, "_measure", lambda *_: iter(rows))
    file = tmp_path / "figures.json"
    assert bench.main(["--only=store", "--quick", f"--json={file}"]) == code
    assert ("missed: cell" in capsys.readouterr().err) == bool(code)
    assert json.loads(file.read_text())["rows"][0]["value"] == value


def test_the_options_say_how_much_is_measured():
    own = bench._parser().parse_args(["--quick", "--rounds=3", "--only=power,store"])
    assert own.only == ["store", "power"]
    assert bench._parser().parse_args([]).only == list(bench.PARTS)
    assert (bench._plan(own).rounds, bench._plan(own).seconds) == (3, QUICK.seconds)
    with pytest.raises(SystemExit):
        bench._parser().parse_args(["--only=shoes"])


@pytest.mark.parametrize(
    ("output", "problem"),
    [
        ("figures: 100 1000000 1 0 900\n", "of 100 requests 1 were not answered with success"),
        ("figures: 100 1000000 0 2 900\n", "2 connections broke off"),
        ("figures: 0 1000000 0 0 0\n", "of 0 requests"),
        ("unable to connect\n", "wrk printed no figures: unable to connect"),
    ],
)
def test_a_load_that_is_not_answered_has_no_rate(output, problem):
    with pytest.raises(LoadFailed, match=problem):
        read_figures("cell", output)


def test_the_rate_is_requests_over_the_time_they_took():
    rate = read_figures("cell", "Running 2s test\nfigures: 10000 2500000 0 0 9500\n")
    assert (rate.per_second, rate.p99_ms) == (4000, 9.5)


@pytest.mark.parametrize("size", [14, 15, 4_135])
def test_the_bare_handler_answers_json_of_the_size_that_is_asked_for(tmp_path, size):
    port = free_port()
    with Process(["-m", bare.__name__, str(port)], port, tmp_path / "log") as process:
        process.wait_until_healthy(f"/{size}")
        for method, body in (("GET", None), ("POST", {"postid": 1})):
            status, content = process.call(method, f"/{size}", body)
            assert (status, len(content)) == (200, size)
            assert msgspec.json.decode(content).keys() == {"answer"}


@pytest.mark.parametrize("family", [forum, shop])
def test_each_cell_asks_for_what_the_server_answers(tmp_path, place, family):
    """Every load is sent, as wrk would, to a store that is seeded as for the real run."""
    contents = family.contents(place, 40)
    with start_server(contents.data_dir, tmp_path / "log") as server:
        server.wait_until_healthy()
        side = Side(server, contents)
        for cell in family.CELLS:
            loads = cell.loads(server, {LARGE: side, SMALL: side}, 99)
            bare = {BARE} if cell.body is None else {BARE, BARE_POST}
            assert loads.keys() == bare | set(cell.measured)
            assert {cell.about} <= set(cell.measured)
            assert {loads[name].path for name in bare} == {"/99"}
            assert loads[cell.about].answer_bytes(5) > 10
        with pytest.raises(LoadFailed, match="was answered 401"):
            Load("feed", server, "/api/forum/posts/", "{}", token="forged").answer_bytes(1)


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({"path": "/health"}, []),
        (
            {"path": "/products/p-%d?page=%d"},
            [
                "local number = math.random(3, 9)",
                'wrk.format("GET", [[/products/p-]] .. number .. [[?page=]] .. number .. [[]], '
                "headers, nil)",
            ],
        ),
        (
            {"path": "/posts/", "body": '{"last":%d}', "token": "abc"},
            [
                '["Authorization"] = "Bearer abc", ["Content-Type"] = "application/json"',
                'wrk.format("POST", [[/posts/]], headers, [[{"last":]] .. number .. [[}]])',
            ],
        ),
        ({"path": "/mine", "token": "abc"}, ['{["Authorization"] = "Bearer abc"}']),
    ],
)
def test_the_load_generator_is_told_what_to_send(given, sent):
    process = cast(Process, None)
    script = Load("cell", process, lowest=3, highest=9, **given).script(seed=1)
    assert ("request = function()" in script) == bool(sent)
    assert all(line in script for line in sent)


@pytest.mark.parametrize("mode", [served.LATENESS, served.CALLBACKS])
def test_a_watched_server_tells_what_it_saw_since_the_last_report(tmp_path, mode):
    report = tmp_path / "report.json"
    command = ["-m", served.__name__, str(report), mode]
    log = tmp_path / "log"
    with start_server(tmp_path / "data", log, "--storage=memory", command=command) as server:
        server.wait_until_healthy()
        for _ in range(2):
            assert server.call("GET", "/health")[0] == 200
            seen = take_report(server, report)
            assert seen["samples"] > 0
            assert seen["max_ms"] > 0


def test_a_callback_is_timed_by_the_clock_and_called_by_its_name():
    watch = served.Callbacks()

    async def work():
        handle = asyncio.get_running_loop().call_soon(sum, range(20_000))
        watch.timed(handle)
        handle.cancel()

    asyncio.run(work())
    seen = watch.take()
    assert (seen["samples"], seen["longest"]) == (1, "sum")
    assert seen["max_cpu_ms"] > 0
    assert watch.take()["samples"] == 0


def test_a_server_that_does_not_start_says_why(tmp_path):
    with (
        start_server(tmp_path / "data", tmp_path / "log", "--colour=red") as server,
        pytest.raises(ServerFailed, match="Unknown option --colour"),
    ):
        server.wait_until_healthy()


def test_settings_of_the_caller_do_not_reach_the_measured_server(tmp_path, monkeypatch):
    monkeypatch.setenv("AGORA_STORAGE", "memory")
    with start_server(tmp_path / "data", tmp_path / "log") as server:
        assert server.wait_until_healthy() > 0
        assert server.memory_mb()["VmRSS"] <= server.memory_mb()["VmHWM"]
    assert (tmp_path / "data" / "agora.db").exists()


def test_the_start_is_measured_on_both_stores(place):
    plan = replace(QUICK, posts=40)
    rows = list(start_rows(place, plan))
    assert [row.cell for row in rows] == [
        "first answer after the start, an empty store",
        "first answer after the start, 40 posts",
    ]
    assert all(row.value > 0 for row in rows)


def test_the_rows_of_the_store_are_made_of_what_it_measures(tmp_path, monkeypatch):
    monkeypatch.setattr(store, "_READS", 20)
    monkeypatch.setattr(store, "_ROUNDS", 1)
    rows = list(rows_of_store(asyncio.run(store.measure_store(tmp_path, 2_000))))
    assert [str(row.bar) for row in rows] == [
        "at most 40 us",
        "at most 1.5",
        "at most 150 us",
        "at most 1.5",
        "at least 8,000 a second",
        "None",
    ]
    assert all(row.value > 0 for row in rows)
