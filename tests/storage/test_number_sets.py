"""Sets of product numbers are sets, kept or not."""

from hypothesis import given
from hypothesis import strategies as st

from repositories import number_sets
from repositories.number_sets import SPAN

NUMBERS = st.sets(
    st.integers(1, 3 * SPAN) | st.integers(SPAN - 40, SPAN + 40) | st.integers(1, 2_000),
    max_size=400,
)


@given(numbers=NUMBERS)
def test_what_is_kept_comes_back(numbers: set[int]):
    for bits in number_sets.chunks_of(numbers).values():
        assert number_sets.decode(number_sets.encode(bits)) == bits


@given(first=NUMBERS, second=NUMBERS, offset=st.integers(0, 500), limit=st.integers(1, 100))
def test_sets_meet_join_and_come_in_pages(first, second, offset, limit):
    one, other = number_sets.chunks_of(first), number_sets.chunks_of(second)
    for chunks, numbers in (
        (one, first),
        (number_sets.intersection(one, other), first & second),
        (number_sets.union([one, other]), first | second),
        (number_sets.difference(one, other), first - second),
    ):
        assert number_sets.count(chunks) == len(numbers)
        page = sorted(numbers, reverse=True)[offset : offset + limit]
        assert number_sets.highest(chunks, offset, limit) == page


def test_few_numbers_take_few_bytes_and_many_no_more_than_a_bit_each():
    few = number_sets.encode(number_sets.bits_of([16_000, 16_383]))
    many = number_sets.encode(number_sets.bits_of(range(SPAN)))
    assert [len(kept) for kept in (*few.values(), *many.values())] == [4, SPAN // 8]


@given(
    kept=st.sets(st.integers(0, SPAN - 1), max_size=2_100)
    | st.sets(st.integers(0, 300), min_size=1, max_size=60),
    without=st.sets(st.integers(0, 300), max_size=6),
    added=st.sets(st.integers(0, 300) | st.integers(0, SPAN - 1), max_size=6),
)
def test_a_kept_set_is_changed_as_it_would_be_made_anew(kept, without, added):
    places = sorted(kept - without | added)
    changed = number_sets.changed(
        number_sets.encode(number_sets.bits_of(kept)),
        number_sets.bits_of(without),
        number_sets.bits_of(added),
    )
    assert changed == number_sets.encode(number_sets.bits_of(places))
