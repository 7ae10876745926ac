"""The set of a beginning is that of all stems that begin so."""

from hypothesis import given
from hypothesis import strategies as st

from repositories import number_sets
from repositories.number_sets import SPAN
from services.shop.beginnings import sets_of_beginnings

NUMBERS = st.lists(st.integers(1, 20) | st.integers(SPAN - 2, SPAN + 2), min_size=1, max_size=5)


@given(numbers=st.dictionaries(st.text("ab中", min_size=1, max_size=4), NUMBERS, max_size=12))
def test_each_beginning_comes_once_with_the_numbers_of_its_stems(numbers: dict[str, list[int]]):
    beginnings = {stem[:end] for stem in numbers for end in range(1, len(stem) + 1)}
    expected = {
        beginning: number_sets.chunks_of(
            number for stem in numbers if stem.startswith(beginning) for number in numbers[stem]
        )
        for beginning in beginnings
    }
    found = list(sets_of_beginnings(numbers))
    assert len(found) == len(beginnings)
    assert dict(found) == expected
