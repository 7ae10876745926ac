"""The tree as a whole: who may import what (ARCHITECTURE.md, STYLE.md)."""

import ast
import functools
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LAYERS = ("server", "config", "handlers", "services", "repositories")
# What a layer may import of the product; each reaches down, and none up.
BELOW = {
    "repositories": {"repositories"},
    "services": {"services", "repositories"},
    "handlers": {"handlers", "services", "repositories.errors", "repositories.types"},
    "config": {"config", "services", "repositories"},
}
# The names of PyMongo that describe a query or an index, whichever driver sends it.
DESCRIPTIONS = {"ASCENDING", "DESCENDING", "IndexModel", "ReturnDocument"}
OUTSIDE_REPOSITORIES = {"services", "handlers", "config", "scripts"}
MAX_LINES = 450


def _files(*folders: str) -> list[Path]:
    """Every file of some layers; a benchmark also measures what lies below ours."""
    found = (path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    return sorted(path for path in found if "bench" not in path.parts)


@dataclass(frozen=True)
class Module:
    """What a file says of itself, and each module that it imports with the name taken or ''."""

    docstring: str | None
    imports: tuple[tuple[str, str], ...]


@functools.cache
def _module(path: Path) -> Module:
    """What is looked at of a file, parsed once for all tests."""
    tree = ast.parse(path.read_text())
    imports: list[tuple[str, str]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imports += ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            imports += ((node.module or "", alias.name) for alias in node.names)
    return Module(ast.get_docstring(tree), tuple(imports))


def _imports(path: Path) -> tuple[tuple[str, str], ...]:
    return _module(path).imports


def _importers(*folders: str, of: str) -> set[str]:
    return {
        str(path.relative_to(ROOT))
        for path in _files(*folders)
        for module, _ in _imports(path)
        if module.partition(".")[0] == of
    }


@pytest.mark.parametrize("layer", BELOW)
def test_imports_point_downwards(layer: str):
    upwards = [
        f"{path.relative_to(ROOT)} imports {module}"
        for path in _files(layer)
        for module, _ in _imports(path)
        if module.partition(".")[0] in (*LAYERS, "scripts", "tests")
        and module not in BELOW[layer]
        and module.partition(".")[0] not in BELOW[layer]
    ]
    assert upwards == []


def test_services_know_no_http():
    assert _importers("services", "repositories", of="tornado") == set()
    assert _importers("services", "repositories", of="http") == set()


def test_only_the_choice_of_storage_imports_a_driver():
    everywhere = (*LAYERS[1:], "scripts")
    assert _importers(*everywhere, of="motor") == {"repositories/storage.py"}
    outside = _importers(*everywhere, of="apsw")
    assert {path for path in outside if not path.startswith("repositories/embedded/")} == set()


def test_only_repositories_know_pymongo():
    assert _importers(*OUTSIDE_REPOSITORIES, of="pymongo") == set()
    assert _importers(*OUTSIDE_REPOSITORIES, of="gridfs") == set()


def test_repositories_take_only_descriptions_and_errors_from_pymongo():
    engine = (ROOT / "repositories" / "embedded", ROOT / "repositories" / "storage.py")
    taken = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in _files("repositories")
        if not any(path.is_relative_to(part) for part in engine)
        for module, name in _imports(path)
        if module.partition(".")[0] == "pymongo"
        and module != "pymongo.errors"
        and name not in DESCRIPTIONS
    ]
    assert taken == []


def test_a_family_leaves_the_other_families_alone():
    families = {"forum", "sociox", "lms", "shop"}
    crossing = [
        f"{path.relative_to(ROOT)} imports {module}"
        for path in _files("handlers", "services", "repositories")
        for module, _ in _imports(path)
        if families & set(path.parts) and families & set(module.split(".")) - set(path.parts)
    ]
    assert crossing == []


def test_a_file_is_small_enough_to_be_read():
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text().splitlines())
        for path in _files(*LAYERS[1:], "scripts")
    }
    assert {path: lines for path, lines in lengths.items() if lines > MAX_LINES} == {}


def test_importing_a_module_says_what_it_is_for():
    silent = [
        str(path.relative_to(ROOT))
        for path in (*_files(*LAYERS[1:], "scripts", "tests"), ROOT / "server.py")
        if not _module(path).docstring
    ]
    assert silent == []
