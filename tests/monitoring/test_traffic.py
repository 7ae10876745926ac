"""Requests of the last hour, by minute."""

from datetime import UTC, datetime, timedelta

import pytest

from services.monitoring.traffic import MINUTES_KEPT, Traffic, TrafficMinute
from tests.harness import Api, HandClock


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def traffic(clock: HandClock) -> Traffic:
    return Traffic(clock)


def test_an_hour_without_requests_is_sixty_empty_minutes_oldest_first(traffic: Traffic) -> None:
    minutes = traffic.minutes()

    assert [minute.at for minute in minutes] == [
        datetime(2025, 1, 18, 9, 1, tzinfo=UTC) + timedelta(minutes=number) for number in range(60)
    ]
    assert minutes[-1] == TrafficMinute(
        datetime(2025, 1, 18, 10, 0, tzinfo=UTC), 0, 0, 0, None, None, None
    )


def test_a_minute_tells_its_requests_and_which_were_errors_of_whom(
    traffic: Traffic, clock: HandClock
) -> None:
    for status in (200, 201, 304, 400, 404, 429, 500, 503):
        traffic.record(status=status, seconds=0.001)
    clock.advance(seconds=60)
    traffic.record(status=200, seconds=0.001)

    counted = [(m.requests, m.client_errors, m.server_errors) for m in traffic.minutes(3)]
    assert counted == [(0, 0, 0), (8, 3, 2), (1, 0, 0)]


def test_percentiles_are_told_to_within_a_tenth_and_never_too_low(traffic: Traffic) -> None:
    for number in range(1, 101):
        traffic.record(status=200, seconds=number / 1000)

    (minute,) = traffic.minutes(1)
    for told, true in ((minute.p50_ms, 50), (minute.p95_ms, 95), (minute.p99_ms, 99)):
        assert told is not None
        assert true <= told <= true * 1.1


def test_a_time_beyond_all_bounds_counts_as_the_longest_that_is_told(traffic: Traffic) -> None:
    traffic.record(status=200, seconds=0)
    (minute,) = traffic.minutes(1)
    assert minute.p99_ms == 0.1

    for _ in range(9):
        traffic.record(status=200, seconds=3600)
    (minute,) = traffic.minutes(1)
    assert minute.requests == 10
    assert minute.p50_ms == pytest.approx(62_300, rel=0.01)


def test_what_is_older_than_an_hour_is_forgotten(traffic: Traffic, clock: HandClock) -> None:
    for _ in range(3 * MINUTES_KEPT):
        traffic.record(status=200, seconds=0.001)
        clock.advance(minutes=1)

    assert [minute.requests for minute in traffic.minutes()] == [1] * 59 + [0]
    assert len(traffic._minutes) == MINUTES_KEPT


def test_a_clock_that_is_put_back_adds_to_the_minute_that_was(
    traffic: Traffic, clock: HandClock
) -> None:
    traffic.record(status=200, seconds=0.001)
    clock.advance(minutes=5)
    traffic.record(status=200, seconds=0.001)
    clock.advance(minutes=-5)
    traffic.record(status=500, seconds=0.001)

    (minute,) = traffic.minutes(1)
    assert (minute.requests, minute.server_errors) == (2, 1)


@pytest.mark.parametrize("count", [0, -1, MINUTES_KEPT + 1])
def test_more_minutes_than_are_kept_cannot_be_asked_for(traffic: Traffic, count: int) -> None:
    with pytest.raises(ValueError, match=f"1 to 60 minutes are kept, not {count}"):
        traffic.minutes(count)


async def test_each_answer_of_the_server_is_counted_unknown_routes_too(api: Api) -> None:
    assert (await api.get("/health")).status == 200
    assert (await api.get("/nothing-here")).status == 404
    assert (await api.post("/api/login/", b"{")).status == 400

    (minute,) = api.agora.services.monitoring.traffic.minutes(1)
    assert (minute.requests, minute.client_errors, minute.server_errors) == (3, 2, 0)
    assert minute.p50_ms is not None
