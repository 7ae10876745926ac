"""Tests of the whole route table: one server a file, as there are hundreds that change nothing."""

import asyncio
from collections.abc import Iterator

import pytest
from tornado.ioloop import IOLoop

from tests import harness


@pytest.fixture(scope="module")
def io_loop() -> Iterator[IOLoop]:
    """The loop of all tests of a file."""
    loop = IOLoop(make_current=False)
    asyncio.set_event_loop(loop.asyncio_loop)
    yield loop
    asyncio.set_event_loop(None)
    loop.close()


@pytest.fixture(scope="module")
def api(io_loop: IOLoop) -> Iterator[harness.Api]:
    """The application of all tests of a file, with an empty store at the first.

    With all that settings can add to what it answers.
    """
    running: harness.Api = io_loop.run_sync(lambda: harness.start(dev_clock=True))
    yield running
    io_loop.run_sync(running.close)
    scans = [plan for plan in running.plans if not plan[2].uses_index]
    assert not scans, f"queries without an index: {scans}"
