"""Whether a partial index holds every document that a filter means."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from repositories.embedded.conditions import is_operators
from repositories.embedded.match import compile_filter
from repositories.embedded.predicates import Filter, Predicate, Predicates
from repositories.embedded.refusals import unsupported
from repositories.embedded.values import compare, rank

_OPERATORS: Final = frozenset({"$eq", "$exists", "$gt", "$gte", "$lt", "$lte", "$type", "$in"})
_CANNOT_CREATE_INDEX: Final = 67


def check_expression(expression: Mapping[str, Any]) -> None:
    """Refuse what a partialFilterExpression cannot say.

    Its conditions have to hold for a whole array as soon as they hold for one element, so
    `$ne` and the like are left out, as in MongoDB (manual, "Partial Indexes").
    """
    compile_filter(expression)
    for name, operand in _conditions(expression):
        if name.startswith("$"):
            raise unsupported(f"{name} in a partialFilterExpression", _CANNOT_CREATE_INDEX)
        for operator, value in operand.items() if is_operators(operand) else ():
            if operator not in _OPERATORS or (operator == "$exists" and not value):
                raise unsupported(
                    f"{operator}: {value!r} in a partialFilterExpression", _CANNOT_CREATE_INDEX
                )


def _conditions(expression: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, operand in expression.items():
        if name == "$and":
            for part in operand:
                yield from _conditions(part)
        else:
            yield name, operand


def implies(filter: Filter, predicates: Predicates, expression: Mapping[str, Any]) -> bool:
    """Whether every document that `filter` means also meets `expression`."""
    return all(
        _implies_condition(filter, predicates.by_path.get(path, []), path, operand)
        for path, operand in _conditions(expression)
    )


def _implies_condition(filter: Filter, given: list[Predicate], path: str, operand: Any) -> bool:
    if path in filter and filter[path] == operand:
        return True
    conditions = operand if is_operators(operand) else {"$eq": operand}
    return all(
        any(_implies_operator(filter, predicate, path, operator, value) for predicate in given)
        for operator, value in conditions.items()
    )


def _implies_operator(
    filter: Filter, predicate: Predicate, path: str, operator: str, value: Any
) -> bool:
    if predicate.in_element:
        return False
    if operator == "$exists":
        return predicate.implies_existence(filter)
    if predicate.is_equality():
        matches = compile_filter({path: {operator: value}})
        values = predicate.values(filter)
        # A search for null also means documents without the field.
        return all(known is not None and matches(_with(path, known)) for known in values)
    bound = predicate.value(filter)
    return operator[:3] == predicate.operator[:3] and _is_within(
        predicate.operator, bound, operator, value
    )


def _is_within(inner: str, bound: Any, outer: str, limit: Any) -> bool:
    """Whether `inner` `bound` allows only what `outer` `limit`, in the same direction, does."""
    if rank(bound) != rank(limit):
        return False
    order = compare(bound, limit)
    if order == 0:
        return inner == outer or outer.endswith("e")
    return order > 0 if outer.startswith("$g") else order < 0


def _with(path: str, value: Any) -> dict[str, Any]:
    first, _, rest = path.partition(".")
    return {first: _with(rest, value) if rest else value}
