"""Where the one file begins: `agora.pyz [SCRIPT] [options]`; without a script, the server."""

import importlib
import json
import sys
import sysconfig
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

# Those that need the checkout (bench, crash, prove, build) are not of use in the one file.
SCRIPTS = (
    "create_admin",
    "seed",
    "import_catalog",
    "check",
    "backup",
    "restore",
    "maintenance",
    "export_user",
    "migrate_storage",
)
BUILD_FILE = "agora-build.json"
_CANNOT_START = 2


@dataclass(frozen=True)
class Build:
    """What the one file was made of, and the Python that its compiled parts fit."""

    version: str
    commit: str
    python: str
    platform: str

    def __str__(self) -> str:
        return f"Agora {self.version}, {self.commit}, for {self.python} on {self.platform}"


def main() -> int:
    """Run the server, or the script that is named first."""
    arguments = sys.argv[1:]
    build = _read_build()
    if arguments == ["--version"]:
        print(build)
        return 0
    if (build.python, build.platform) != this_python():
        print(f"This file is {build}; here is {' on '.join(this_python())}.", file=sys.stderr)
        return _CANNOT_START
    return _run(arguments)


def this_python() -> tuple[str, str]:
    """The Python that runs here, as its compiled modules are named, and its platform."""
    return str(sys.implementation.cache_tag), sysconfig.get_platform()


def _run(arguments: Sequence[str]) -> int:
    if arguments and arguments[0] in SCRIPTS:
        sys.argv = [f"{Path(sys.argv[0]).name} {arguments[0]}", *arguments[1:]]
        module = importlib.import_module(f"scripts.{arguments[0]}")
        return int(module.main(arguments[1:]))
    if arguments and not arguments[0].startswith("-"):
        print(f"There is no {arguments[0]} in it, but {', '.join(SCRIPTS)}.", file=sys.stderr)
        return _CANNOT_START
    code = int(importlib.import_module("server").main(list(arguments)))
    if {"--help", "-h"} & set(arguments):
        print(f"\nThe scripts are in the same file, each with --help: {', '.join(SCRIPTS)}")
    return code


def _read_build() -> Build:
    # By Python's own json: msgspec is compiled, and may not fit the Python that is here.
    return Build(**json.loads((Path(__file__).resolve().parents[2] / BUILD_FILE).read_text()))
