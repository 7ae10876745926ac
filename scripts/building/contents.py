"""What goes into the one file: the product, and the libraries that it is tested with here."""

import re
import shutil
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("config", "handlers", "services", "repositories", "scripts", "server.py")
# Swagger UI's files are read where they lie; what would serve them by Flask is not needed.
_LEFT_OUT = {"flask"}
# What compiled modules are made from, and what type checkers read.
_SOURCES = {".c", ".h", ".pxd", ".pyi", ".pyx", ".pyc"}
_BEHIND_A_NAME = re.compile(r"[^A-Za-z0-9._-]")


class NotInstalled(Exception):
    """A library that the product needs is not in this Python."""

    def __init__(self, name: str):
        super().__init__(
            f"{name} is not installed here. Install what requirements.txt lists, then build with "
            "the same Python."
        )


def product_files() -> Iterator[tuple[Path, Path]]:
    """Each file of the product, and where it goes."""
    for name in PRODUCT:
        path = ROOT / name
        for file in sorted(path.rglob("*")) if path.is_dir() else (path,):
            if file.is_file() and "__pycache__" not in file.parts:
                yield file, file.relative_to(ROOT)


def library_files() -> Iterator[tuple[Path, Path]]:
    """Each file of the libraries of requirements.txt, and where it goes. Raises NotInstalled."""
    for distribution in _with_what_they_need(_required()):
        for file in distribution.files or ():
            # What is beside the packages are commands (../../../bin); RECORD names them too.
            if ".." not in file.parts and file.suffix not in _SOURCES:
                yield Path(str(distribution.locate_file(file))), Path(file)


def copy(files: Iterable[tuple[Path, Path]], directory: Path) -> None:
    """Put each file into its place in `directory`."""
    for source, place in files:
        target = directory / place
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)


def _required() -> list[str]:
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    return [line for line in lines if line.strip() and not line.startswith("#")]


def _with_what_they_need(required: list[str]) -> list[metadata.Distribution]:
    """The distributions of these requirements, of those that they require, and so on."""
    found: dict[str, metadata.Distribution] = {}
    waiting = list(required)
    while waiting:
        requirement = waiting.pop()
        name, marker = _name(requirement), requirement.partition(";")[2]
        if name in found or name in _LEFT_OUT or "extra" in marker:
            continue
        try:
            found[name] = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            if marker:  # for another platform, or another Python
                continue
            raise NotInstalled(name) from None
        waiting += found[name].requires or ()
    return [found[name] for name in sorted(found)]


def _name(requirement: str) -> str:
    return re.sub(r"[-_.]+", "-", _BEHIND_A_NAME.split(requirement)[0]).lower()
