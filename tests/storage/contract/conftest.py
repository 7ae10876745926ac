"""Every test of the contract runs on every engine, but where a known difference says not."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tornado.ioloop import IOLoop

from repositories.storage import Storage, open_storage
from tests.storage.contract.differences import DIFFERENCES

ENGINES = ("memory", "embedded", "nx")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "differs(ENGINE=NUMBER): the known difference that keeps the test off an engine"
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "storage" in metafunc.fixturenames:
        metafunc.parametrize("storage", ENGINES, indirect=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what a known difference keeps off an engine; the difference has its own test."""
    left_out = [item for item in items if _difference_of(item) is not None]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if _difference_of(item) is None]


def _difference_of(item: pytest.Item) -> int | None:
    parameters = item.callspec.params if hasattr(item, "callspec") else {}
    for marker in item.iter_markers("differs"):
        unknown = set(marker.kwargs.values()) - set(DIFFERENCES)
        assert not unknown, f"{item.nodeid}: no such difference: {unknown}"
        if parameters.get("storage") in marker.kwargs:
            return int(marker.kwargs[parameters["storage"]])
    return None


@pytest.fixture
def storage(request: pytest.FixtureRequest, io_loop: IOLoop, tmp_path: Path) -> Iterator[Storage]:
    """An empty storage, on each engine in turn."""
    url = request.getfixturevalue("nx_url") if request.param == "nx" else request.param
    yield from _opened(url, io_loop, tmp_path)


@pytest.fixture
def nx_storage(nx_url: str, io_loop: IOLoop, tmp_path: Path) -> Iterator[Storage]:
    """An empty storage on nx-27017."""
    yield from _opened(nx_url, io_loop, tmp_path)


def _opened(url: str, io_loop: IOLoop, directory: Path) -> Iterator[Storage]:
    storage: Storage = io_loop.run_sync(lambda: open_storage(url, directory, allow_standalone=True))
    yield storage
    io_loop.run_sync(storage.close)
