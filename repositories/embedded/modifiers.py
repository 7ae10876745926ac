"""What each update operator makes of the value it finds.

A modifier takes the old value (`MISSING` where there is none) and gives the new one; it
never changes the old one. Source: MongoDB manual, "Update Operators".
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Context, localcontext
from typing import Any

from bson.decimal128 import Decimal128, create_decimal128_context
from bson.int64 import Int64

from repositories.embedded.conditions import REGEXES, has_operators, is_operators
from repositories.embedded.keys import encode_descending, encode_value
from repositories.embedded.match import compile_filter, compile_operand
from repositories.embedded.paths import as_index
from repositories.embedded.refusals import (
    FAILED_TO_PARSE,
    TYPE_MISMATCH,
    unsupported,
    write_refused,
)
from repositories.embedded.values import MISSING, Rank, compare, equal, rank

#: From the old value and the time of the update to the new value.
Modifier = Callable[[Any, datetime], Any]

_ARRAYS = (list, tuple)
_INT64 = range(-(2**63), 2**63)
#: MongoDB turns a double into a decimal of this many digits before it calculates.
_DIGITS_OF_DOUBLE = 15


def compile_modifier(operator: str, path: str, operand: Any) -> Modifier:
    """The modifier that an operator and its operand state for the field at `path`.

    Raises `WriteError` for a bad operand, `OperationFailure` for what is not supported.
    """
    return _COMPILERS[operator](path, operand)


def _set(_path: str, operand: Any) -> Modifier:
    return lambda _old, _now: operand


def _unset(_path: str, _operand: Any) -> Modifier:
    return lambda _old, _now: MISSING


def _current_date(path: str, operand: Any) -> Modifier:
    if isinstance(operand, Mapping) and set(operand) == {"$type"}:
        if operand["$type"] == "timestamp":
            raise unsupported("$currentDate of the type timestamp")
        is_date = operand["$type"] == "date"
    else:
        is_date = isinstance(operand, bool)
    if not is_date:
        raise write_refused(
            f"$currentDate of '{path}' takes true or {{$type: 'date'}}, not {operand!r}"
        )
    return lambda _old, now: _stored(now)


def _stored(moment: datetime) -> datetime:
    """A time as it comes back from BSON: in UTC, in whole milliseconds."""
    moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _is_number(value: Any) -> bool:
    return value is not MISSING and rank(value) is Rank.NUMBER


def _arithmetic(operator: str, verb: str, calculate: Callable[[Any, Any], Any]) -> Callable:
    def compiler(path: str, operand: Any) -> Modifier:
        if not _is_number(operand):
            raise write_refused(
                f"Cannot {verb} with non-numeric argument: {{{path}: {operand!r}}}", TYPE_MISMATCH
            )

        def modifier(old: Any, _now: datetime) -> Any:
            if old is MISSING:
                # $mul of nothing is zero of the operand's type.
                return operand if operator == "$inc" else _calculated(calculate, operand, 0)
            if not _is_number(old):
                raise write_refused(
                    f"Cannot apply {operator} to a value of non-numeric type. "
                    f"The field '{path}' holds {old!r}.",
                    TYPE_MISMATCH,
                )
            return _calculated(calculate, old, operand)

        return modifier

    return compiler


def _calculated(calculate: Callable[[Any, Any], Any], a: Any, b: Any) -> Any:
    """The result in the widest type of the two: int, long, double, decimal."""
    if isinstance(a, Decimal128) or isinstance(b, Decimal128):
        with localcontext(create_decimal128_context()):
            return Decimal128(calculate(_as_decimal(a), _as_decimal(b)))
    if isinstance(a, float) or isinstance(b, float):
        return float(calculate(float(a), float(b)))
    result = calculate(int(a), int(b))
    if result not in _INT64:
        raise write_refused(f"The result {result} of $inc or $mul does not fit into 64 bits.")
    return Int64(result) if isinstance(a, Int64) or isinstance(b, Int64) else result


def _as_decimal(value: Any) -> Any:
    if isinstance(value, Decimal128):
        return value.to_decimal()
    if isinstance(value, float):
        return Context(prec=_DIGITS_OF_DOUBLE).create_decimal_from_float(value)
    return create_decimal128_context().create_decimal(value)


def _extreme(wanted: int) -> Callable[[str, Any], Modifier]:
    """`$min` (-1) and `$max` (1), by the order of all values."""

    def compiler(_path: str, operand: Any) -> Modifier:
        def modifier(old: Any, _now: datetime) -> Any:
            return operand if old is MISSING or compare(operand, old) == wanted else old

        return modifier

    return compiler


def _array_at(path: str, old: Any, operator: str) -> list[Any]:
    if old is MISSING:
        return []
    if not isinstance(old, _ARRAYS):
        raise write_refused(
            f"The field '{path}' must be an array for {operator} but holds {old!r}."
        )
    return list(old)


def _each(operator: str, operand: Any, allowed: frozenset[str]) -> tuple[list[Any], dict[str, Any]]:
    """The values that `$push` or `$addToSet` adds, and what else stands beside `$each`."""
    if not has_operators(operand):
        return [operand], {}
    for name in operand:
        if name not in allowed:
            raise write_refused(f"Unrecognized clause in {operator}: {name}")
    if not isinstance(operand.get("$each"), _ARRAYS):
        raise write_refused(f"The clauses of {operator} need an $each that is an array.")
    return list(operand["$each"]), {k: v for k, v in operand.items() if k != "$each"}


def _push(path: str, operand: Any) -> Modifier:
    allowed = frozenset({"$each", "$slice", "$position", "$sort"})
    added, clauses = _each("$push", operand, allowed)
    position = _whole("$position", clauses.get("$position"))
    keep = _whole("$slice", clauses.get("$slice"))
    sort = _push_sort(clauses["$sort"]) if "$sort" in clauses else None

    def modifier(old: Any, _now: datetime) -> list[Any]:
        array = _array_at(path, old, "$push")
        if position is None:
            array += added
        else:
            array[position:position] = added
        if sort is not None:
            array = sort(array)
        if keep is None:
            return array
        return array[:keep] if keep >= 0 else array[keep:]

    return modifier


def _whole(clause: str, value: Any) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != int(value):
        raise write_refused(f"The value for {clause} must be an integer value, not {value!r}")
    return int(value)


def _push_sort(order: Any) -> Callable[[list[Any]], list[Any]]:
    if isinstance(order, Mapping) and order and all(map(_is_direction, order.values())):
        fields = [(path.split("."), direction) for path, direction in order.items()]
    elif _is_direction(order):
        fields = [([], order)]
    else:
        raise write_refused(f"The $sort of a $push must be 1, -1 or fields of these: {order!r}")

    def key(element: Any) -> bytes:
        return b"".join(
            encode_value(_inside(element, parts))
            if direction == 1
            else encode_descending(_inside(element, parts))
            for parts, direction in fields
        )

    return lambda array: sorted(array, key=key)


def _is_direction(value: Any) -> bool:
    return not isinstance(value, bool) and value in (1, -1)


def _inside(element: Any, parts: Sequence[str]) -> Any:
    """What a path names in an element; it does not go through arrays, only into them."""
    for part in parts:
        if isinstance(element, Mapping):
            element = element.get(part, MISSING)
        elif isinstance(element, _ARRAYS):
            index = as_index(part)
            element = element[index] if index is not None and index < len(element) else MISSING
        else:
            return MISSING
    return element


def _add_to_set(path: str, operand: Any) -> Modifier:
    added, _ = _each("$addToSet", operand, frozenset({"$each"}))

    def modifier(old: Any, _now: datetime) -> Any:
        array = _array_at(path, old, "$addToSet")
        for value in added:
            if not any(equal(value, member) for member in array):
                array.append(value)
        return array

    return modifier


def _pop(path: str, operand: Any) -> Modifier:
    if not _is_direction(operand):
        raise write_refused(f"$pop expects 1 or -1, found: {operand!r}", FAILED_TO_PARSE)

    def modifier(old: Any, _now: datetime) -> Any:
        if old is MISSING:
            return MISSING
        array = _array_at(path, old, "$pop")
        return array[:-1] if operand == 1 else array[1:]

    return modifier


def _removing(path: str, operator: str, goes: Callable[[Any], bool]) -> Modifier:
    def modifier(old: Any, _now: datetime) -> Any:
        if old is MISSING:
            return MISSING
        array = _array_at(path, old, operator)
        kept = [element for element in array if not goes(element)]
        return old if len(kept) == len(array) else kept

    return modifier


def _pull(path: str, operand: Any) -> Modifier:
    return _removing(path, "$pull", _pulled(operand))


def _pulled(operand: Any) -> Callable[[Any], bool]:
    if is_operators(operand) or isinstance(operand, REGEXES):
        return compile_operand(operand).leaf
    if isinstance(operand, Mapping):
        matcher = compile_filter(operand)
        return lambda element: isinstance(element, Mapping) and matcher(element)
    return lambda element: equal(element, operand)


def _pull_all(path: str, operand: Any) -> Modifier:
    if not isinstance(operand, _ARRAYS):
        raise write_refused(f"$pullAll requires an array argument, not {operand!r}")
    return _removing(
        path, "$pullAll", lambda element: any(equal(element, gone) for gone in operand)
    )


_COMPILERS: dict[str, Callable[[str, Any], Modifier]] = {
    "$set": _set,
    "$setOnInsert": _set,
    "$unset": _unset,
    "$inc": _arithmetic("$inc", "increment", lambda a, b: a + b),
    "$mul": _arithmetic("$mul", "multiply", lambda a, b: a * b),
    "$min": _extreme(-1),
    "$max": _extreme(1),
    "$push": _push,
    "$addToSet": _add_to_set,
    "$pull": _pull,
    "$pullAll": _pull_all,
    "$pop": _pop,
    "$currentDate": _current_date,
}

#: The names of all supported operators.
OPERATORS = frozenset(_COMPILERS)

#: Those that leave a missing field missing, instead of making the way to it.
REMOVING = frozenset({"$unset", "$pull", "$pullAll", "$pop"})
