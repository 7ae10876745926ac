"""What an index is: its fields and options, and which keys a document has in it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from pymongo.errors import OperationFailure
from pymongo.operations import IndexModel

from repositories.embedded.keys import KeyExtractor
from repositories.embedded.match import compile_filter
from repositories.embedded.partial import check_expression
from repositories.embedded.paths import exists
from repositories.embedded.refusals import refused, unsupported

ID_INDEX_NAME: Final = "_id_"
CANNOT_CREATE_INDEX: Final = 67
INVALID_OPTIONS: Final = 72
_OPTIONS: Final[dict[str, Any]] = {
    "unique": bool,
    "sparse": bool,
    "expireAfterSeconds": (int, float),
}
#: Accepted and without meaning here: indexes are always built in one go.
_IGNORED: Final = frozenset({"background", "v", "ns"})


class Index:
    """One index of a collection.

    `multikey` tells that some document has, or had, several keys, or one that is an element
    of an array. Rows of such an index have to be told apart by document, and it gives no order.
    """

    __slots__ = (
        "_covers",
        "_extract",
        "definition",
        "expire_after_seconds",
        "fields",
        "key_column",
        "multikey",
        "name",
        "number",
        "partial",
        "roots",
        "sparse",
        "unique",
    )

    def __init__(self, number: int, definition: Mapping[str, Any], *, multikey: bool = False):
        self.number = number
        self.definition = dict(definition)
        self.name: str = definition["name"]
        self.fields: tuple[tuple[str, int], ...] = tuple(definition["key"].items())
        self.unique: bool = definition.get("unique", False)
        self.sparse: bool = definition.get("sparse", False)
        self.partial: dict[str, Any] | None = definition.get("partialFilterExpression")
        self.expire_after_seconds: float | None = definition.get("expireAfterSeconds")
        self.multikey = multikey
        self.key_column = "key"
        self.roots = frozenset(path.partition(".")[0] for path in self.all_paths())
        self._extract = KeyExtractor(self.fields).extract
        self._covers = self._membership()

    @classmethod
    def from_definition(
        cls, number: int, definition: Mapping[str, Any], *, multikey: bool = False
    ) -> "Index":
        """The index that `definition`, a document as `listIndexes` answers it, describes."""
        return cls(number, definition, multikey=multikey)

    @property
    def table(self) -> str:
        """The table of its rows, each a key and the `rid` of a document."""
        return f"{'m' if self.multikey else 'i'}_{self.number}"

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths of its fields."""
        return tuple(path for path, _ in self.fields)

    def all_paths(self) -> set[str]:
        """Every path that decides about a document's keys."""
        return {*self.paths, *_paths_of(self.partial or {})}

    def keys_of(self, doc: Mapping[str, Any]) -> tuple[list[bytes], bool]:
        """The keys of `doc`, and whether an array was met; none if the index leaves it out."""
        if self._covers is not None and not self._covers(doc):
            return [], False
        return self._extract(doc)

    def _membership(self) -> Callable[[Any], Any] | None:
        if self.partial is not None:
            return compile_filter(self.partial)
        if self.sparse:
            paths = self.paths
            return lambda doc: any(exists(doc, path) for path in paths)
        return None


class IdIndex(Index):
    """The index on `_id`, which is a unique column of the collection's own table."""

    __slots__ = ("_table",)

    def __init__(self, table: str):
        super().__init__(0, {"v": 2, "key": {"_id": 1}, "name": ID_INDEX_NAME, "unique": True})
        self._table = table
        self.key_column = "id"

    @property
    def table(self) -> str:
        """The collection's table."""
        return self._table


def id_index(table: str) -> IdIndex:
    """The index on `_id` of the collection kept in `table`."""
    return IdIndex(table)


def _paths_of(filter: Mapping[str, Any]) -> set[str]:
    paths: set[str] = set()
    for name, condition in filter.items():
        if name.startswith("$"):
            for part in condition:
                paths |= _paths_of(part)
        else:
            paths.add(name)
    return paths


def definition_of(keys: Any, options: Mapping[str, Any]) -> dict[str, Any]:
    """The definition of an index from the arguments of `create_index`.

    Raises OperationFailure naming the field or option that the store does not have.
    """
    model = IndexModel(keys, **options)
    document = dict(model.document)
    definition: dict[str, Any] = {"v": 2, "key": dict(document.pop("key"))}
    definition["name"] = document.pop("name")
    _check_keys(definition["key"])
    for option, value in document.items():
        if option in _IGNORED:
            continue
        if option == "partialFilterExpression":
            _check_partial(value)
            definition[option] = dict(value)
        elif option in _OPTIONS:
            _check_option(option, value)
            if value is not False:
                definition[option] = value
        else:
            raise unsupported(f"the index option {option}", INVALID_OPTIONS)
    _check_combination(definition)
    return definition


def _check_keys(keys: Mapping[str, Any]) -> None:
    for path, direction in keys.items():
        if direction not in (1, -1) or isinstance(direction, bool):
            raise unsupported(f"an index of kind {direction!r} on {path}", CANNOT_CREATE_INDEX)
        if not path or path.startswith("$") or "" in path.split("."):
            raise refused(f"Index keys cannot contain an empty or $ field: {path!r}.", 67)


def _check_option(option: str, value: Any) -> None:
    wanted = _OPTIONS[option]
    if not isinstance(value, wanted) or (wanted is not bool and isinstance(value, bool)):
        raise refused(f"The index option {option} has the wrong type: {value!r}.", 14)


def _check_partial(expression: Any) -> None:
    if not isinstance(expression, Mapping):
        raise refused("partialFilterExpression must be an object.", 14)
    check_expression(expression)


def _check_combination(definition: Mapping[str, Any]) -> None:
    if "sparse" in definition and "partialFilterExpression" in definition:
        raise refused("An index cannot be sparse and partial at once.", INVALID_OPTIONS)
    if "expireAfterSeconds" in definition and len(definition["key"]) != 1:
        raise refused("TTL indexes are single-field indexes.", CANNOT_CREATE_INDEX)
    if list(definition["key"]) == ["_id"]:
        options = set(definition) - {"v", "key", "name"}
        if options - {"unique"}:
            raise refused(f"The index on _id takes no options: {sorted(options)}.", 197)


def is_made_as(index: Index, definition: Mapping[str, Any]) -> bool:
    """Whether `index` is exactly as `definition` says."""
    same_order = list(index.fields) == list(definition["key"].items())
    return same_order and index.definition == definition


def same_index(index: Index, definition: Mapping[str, Any]) -> bool:
    """Whether making `definition` would only repeat `index`.

    Raises OperationFailure, as MongoDB does, when one of name and keys is taken by an index
    that is otherwise different.
    """
    same_keys = list(index.fields) == list(definition["key"].items())
    if index.name != definition["name"] and not same_keys:
        return False
    options = ("unique", "sparse", "expireAfterSeconds", "partialFilterExpression")
    same_options = all(index.definition.get(name) == definition.get(name) for name in options)
    if index.name == definition["name"] and same_keys and same_options:
        return True
    if same_keys and index.name == ID_INDEX_NAME:
        return True
    if index.name != definition["name"]:
        if index.partial != definition.get("partialFilterExpression"):
            return False
        raise OperationFailure(f"Index already exists with a different name: {index.name}", 85)
    raise OperationFailure(
        f"An existing index has the same name as the requested index {index.name}, and "
        "other keys or options. Drop it first.",
        85 if same_keys else 86,
    )


def models_of(indexes: Sequence[IndexModel]) -> list[tuple[Any, dict[str, Any]]]:
    """Keys and options of PyMongo's `IndexModel`s."""
    models = []
    for index in indexes:
        if not isinstance(index, IndexModel):
            raise TypeError(f"{index!r} must be an instance of pymongo.operations.IndexModel")
        options = dict(index.document)
        models.append((list(options.pop("key").items()), options))
    return models
