"""What is measured of LMS."""

from scripts.bench.families import lms
from scripts.bench.families.lms import lms_rows
from scripts.bench.load import LoadFailed
from scripts.bench.plan import QUICK, Place


def test_my_courses_and_the_pending_exams_are_timed(tmp_path, monkeypatch):
    monkeypatch.setattr(lms, "_REQUESTS", 5)
    monkeypatch.setattr(lms, "_ROUNDS", 1)
    rows = list(lms_rows(Place(tmp_path), QUICK))
    assert [row.cell for row in rows] == [
        "`GET /participants/me/courses`, 5 courses of 100 steps, one client",
        "the same among 20 others",
        "the same among 20 others, times slower",
        "pending exams, 100 of 100, one client",
    ]
    assert [str(row.bar) for row in rows] == [
        "at most 8 ms",
        "at most 8 ms",
        "at most 2",
        "at most 8 ms",
    ]
    assert all(row.value > 0 for row in rows)


def test_a_view_that_is_refused_misses_the_bar(tmp_path, monkeypatch):
    def refused(*_arguments: object) -> None:
        raise LoadFailed("/participants/me/courses was answered 403")

    monkeypatch.setattr(lms, "_times", refused)
    (row,) = lms_rows(Place(tmp_path), QUICK)
    assert (row.verdict, row.figure) == (
        "missed",
        "failed: /participants/me/courses was answered 403",
    )
