"""Sets of numbers, of products or accounts: as bits to reckon with, and as bytes to keep.

Numbers are kept in chunks of `SPAN`. A chunk is an int whose bit *n* says whether the
chunk's number *n* is in the set: joining, meeting and counting 16,384 numbers takes a
microsecond. What is kept is these bits or, where it is far shorter, two bytes a number.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable
from sys import byteorder

SPAN = 16_384
_BYTES = SPAN // 8
# So many places are found one by one in less time than the bits are written out.
_FEW = 8

Chunks = dict[int, int]
"""The bits of each chunk that has any, by the chunk's position from 0."""


def chunks_of(numbers: Iterable[int]) -> Chunks:
    """The set of some numbers."""
    numbers = list(numbers)
    if not numbers:
        return {}
    chunk = min(numbers) // SPAN
    if max(numbers) // SPAN == chunk:
        return {chunk: bits_of([number - chunk * SPAN for number in numbers])}
    places: dict[int, list[int]] = {}
    for number in numbers:
        places.setdefault(number // SPAN, []).append(number % SPAN)
    return {chunk: bits_of(some) for chunk, some in places.items()}


def bits_of(places: Iterable[int]) -> int:
    """The bits of a chunk that has these places."""
    buffer = bytearray(_BYTES)
    for place in places:
        buffer[place >> 3] |= 1 << (place & 7)
    return int.from_bytes(buffer, "little")


def places_of(bits: int) -> list[int]:
    """The places that a chunk has, ascending."""
    if bits.bit_count() <= _FEW:
        return _few_places_of(bits)
    # Searching a string is the fastest walk along bits that Python has.
    digits = bin(bits)
    last = len(digits) - 1
    places = []
    found = digits.find("1")
    while found >= 0:
        places.append(last - found)
        found = digits.find("1", found + 1)
    places.reverse()
    return places


def _few_places_of(bits: int) -> list[int]:
    places = []
    while bits:
        places.append(bits.bit_length() - 1)
        bits ^= 1 << places[-1]
    return places[::-1]


def encode(bits: int) -> dict[str, bytes]:
    """The fields under which a chunk is kept."""
    length = (bits.bit_length() + 7) // 8
    # Bits are the faster to read and write, so a little space is given for them.
    if bits.bit_count() * 8 >= length:
        return {"bits": bits.to_bytes(length, "little")}
    return {"places": _in_little_endian(array("H", places_of(bits))).tobytes()}


def decode(kept: dict[str, bytes]) -> int:
    """The chunk that was kept."""
    if "bits" in kept:
        return int.from_bytes(kept["bits"], "little")
    places = array("H")
    places.frombytes(kept["places"])
    return bits_of(_in_little_endian(places))


def changed(kept: dict[str, bytes], without: int, added: int) -> dict[str, bytes]:
    """The fields of a kept chunk after numbers were taken out and others put in.

    Few numbers among few are moved where they are: bits would be made of all of them, and
    numbers of all these bits, which takes twenty times as long.
    """
    if "places" not in kept or without.bit_count() + added.bit_count() > _FEW:
        return encode(decode(kept) & ~without | added)
    places = array("H")
    places.frombytes(kept["places"])
    _in_little_endian(places)
    for place in _few_places_of(without & ~added):
        found = bisect_left(places, place)
        if found < len(places) and places[found] == place:
            del places[found]
    for place in _few_places_of(added):
        found = bisect_left(places, place)
        if found == len(places) or places[found] != place:
            places.insert(found, place)
    if not places or len(places) * 8 > places[-1] // 8:
        return encode(bits_of(places))
    return {"places": _in_little_endian(places).tobytes()}


def _in_little_endian(places: "array[int]") -> "array[int]":
    if byteorder == "big":
        places.byteswap()
    return places


def count(chunks: Chunks) -> int:
    """How many numbers are in the set."""
    return sum(bits.bit_count() for bits in chunks.values())


def union(sets: Iterable[Chunks]) -> Chunks:
    """The numbers that any of the sets has."""
    joined: Chunks = {}
    for chunks in sets:
        for chunk, bits in chunks.items():
            joined[chunk] = joined.get(chunk, 0) | bits
    return joined


def intersection(first: Chunks, second: Chunks) -> Chunks:
    """The numbers that both sets have."""
    met = {chunk: bits & second[chunk] for chunk, bits in first.items() if chunk in second}
    return {chunk: bits for chunk, bits in met.items() if bits}


def difference(first: Chunks, second: Chunks) -> Chunks:
    """The numbers that the first set has and the second has not."""
    left = {chunk: bits & ~second.get(chunk, 0) for chunk, bits in first.items()}
    return {chunk: bits for chunk, bits in left.items() if bits}


def highest(chunks: Chunks, offset: int, limit: int) -> list[int]:
    """`limit` numbers in descending order, after the `offset` highest ones."""
    numbers: list[int] = []
    for chunk in sorted(chunks, reverse=True):
        bits = chunks[chunk]
        size = bits.bit_count()
        if offset >= size:
            offset -= size
            continue
        bits = _without_highest(bits, offset)
        offset = 0
        while bits and len(numbers) < limit:
            place = bits.bit_length() - 1
            numbers.append(chunk * SPAN + place)
            bits ^= 1 << place
        if len(numbers) == limit:
            break
    return numbers


def _without_highest(bits: int, count: int) -> int:
    """The bits below the `count` highest that are set."""
    low, high = 0, SPAN
    while low < high:
        middle = (low + high) // 2
        if (bits >> middle).bit_count() > count:
            low = middle + 1
        else:
            high = middle
    return bits & ((1 << low) - 1)
