"""What Prometheus is told at `/metrics`."""

import asyncio
import platform
import threading
import tomllib
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from handlers.routes import ROUTES
from repositories.errors import StorageUnavailable
from services.monitoring import metrics, requests
from services.monitoring.loop_lag import LoopLag
from services.version import VERSION
from tests import harness
from tests.harness import Api
from tests.monitoring.exposition import scrape
from tests.wire import connected

OPENMETRICS = (
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
    "text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
)
FAMILIES = {
    ("agora_build_info", "gauge"),
    ("agora_event_loop_lag_seconds", "histogram"),
    ("agora_http_connections", "gauge"),
    ("agora_http_request_duration_seconds", "histogram"),
    ("agora_http_requests", "counter"),
    ("agora_http_requests_in_flight", "gauge"),
    ("agora_outbox_messages", "gauge"),
    ("agora_outbox_oldest_pending_seconds", "gauge"),
    ("agora_queue_jobs", "gauge"),
    ("agora_queue_jobs_limit", "gauge"),
    ("agora_store_commit_duration_seconds", "histogram"),
    ("agora_store_commit_writes", "histogram"),
    ("agora_store_read_duration_seconds", "histogram"),
    ("agora_store_up", "gauge"),
    ("agora_store_waiting_writes", "gauge"),
}


async def test_requests_are_told_by_route_method_and_status(api: Api):
    token = await api.sign_in()
    for path in ("/api/forum/post_pictures/1/0/", "/api/forum/post_pictures/2/3"):
        assert (await api.get(path, token=token)).status == 404
    assert (await api.get("/api/forum/post_pictures/2/3")).status == 401
    read = await scrape(api)

    route = {"route": "/api/forum/post_pictures/{postid}/{picture_index}/", "method": "GET"}
    assert read.value("agora_http_requests_total", **route, status="404") == 2
    assert read.value("agora_http_requests_total", **route, status="401") == 1
    assert read.value("agora_http_request_duration_seconds_count", **route) == 3
    assert read.value("agora_http_request_duration_seconds_bucket", **route, le="+Inf") == 3
    assert read.value("agora_http_request_duration_seconds_bucket", **route, le="10.0") == 3
    taken = read.value("agora_http_request_duration_seconds_sum", **route)
    assert taken is not None
    assert 0 < taken < 30


async def test_an_alias_counts_for_its_route(api: Api):
    for path in ("/api/v1/auth/login", "/api/auth/login", "/api/auth/login/"):
        assert (await api.post(path, {})).status == 400
    read = await scrape(api)
    told = {"route": "/api/v1/auth/login", "method": "POST", "status": "400"}
    assert read.value("agora_http_requests_total", **told) == 3


async def test_whatever_clients_send_adds_no_series(api: Api):
    for number in range(3):
        assert (await api.get(f"/nothing/{number}")).status == 404
        assert (await api.call(f"METHOD{number}", "/health")).status == 405
    read = await scrape(api)
    assert read.labels("agora_http_requests_total", "route") == {"unknown"}
    assert read.labels("agora_http_requests_total", "method") == {"GET", "other"}
    told = {"route": "unknown", "method": "other", "status": "405"}
    assert read.value("agora_http_requests_total", **told) == 3


async def test_connections_and_requests_in_flight_are_told(api: Api):
    async with connected(api), connected(api):
        read = await scrape(api)
    # The two that wait, and the one that asks.
    assert read.value("agora_http_connections") == 3
    assert read.value("agora_http_requests_in_flight") == 1


async def test_what_the_storage_does_is_told(api: Api):
    before = await scrape(api)
    token = await api.sign_in()
    await api.create_post(token)
    read = await scrape(api)
    for name in ("read_duration_seconds", "commit_duration_seconds", "commit_writes"):
        earlier, later = (at.value(f"agora_store_{name}_count") for at in (before, read))
        assert earlier is not None
        assert later is not None
        assert later > earlier
    assert read.value("agora_store_waiting_writes") == 0


async def test_the_outbox_is_told_by_channel_and_status(api: Api):
    await api.post("/api/send_verification_code/", {"phone_number": "13800138000"})
    api.clock.advance(seconds=90)
    read = await scrape(api)
    # Nothing sends here, so that it is held; what is held may get as old as it likes.
    assert read.value("agora_outbox_messages", channel="sms", status="held") == 1
    assert read.value("agora_outbox_messages", channel="sms", status="dead") == 0
    assert read.value("agora_outbox_messages", channel="mail", status="held") == 0
    assert read.labels("agora_outbox_messages", "status") == {"held", "dead"}
    assert read.value("agora_store_up") == 1


async def test_where_the_storage_does_not_answer_the_rest_is_told(
    api: Api, monkeypatch: pytest.MonkeyPatch
):
    async def fail() -> None:
        raise StorageUnavailable("the disk is gone")

    monkeypatch.setattr(api.agora.services.outbox, "summary", fail)
    read = await scrape(api)
    assert read.value("agora_store_up") == 0
    assert "agora_outbox_messages" not in read.families
    assert read.value("agora_http_connections") == 1


async def test_queues_the_process_and_the_build_are_told(api: Api):
    read = await scrape(api)
    assert read.value("agora_queue_jobs", queue="hashing") == 0
    assert read.value("agora_queue_jobs_limit", queue="hashing") == 34
    assert read.value("agora_queue_jobs", queue="pictures") == 0
    assert read.value("agora_queue_jobs_limit", queue="pictures") == 17
    build = {"version": VERSION, "python": platform.python_version(), "storage": "memory"}
    assert read.value("agora_build_info", **build) == 1
    assert read.value("process_resident_memory_bytes")
    assert {"python_info", "python_gc_collections"} <= set(read.families)


def test_the_version_is_that_of_the_project():
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())
    assert project["project"]["version"] == VERSION


async def test_every_figure_is_there_from_the_start_and_says_what_it_is(api: Api):
    read = await scrape(api)
    own = [family for family in read.families.values() if family.name.startswith("agora_")]
    assert {(family.name, family.type) for family in own} == FAMILIES
    assert [family.name for family in own if not family.documentation.endswith(".")] == []


async def test_openmetrics_is_there_for_who_asks_for_it(api: Api):
    plain = await api.get("/metrics", headers={"Accept": "*/*"})
    assert plain.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert plain.headers["Cache-Control"] == "no-store"
    reply = await api.get("/metrics", headers={"Accept": OPENMETRICS})
    kind = "application/openmetrics-text; version=1.0.0; charset=utf-8"
    assert reply.headers["Content-Type"] == kind
    assert reply.content.endswith(b"# EOF\n")
    read = await scrape(api, Accept=OPENMETRICS)
    assert read.value("agora_http_requests_total", route="/metrics", method="GET", status="200")
    rubbish = {"Accept": "application/openmetrics-text; version=two,\xff;;="}
    assert (await api.get("/metrics", headers=rubbish)).status == 200


async def test_two_servers_in_a_process_count_by_themselves(api: Api):
    other = await harness.start()
    try:
        assert (await api.get("/health")).status == 200
        read = await scrape(other)
        assert read.labels("agora_http_requests_total", "route") == set()
        read = await scrape(api)
        assert read.labels("agora_http_requests_total", "route") == {"/health"}
    finally:
        await other.close()
    assert not [family.name for family in REGISTRY.collect() if family.name.startswith("agora")]


async def test_the_loop_tells_how_late_it_is():
    lag = LoopLag(pause_seconds=0.001)
    lag.start()
    async with asyncio.timeout(10):
        while lag.lateness.count < 2:  # noqa: ASYNC110 - it counts, and tells nobody
            await asyncio.sleep(0.001)
    lag.stop()
    woken = lag.lateness.count
    await asyncio.sleep(0.01)
    assert lag.lateness.count == woken


async def test_head_and_options_are_answered_too(api: Api):
    reply = await api.call("HEAD", "/metrics")
    assert (reply.status, reply.content) == (200, b"")
    assert (await api.call("OPTIONS", "/metrics")).headers["Allow"] == "GET, HEAD, OPTIONS"


async def test_a_scrape_in_its_thread_gives_way_to_the_loop_every_few_samples(
    api: Api, monkeypatch: pytest.MonkeyPatch
):
    given: list[int] = []
    for module in (metrics, requests):
        monkeypatch.setattr(module, "give_way", lambda: given.append(threading.get_ident()))
    recorded = api.agora.services.monitoring.metrics
    assert recorded is not None
    for route in ROUTES:
        recorded.requests.record(route=route.path, method=route.method, status=200, seconds=0.001)
    read = await scrape(api)
    samples = sum(len(family.samples) for family in read.families.values())
    assert samples > 15 * len(ROUTES)
    assert len(given) > samples / 50
    assert threading.get_ident() not in given
