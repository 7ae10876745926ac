"""Places stay dense, whatever is put in, moved or taken out."""

from hypothesis import given
from hypothesis import strategies as st

from services.lms.ordering import reordered, with_item

_items = st.lists(st.integers(0, 20), unique=True, max_size=8)


@given(_items, st.integers(0, 20), st.integers(0, 12))
def test_an_item_gets_its_place_and_the_others_keep_their_order(
    items: list[int], item: int, index: int
):
    after = with_item(items, item, index)
    others = [each for each in items if each != item]
    assert [each for each in after if each != item] == others
    assert after.index(item) == min(index, len(others))


@given(_items.filter(bool), st.data())
def test_a_reordering_loses_nothing_and_has_every_place_that_leaves_no_gap(
    items: list[int], data: st.DataObject
):
    moved = data.draw(st.lists(st.sampled_from(items), unique=True))
    indexes = data.draw(
        st.lists(
            st.integers(0, 2 * len(items)), unique=True, min_size=len(moved), max_size=len(moved)
        )
    )
    places = list(zip(moved, indexes, strict=True))
    after = reordered(items, places)
    assert sorted(after) == sorted(items)
    rest = [item for item in items if item not in moved]
    assert [item for item in after if item not in moved] == rest
    by_place = [item for item, _ in sorted(places, key=lambda place: place[1])]
    assert [item for item in after if item in moved] == by_place
    if all(index < len(items) for index in indexes):
        assert [after.index(item) for item in moved] == indexes


def test_who_counts_from_one_gets_the_same_order():
    assert reordered(["a", "b"], [("a", 1), ("b", 2)]) == ["a", "b"]
    assert reordered(["a", "b"], [("a", 2), ("b", 1)]) == ["b", "a"]
