"""The secret behind access tokens: made once, kept, or given (CONTRACT section 8)."""

import asyncio
import stat
import threading
from pathlib import Path
from typing import Any

import pytest

from config.bootstrap import bootstrap
from config.settings import SettingError, Settings
from repositories.storage import open_storage


def start_and_stop(**settings: Any) -> str | None:
    """What the product says when it can't start; None when it starts."""

    async def run() -> str | None:
        chosen = Settings(bcrypt_cost=4, **settings)
        try:
            agora = await bootstrap(chosen)
        except SettingError as problem:
            return str(problem)
        await agora.close()
        return None

    return asyncio.run(run())


def test_it_is_made_once_for_its_owner_only_and_used_again(tmp_path: Path):
    assert start_and_stop(data_dir=tmp_path) is None
    file = tmp_path / "jwt-secret"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    made = file.read_text()
    assert len(made.strip()) == 64
    assert start_and_stop(data_dir=tmp_path) is None
    assert file.read_text() == made
    assert list(tmp_path.glob("jwt-secret*")) == [file]


def test_two_data_directories_have_two_secrets(tmp_path: Path):
    for name in ("one", "other"):
        assert start_and_stop(data_dir=tmp_path / name) is None
    one, other = ((tmp_path / name / "jwt-secret").read_text() for name in ("one", "other"))
    assert one != other


def test_a_given_one_is_not_written_anywhere(tmp_path: Path):
    secret = "given and long enough to be one, surely"
    assert start_and_stop(data_dir=tmp_path, jwt_secret=secret) is None
    assert not (tmp_path / "jwt-secret").exists()


@pytest.mark.parametrize(
    "content", [b"cut", bytes(65), b"\xff" * 65], ids=["cut", "zeros", "no text"]
)
def test_a_damaged_one_stops_the_start_and_leaves_nothing_open(tmp_path: Path, content: bytes):
    assert start_and_stop(data_dir=tmp_path) is None
    file = tmp_path / "jwt-secret"
    file.write_bytes(content)
    threads = set(threading.enumerate())
    expected = (
        f"{file} is damaged. Delete it: another is made at start, and access tokens, codes and "
        "links in mails are void then."
    )
    assert start_and_stop(data_dir=tmp_path) == expected
    assert set(threading.enumerate()) == threads
    assert file.read_bytes() == content


def test_with_mongodb_it_is_asked_for_before_anything_is_connected(tmp_path: Path):
    said = start_and_stop(storage="mongodb://127.0.0.1:1/agora", data_dir=tmp_path)
    assert said is not None
    assert said.startswith("--jwt-secret is required with MongoDB: ")


def test_in_memory_there_is_one_a_start(tmp_path: Path):
    assert start_and_stop(storage="memory", data_dir=tmp_path) is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "settings", [{"smtp_url": "nonsense"}, {"mail_from": "no address", "smtp_url": "smtp://h"}]
)
def test_mail_settings_that_do_not_fit_stop_the_start(tmp_path: Path, settings: dict):
    assert start_and_stop(data_dir=tmp_path, **settings) is not None


def test_a_storage_that_was_handed_in_is_used(tmp_path: Path):
    async def run() -> bool:
        storage = await open_storage("memory", tmp_path)
        agora = await bootstrap(Settings(storage="memory", bcrypt_cost=4), storage=storage)
        is_used = agora.storage is storage
        await agora.close()
        return is_used

    assert asyncio.run(run())
