"""LMS: the courses of somebody who takes many, alone and among many, and the pending exams."""

import math
from collections.abc import Iterator
from itertools import repeat

from scripts.bench.figures import Row, at_most
from scripts.bench.load import LoadFailed
from scripts.bench.one_client import Times, times_of
from scripts.bench.plan import Place, Plan, run_module
from scripts.seeding.forum import PASSWORD
from scripts.seeding.lms_scale import EXAMS_EACH, PENDING, STEPS
from scripts.server_process import Process, start_server

_REQUESTS = 300
_ROUNDS = 5
_PARTICIPANT = ("user1", PASSWORD)
_MANAGER = ("bench@example.com", "a password for measuring")
_MY_COURSES, _PENDING = "/participants/me/courses", "/form-submissions/pending"


def lms_rows(place: Place, plan: Plan) -> Iterator[Row]:
    """What one client waits for, and whether others in the store make it wait longer."""
    others, exams = f"{plan.participants:,} others", plan.participants * EXAMS_EACH
    mine = f"`GET {_MY_COURSES}`, {plan.courses} courses of {STEPS} steps, one client"
    pending = f"pending exams, {min(PENDING, exams)} of {exams:,}, one client"
    bar, ratio_bar = at_most(8, "ms"), at_most(2)
    try:
        alone, among, waiting = _times(place, plan)
    except LoadFailed as problem:
        yield Row(mine, math.nan, f"failed: {problem}", bar=bar)
        return
    yield Row(mine, alone.median_ms(), str(alone), bar=bar)
    ratio = among.median_ms() / alone.median_ms()
    yield Row(f"the same among {others}", among.median_ms(), str(among), bar=bar)
    yield Row(f"the same among {others}, times slower", ratio, f"{ratio:.2f}", bar=ratio_bar)
    yield Row(pending, waiting.median_ms(), str(waiting), bar=bar)


def _times(place: Place, plan: Plan) -> tuple[Times, Times, Times]:
    """My courses alone and among others, and the pending exams.

    In rounds, so that a busy moment meets all.
    """
    small, large = place.lms(plan.courses, 0), place.lms(plan.courses, plan.participants)
    email, password = _MANAGER
    run_module(
        "scripts.create_admin", f"--email={email}", f"--password={password}", f"--data-dir={large}"
    )
    alone, among, waiting = Times(), Times(), Times()
    for _ in range(_ROUNDS):
        with start_server(small, place.log) as server:
            alone.merge(_times_of(server, _MY_COURSES, _participant_token(server)))
        with start_server(large, place.log) as server:
            among.merge(_times_of(server, _MY_COURSES, _participant_token(server)))
            token = server.sign_in_by_email(email, password)
            waiting.merge(_times_of(server, _PENDING, token))
    return alone, among, waiting


def _participant_token(server: Process) -> str:
    """The participant's token, once the server answers."""
    server.wait_until_healthy()
    return server.sign_in(*_PARTICIPANT)


def _times_of(server: Process, path: str, token: str) -> Times:
    return times_of(server, repeat(path, _REQUESTS), token=token)
