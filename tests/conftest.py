"""Fixtures for every test: an event loop of its own, and the running application."""

import inspect
from collections.abc import Iterator

import pytest
from tornado.ioloop import IOLoop

from tests import harness


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let pytest-tornado run every `async def` test."""
    for item in items:
        if isinstance(item, pytest.Function) and inspect.iscoroutinefunction(item.obj):
            item.add_marker(pytest.mark.gen_test(timeout=60))


@pytest.fixture
def io_loop() -> Iterator[IOLoop]:
    """The loop of a test; pytest-tornado's own closes descriptors that are not its."""
    loop = IOLoop(make_current=True)
    yield loop
    loop.close()


@pytest.fixture
def api(io_loop: IOLoop) -> Iterator[harness.Api]:
    """The application with an empty store in memory.

    A query that no index serves fails the test that made it (ARCHITECTURE.md, "Storage").
    """
    running: harness.Api = io_loop.run_sync(harness.start)
    yield running
    io_loop.run_sync(running.close)
    scans = [plan for plan in running.plans if not plan[2].uses_index]
    assert not scans, f"queries without an index: {scans}"
