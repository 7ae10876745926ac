"""What is measured of SOCIOX."""

from dataclasses import replace

from scripts.bench.families import sociox
from scripts.bench.families.sociox import sociox_rows
from scripts.bench.load import LoadFailed
from scripts.bench.plan import QUICK, Place


def test_pages_of_users_are_timed_among_few_and_among_many(tmp_path, monkeypatch):
    monkeypatch.setattr(sociox, "_REQUESTS", 6)
    monkeypatch.setattr(sociox, "_ROUNDS", 1)
    place = Place(tmp_path)
    rows = list(sociox_rows(place, replace(QUICK, users=200)))
    assert [row.cell for row in rows] == [
        "page of 20 users, 200 against 2, no search",
        "page of 20 users, 200 against 2, search=ada.",
        "page of 20 users, 200 against 2, search=d",
    ]
    assert {str(row.bar) for row in rows} == {"at most 1.5"}
    assert all(row.value > 0 for row in rows)


def test_a_page_that_is_refused_misses_the_bar(tmp_path, monkeypatch):
    def refused(*_arguments: object) -> None:
        raise LoadFailed("/users was answered 403")

    monkeypatch.setattr(sociox, "_times", refused)
    (row,) = sociox_rows(Place(tmp_path), QUICK)
    assert (row.verdict, row.figure) == ("missed", "failed: /users was answered 403")
