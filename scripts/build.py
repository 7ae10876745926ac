"""Make one executable file of the server and its scripts: `python -m scripts.build`."""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path

from tqdm import tqdm

from scripts.building import contents, entry
from scripts.building.contents import ROOT, NotInstalled
from scripts.options import FAILED, OK, UNUSABLE

# Any day will do, as long as it is always the same: zip files hold the time of each file.
_SOURCE_DATE = "1750000000"


def main(arguments: Sequence[str]) -> int:
    """Make one file that runs the server and the scripts, from this Python's own libraries.

    It needs the same Python (3.11, say) and platform where it runs, and nothing else. The same
    files in give the same bytes out.
    """
    parser = argparse.ArgumentParser(
        prog="python -m scripts.build", description=main.__doc__, allow_abbrev=False
    )
    parser.add_argument(
        "--output", type=Path, default=ROOT / "dist" / "agora.pyz", help="[dist/agora.pyz]"
    )
    own = parser.parse_args(arguments)
    if find_spec("shiv") is None:
        print("shiv is not installed here; requirements-dev.txt has it.", file=sys.stderr)
        return UNUSABLE
    try:
        return _build(own.output)
    except (NotInstalled, OSError) as problem:
        print(problem, file=sys.stderr)
        return UNUSABLE


def _build(output: Path) -> int:
    output.parent.mkdir(parents=True, exist_ok=True)
    files = [*contents.product_files(), *contents.library_files()]
    build = build_of_this_checkout()
    unfinished = output.with_name(f"{output.name}.unfinished-{os.getpid()}")
    try:
        with tempfile.TemporaryDirectory() as directory:
            with tqdm(files, unit="file", desc="gathering", disable=None) as progress:
                contents.copy(progress, Path(directory))
            (Path(directory) / entry.BUILD_FILE).write_text(json.dumps(asdict(build)))
            print("Packing.", file=sys.stderr)
            packed = _pack(Path(directory), unfinished)
        if packed.returncode != 0:
            print(packed.stderr.strip(), file=sys.stderr)
            return FAILED
        unfinished.replace(output)
    finally:
        unfinished.unlink(missing_ok=True)
    print(f"{output} is {build}: {output.stat().st_size:,} bytes.")
    return OK


def _pack(directory: Path, output: Path) -> subprocess.CompletedProcess[str]:
    command = (
        *(sys.executable, "-m", "shiv.cli", "--reproducible", "--compile-pyc"),
        *("--python=/usr/bin/env python3", "--entry-point=scripts.building.entry:main"),
        *(f"--site-packages={directory}", f"--output-file={output}"),
    )
    return subprocess.run(  # noqa: S603 - this Python, and paths of our own
        command,
        env={**os.environ, "SOURCE_DATE_EPOCH": _SOURCE_DATE},
        capture_output=True,
        text=True,
        check=False,
    )


def build_of_this_checkout() -> entry.Build:
    """The version, the commit if there is one, and the Python that builds."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    python, platform = entry.this_python()
    return entry.Build(project["version"], _commit(), python, platform)


def _commit() -> str:
    command = ("git", "-C", str(ROOT), "describe", "--always", "--dirty", "--abbrev=12")
    try:
        done = subprocess.run(  # noqa: S603
            command, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return "of no commit"
    return f"commit {done.stdout.strip()}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
