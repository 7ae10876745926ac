"""The application with a provider on the loopback in Google's place."""

from collections.abc import Iterator
from typing import Any

import pytest
from tornado.ioloop import IOLoop

from tests.google_provider import Provider


@pytest.fixture
def provider(io_loop: IOLoop) -> Iterator[Provider]:
    """What stands for Google."""

    async def start() -> Provider:
        return Provider()

    running: Provider = io_loop.run_sync(start)
    yield running
    io_loop.run_sync(running.stop)


@pytest.fixture
def given_settings(provider: Provider) -> dict[str, Any]:
    """The application asks the provider of the test."""
    return provider.settings
