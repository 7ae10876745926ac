"""Stores that scripts are tried on: seeded once a file, copied for each test."""

import shutil
from pathlib import Path

import pytest

from scripts import seed


@pytest.fixture(scope="module")
def seeded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with the documents' examples, and what the file's SEEDED asks for."""
    data_dir = tmp_path_factory.mktemp("seeded")
    more = getattr(request.module, "SEEDED", ())
    assert seed.main([f"--data-dir={data_dir}", "--bcrypt-cost=4", *more]) == 0
    return data_dir


@pytest.fixture
def data_dir(seeded: Path, tmp_path: Path) -> Path:
    """One of these of a test's own."""
    return Path(shutil.copytree(seeded, tmp_path / "data"))
