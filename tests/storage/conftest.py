"""The independent server that is reached over the wire."""

import itertools
from collections.abc import Iterator

import pytest

from tests.storage.contract import nx

_databases = itertools.count(1)


@pytest.fixture(scope="session")
def nx_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of an independent server that speaks MongoDB's protocol."""
    with nx.running_server(tmp_path_factory.mktemp("nx")) as port:
        yield port


@pytest.fixture
def nx_url(nx_port: int) -> str:
    """The URL of an empty database on it."""
    return f"mongodb://127.0.0.1:{nx_port}/test_{next(_databases)}"
