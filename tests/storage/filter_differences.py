"""Where mongomock filters otherwise than MongoDB's manual, and the embedded store with it.

Each difference has a number, a sentence, the cases it is limited to, and an example that
`test_language_oracle` runs on both. The random tests leave out these cases and no others.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from repositories.embedded.conditions import is_operators
from repositories.embedded.paths import as_index, leaves, split
from repositories.embedded.values import MISSING, equal

Document = Mapping[str, Any]
EQUALITIES = ("implicit", "$eq", "$ne")
MEMBERSHIPS = ("$in", "$nin")
NESTING = ("$not", "$elemMatch")


class Clause(NamedTuple):
    """One operator of a filter on one path, and the document it is asked about.

    `siblings` are the operators beside it; an operand without operators is `implicit`.
    """

    path: str
    operator: str
    operand: Any
    siblings: Sequence[str]
    doc: Document

    @property
    def found(self) -> list[Any]:
        """What the path leads to."""
        return [leaf.value for leaf in leaves(self.doc, split(self.path))]


def clauses_of(filter: Mapping[str, Any], doc: Any) -> Iterator[Clause]:
    """Every clause of a filter, also those inside logical operators and `$elemMatch`."""
    for name, operand in filter.items():
        if name in ("$and", "$or", "$nor"):
            for branch in operand:
                yield from clauses_of(branch, doc)
        elif is_operators(operand):
            yield from _clauses_on(name, operand, doc)
        else:
            yield Clause(name, "implicit", operand, (), doc)


def _clauses_on(path: str, operators: Mapping[str, Any], doc: Any) -> Iterator[Clause]:
    for operator, operand in operators.items():
        siblings = [other for other in operators if other != operator]
        yield Clause(path, operator, operand, siblings, doc)
        if operator == "$not" and isinstance(operand, Mapping):
            yield from _clauses_on(path, operand, doc)
        if operator == "$elemMatch":
            for array in (leaf.value for leaf in leaves(doc, split(path))):
                for element in array if isinstance(array, list) else ():
                    if is_operators(operand) and next(iter(operand)) not in ("$or", "$nor", "$and"):
                        yield from _clauses_on("field", operand, {"field": element})
                    elif isinstance(element, dict):
                        yield from clauses_of(operand, element)


def parts_of(value: Any) -> Iterator[Any]:
    """A value and every value inside it."""
    yield value
    inside = value.values() if isinstance(value, dict) else value
    if isinstance(value, (dict, list)):
        for part in inside:
            yield from parts_of(part)


def _pairs_that_python_compares_otherwise(clause: Clause) -> Iterator[tuple[Any, Any]]:
    if clause.operator in NESTING:
        return
    for stored in clause.found:
        for a in parts_of(stored):
            for b in parts_of(clause.operand):
                if a is not MISSING and (a == b) != equal(a, b):
                    yield a, b


def _bool_as_number(clause: Clause) -> bool:
    return any(not isinstance(a, float) or a == a for a, b in _unequal(clause, (bool, int, float)))


def _unequal(clause: Clause, kinds: Any) -> list[tuple[Any, Any]]:
    pairs = list(_pairs_that_python_compares_otherwise(clause))
    return [(a, b) for a, b in pairs if isinstance(a, kinds) and isinstance(b, kinds)]


def _field_order(clause: Clause) -> bool:
    return bool(_unequal(clause, dict))


def _nan(clause: Clause) -> bool:
    return any(a != a and b != b for a, b in _unequal(clause, float))


def _through_scalar(clause: Clause) -> bool:
    return "." in clause.path and meets(
        clause.doc, split(clause.path), lambda node, _: not isinstance(node, (dict, list))
    )


def _index_in_path(clause: Clause) -> bool:
    return meets(
        clause.doc,
        split(clause.path),
        lambda node, part: isinstance(node, list) and as_index(part) is not None,
    )


def meets(node: Any, parts: Sequence[str], test: Callable[[Any, str], bool]) -> bool:
    """Whether some node on the way of a path, with the next component, passes the test."""
    if not parts or node is MISSING:
        return False
    if test(node, parts[0]):
        return True
    if isinstance(node, dict):
        return meets(node.get(parts[0], MISSING), parts[1:], test)
    inside = node if isinstance(node, list) else ()
    return any(meets(element, parts, test) for element in inside if isinstance(element, dict))


def _negation_of_nothing(clause: Clause) -> bool:
    negated = clause.operator == "$not" or (
        clause.operator in ("$ne", "$nin", "$exists") and bool(clause.siblings)
    )
    return negated and not clause.found


def _several_operators(clause: Clause) -> bool:
    return bool(clause.siblings) and len(clause.found) > 1


def _arrays_in_array(clause: Clause) -> bool:
    operators = ("$eq", "$ne", "$gt", "$gte", "$lt", "$lte")
    return (
        clause.operator in operators
        and isinstance(clause.operand, list)
        and any(isinstance(element, list) for element in _elements(clause))
    )


def _elements(clause: Clause) -> list[Any]:
    return [element for value in clause.found if isinstance(value, list) for element in value]


def _array_in_membership(clause: Clause) -> bool:
    return (
        clause.operator in MEMBERSHIPS
        and any(isinstance(value, list) for value in clause.operand)
        and any(isinstance(value, list) for value in clause.found)
    )


def _missing_as_null(clause: Clause) -> bool:
    return (
        clause.operator in ("$gte", "$lte") and clause.operand is None and MISSING in clause.found
    )


def _size_of_other(clause: Clause) -> bool:
    return clause.operator == "$size" and any(
        (value or value == {}) and not isinstance(value, list) for value in clause.found
    )


def _all(clause: Clause) -> bool:
    if clause.operator != "$all":
        return False
    whole = any(value is None or isinstance(value, (list, dict)) for value in clause.operand)
    nested = any(isinstance(element, list) for element in _elements(clause))
    return not clause.operand or whole or nested or len(clause.found) != 1


def _element_is_no_object(clause: Clause) -> bool:
    if clause.operator != "$elemMatch":
        return False
    on_values = is_operators(clause.operand) and next(iter(clause.operand)) not in (
        "$or", "$nor", "$and",
    )  # fmt: skip
    other = list if on_values else object
    return any(
        isinstance(element, other) and not isinstance(element, dict)
        for element in _elements(clause)
    )


def _some_lack_the_field(clause: Clause) -> bool:
    return (
        clause.operator == "$exists"
        and not clause.operand
        and MISSING in clause.found
        and len(clause.found) > 1
    )


@dataclass(frozen=True)
class Difference:
    """One way in which mongomock is not MongoDB, with a filter and a document that show it.

    `mongomock_matches` is its answer, the manual's is the opposite.
    """

    sentence: str
    applies: Callable[[Clause], bool]
    filter: dict[str, Any]
    doc: dict[str, Any]
    mongomock_matches: bool


FILTER_DIFFERENCES: dict[int, Difference] = {
    1: Difference("Booleans are numbers to it.", _bool_as_number, {"a": 1}, {"a": True}, True),
    2: Difference(
        "Documents equal others whose fields have another order.",
        _field_order,
        {"a": {"x": 1, "y": 2}},
        {"a": {"y": 2, "x": 1}},
        True,
    ),
    3: Difference("NaN does not equal NaN.", _nan, {"a": float("nan")}, {"a": float("nan")}, False),
    4: Difference(
        "A path through a plain value leads nowhere instead of to a missing field.",
        _through_scalar,
        {"a.b": None},
        {"a": 5},
        False,
    ),
    5: Difference(
        "A number in a path is only an index, and looks into what it finds there.",
        _index_in_path,
        {"a.0": 2},
        {"a": [[2, 4]]},
        True,
    ),
    6: Difference(
        "A negation fails where an array on the path has no objects.",
        _negation_of_nothing,
        {"a.b": {"$not": {"$eq": 1}}},
        {"a": []},
        False,
    ),
    7: Difference(
        "All operators on a field have to hold for the same one of several subdocuments.",
        _several_operators,
        {"a.b": {"$gt": 8, "$lt": 2}},
        {"a": [{"b": 1}, {"b": 9}]},
        False,
    ),
    8: Difference(
        "An operator that compares with an array does not look into the array of the document.",
        _arrays_in_array,
        {"a": {"$eq": [1]}},
        {"a": [[1]]},
        False,
    ),
    9: Difference(
        "$in and $nin do not compare with the whole array of the document.",
        _array_in_membership,
        {"a": {"$in": [[1, 2]]}},
        {"a": [1, 2]},
        False,
    ),
    10: Difference(
        "$gte and $lte of null do not match a missing field.",
        _missing_as_null,
        {"a": {"$gte": None}},
        {},
        False,
    ),
    11: Difference(
        "$size also measures objects and plain values.",
        _size_of_other,
        {"a": {"$size": 1}},
        {"a": {"x": 1}},
        True,
    ),
    12: Difference(
        "$all compares the elements of all subdocuments in one list, never whole arrays, "
        "never nothing, and holds when it is empty.",
        _all,
        {"a": {"$all": []}},
        {"a": [1]},
        True,
    ),
    13: Difference(
        "$elemMatch asks filters of plain elements, and looks into elements that are arrays.",
        _element_is_no_object,
        {"a": {"$elemMatch": {"$gt": 2}}},
        {"a": [[5]]},
        True,
    ),
    14: Difference(
        "$exists: false holds when only some of the subdocuments lack the field.",
        _some_lack_the_field,
        {"a.b": {"$exists": False}},
        {"a": [{"b": 1}, {}]},
        True,
    ),
    15: Difference(
        "An empty document in the filter matches a missing field.",
        lambda clause: clause.operator == "implicit" and clause.operand == {},
        {"a": {}},
        {},
        True,
    ),
}


def differences_of_filter(filter: Mapping[str, Any], doc: Document) -> set[int]:
    """The numbers of the known differences that a filter on a document can meet."""
    return {
        number
        for clause in clauses_of(filter, doc)
        for number, difference in FILTER_DIFFERENCES.items()
        if difference.applies(clause)
    }
