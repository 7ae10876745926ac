"""Projections: which fields of a document an answer has."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from repositories.embedded.paths import split
from repositories.embedded.refusals import refused, unsupported

Document = dict[str, Any]
Projector = Callable[[Document], Document]

_PATH_COLLISION = 31249
_INCLUSION_IN_EXCLUSION = 31253
_EXCLUSION_IN_INCLUSION = 31254

#: The paths of a projection as a tree; None ends a path.
Tree = dict[str, "Tree | None"]


def compile_projection(projection: Mapping[str, Any] | Iterable[str] | None) -> Projector:
    """The function that keeps, or drops, the fields that a projection names.

    Takes a mapping or a list of names, as PyMongo does; an empty one keeps everything.
    Raises `OperationFailure` for mixed kinds, for paths within each other, and, by name,
    for what is not supported.
    """
    fields = _as_mapping(projection)
    if not fields:
        return lambda doc: doc
    for path, value in fields.items():
        _refuse_operators(path, value)
    with_id = bool(fields.get("_id", True))
    rest = {path: bool(value) for path, value in fields.items() if path != "_id"}
    keeps = _keeps(rest) if rest else with_id
    tree = _tree(rest)
    if keeps == with_id:
        tree["_id"] = None
    if keeps:
        return _top_level_keeper(tree) if not any(tree.values()) else _keeper(tree)
    return lambda doc: _without(doc, tree)


def _as_mapping(projection: Mapping[str, Any] | Iterable[str] | None) -> Mapping[str, Any]:
    if projection is None:
        return {}
    if isinstance(projection, Mapping):
        return projection
    if isinstance(projection, str):
        raise TypeError("projection must be a mapping or a list of field names")
    names = list(projection)
    if not all(isinstance(name, str) for name in names):
        raise TypeError("projection must be a list of field names, each an instance of str")
    return dict.fromkeys(names, True)


def _refuse_operators(path: str, value: Any) -> None:
    if isinstance(value, Mapping):
        raise unsupported(f"{next(iter(value), '{}')} in the projection of '{path}'")
    if not isinstance(value, (bool, int, float)):
        raise unsupported(f"the value {value!r} in the projection of '{path}'")
    parts = split(path)
    for part in parts:
        if part.startswith("$"):
            raise unsupported(f"{part} in the projected path '{path}'")
    if not all(parts):
        raise refused(f"The projected path '{path}' has an empty field name.", 15998)


def _keeps(fields: Mapping[str, bool]) -> bool:
    keeps = next(iter(fields.values()))
    for path, value in fields.items():
        if value and not keeps:
            raise refused(
                f"Cannot do inclusion on field {path} in exclusion projection",
                _INCLUSION_IN_EXCLUSION,
            )
        if keeps and not value:
            raise refused(
                f"Cannot do exclusion on field {path} in inclusion projection",
                _EXCLUSION_IN_INCLUSION,
            )
    return keeps


def _tree(paths: Iterable[str]) -> Tree:
    root: Tree = {}
    for path in paths:
        *parents, name = split(path)
        node = root
        for parent in parents:
            below = node.setdefault(parent, {})
            if below is None:
                raise refused(f"Path collision at {path}", _PATH_COLLISION)
            node = below
        if name in node:
            raise refused(f"Path collision at {path}", _PATH_COLLISION)
        node[name] = None
    return root


def _top_level_keeper(names: Tree) -> Projector:
    return lambda doc: {name: value for name, value in doc.items() if name in names}


def _keeper(tree: Tree) -> Projector:
    return lambda doc: _only(doc, tree)


def _only(doc: Mapping[str, Any], tree: Tree) -> Document:
    kept: Document = {}
    for name, value in doc.items():
        if name not in tree:
            continue
        below = tree[name]
        if below is None:
            kept[name] = value
        elif isinstance(value, Mapping):
            kept[name] = _only(value, below)
        elif isinstance(value, list):
            kept[name] = _only_in_array(value, below)
    return kept


def _only_in_array(array: list[Any], tree: Tree) -> list[Any]:
    """Of an array the objects stay, with their kept fields; plain elements do not."""
    return [
        _only(element, tree) if isinstance(element, Mapping) else _only_in_array(element, tree)
        for element in array
        if isinstance(element, (Mapping, list))
    ]


def _without(doc: Mapping[str, Any], tree: Tree) -> Document:
    left: Document = {}
    for name, value in doc.items():
        below = tree.get(name, _NOT_NAMED)
        if below is not None:
            left[name] = _without_in(value, below) if below else value
    return left


_NOT_NAMED: Tree = {}


def _without_in(value: Any, tree: Tree) -> Any:
    if isinstance(value, Mapping):
        return _without(value, tree)
    if isinstance(value, list):
        return [_without_in(element, tree) for element in value]
    return value
