"""What every script has: help, and its row in the README."""

import importlib
from pathlib import Path

import pytest

from config.bootstrap import Agora
from config.settings import Settings
from repositories.embedded.errors import StoreUnavailable
from repositories.errors import StorageUnavailable
from scripts import export_user, import_catalog, maintenance, options

ROOT = Path(__file__).parents[2]
# Modules that scripts share, which are none themselves.
SHARED = {"__init__", "marked_page", "options", "server_process"}
SCRIPTS = sorted({path.stem for path in (ROOT / "scripts").glob("*.py")} - SHARED)


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_script_is_in_the_readme(name):
    assert f"`python -m scripts.{name}" in (ROOT / "README.md").read_text()


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_script_has_help(name, capsys):
    with pytest.raises(SystemExit) as ended:
        importlib.import_module(f"scripts.{name}").main(["--help"])
    assert ended.value.code == 0
    assert "show this help message" in capsys.readouterr().out


@pytest.mark.parametrize("raised", [StorageUnavailable, StoreUnavailable])
def test_a_storage_that_gives_out_meanwhile_is_told_in_a_line(raised: type[Exception], capsys):
    async def work(agora: Agora) -> int:
        raise raised("The disk is full.")

    assert options.run(work, Settings(storage="memory")) == options.FAILED
    told = "The disk is full. What was done before stays; run it again.\n"
    assert capsys.readouterr().err == told


@pytest.mark.parametrize(
    ("script", "arguments"),
    [
        (maintenance, ()),
        (maintenance, ("--dry-run",)),
        (export_user, ("out.zip", "--phone=user1")),
        (import_catalog, ("products.csv", "--dry-run")),
    ],
)
def test_where_there_is_no_store_none_is_made(tmp_path, capsys, script, arguments):
    data_dir = tmp_path / "mistyped"
    assert script.main([*arguments, f"--data-dir={data_dir}"]) == options.UNUSABLE
    told = f"There is no store in {data_dir}. Name the server's --data-dir.\n"
    assert capsys.readouterr().err == told
    assert not data_dir.exists()


def test_an_error_of_the_script_itself_is_not_hidden():
    async def work(agora: Agora) -> int:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        options.run(work, Settings(storage="memory"))
