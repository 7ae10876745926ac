"""What every script has: help, and its row in the README."""

import importlib
from pathlib import Path

import pytest

from config.bootstrap import Agora
from config.settings import Settings
from repositories.embedded.errors import StoreUnavailable
from repositories.errors import StorageUnavailable
from scripts import options

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


def test_an_error_of_the_script_itself_is_not_hidden():
    async def work(agora: Agora) -> int:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        options.run(work, Settings(storage="memory"))
