"""Fixtures for every test: an event loop of its own, and the running application."""

import asyncio
import inspect
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings
from tornado.ioloop import IOLoop

from tests import harness
from tests.conformance import check_answer

# The same examples at every run, so that the suite tells of a change and never of luck;
# `--hypothesis-profile=long` looks for what they miss.
settings.register_profile("default", derandomize=True, deadline=None, database=None)
settings.register_profile("long", max_examples=5000, deadline=None, print_blob=True)
settings.load_profile("default")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let pytest-tornado run every `async def` test."""
    for item in items:
        if isinstance(item, pytest.Function) and inspect.iscoroutinefunction(item.obj):
            item.add_marker(pytest.mark.gen_test(timeout=60))


@pytest.fixture
def io_loop() -> Iterator[IOLoop]:
    """The loop of a test; pytest-tornado's own closes descriptors that are not its."""
    # Made current by hand: Tornado would first make another, to put it back at the end, which
    # nobody closes.
    loop = IOLoop(make_current=False)
    asyncio.set_event_loop(loop.asyncio_loop)
    yield loop
    asyncio.set_event_loop(None)
    loop.close()


@pytest.fixture(autouse=True)
def _answers_are_those_of_the_document(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hold every answer against the document of the API (docs/decisions/0018)."""
    call = harness.Api.call

    async def checked(
        self: harness.Api, method: str, path: str, *args: Any, **options: Any
    ) -> harness.Reply:
        reply = await call(self, method, path, *args, **options)
        # What Tornado's parser refuses never comes to a handler, and has no name.
        if "X-Request-ID" in reply.headers:
            check_answer(method, path, reply.status, reply.headers, reply.body)
        return reply

    monkeypatch.setattr(harness.Api, "call", checked)


@pytest.fixture
def given_settings() -> dict[str, Any]:
    """Settings of the application under test; a module that needs others has its own fixture."""
    return {}


@pytest.fixture
def api(io_loop: IOLoop, given_settings: dict[str, Any]) -> Iterator[harness.Api]:
    """The application with an empty store in memory.

    A query that no index serves fails the test that made it (ARCHITECTURE.md, "Storage").
    """
    running: harness.Api = io_loop.run_sync(lambda: harness.start(**given_settings))
    yield running
    io_loop.run_sync(running.close)
    scans = [plan for plan in running.plans if not plan[2].uses_index]
    assert not scans, f"queries without an index: {scans}"
