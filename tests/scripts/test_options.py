"""What every script has: help, and its row in the README."""

import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Modules that scripts share, which are none themselves.
SHARED = {"__init__", "options", "server_process"}
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
