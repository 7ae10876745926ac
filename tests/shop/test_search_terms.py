"""What terms and runs prove together is exactly what CONTRACT section 7 says of keywords."""

import re

from hypothesis import given
from hypothesis import strategies as st

from services.shop.search_terms import (
    folded,
    spread_runs,
    terms_asked,
    terms_of_word,
    words_of,
)

# Few letters, so that runs have parts in common.
TEXTS = st.text("ab1中文 -", max_size=24)
KEYWORDS = st.text("ab1中文 ", max_size=7)


def is_found(text: str, keyword: str) -> bool:
    """As the search does it: first by terms, then by runs."""
    terms = set().union(*map(terms_of_word, words_of([text])))
    asked = terms_asked(keyword)
    return bool(asked) and asked <= terms and all(run.search(text) for run in spread_runs(keyword))


def should_be_found(text: str, keyword: str) -> bool:
    """Each run of the keyword is in the text, from the beginning of a word or of CJK."""
    asked = keyword.split()
    places = [(run, place) for run in re.split("[ -]+", text) for place in range(len(run))]
    begun = [
        run[place:]
        for run, place in places
        if place == 0 or not run[place].isascii() or not run[place - 1].isascii()
    ]
    return bool(asked) and all(any(rest.startswith(run) for rest in begun) for run in asked)


@given(text=TEXTS, keyword=KEYWORDS)
def test_a_keyword_finds_what_has_its_runs_and_nothing_else(text: str, keyword: str):
    assert is_found(text, keyword) == should_be_found(text, keyword)


@given(text=TEXTS, start=st.integers(0, 24), length=st.integers(1, 7))
def test_a_part_of_a_text_finds_it_when_a_word_begins_there(text: str, start: int, length: int):
    keyword = text[start : start + length]
    assert is_found(text, keyword) == should_be_found(text, keyword.replace("-", " "))


def test_ordinary_words_need_no_look_at_the_texts():
    assert spread_runs("Wireless mouse 2000 无线 机械键 Café Strasse") == []
    assert [run.pattern for run in spread_runs("usb 机械键盘")] == ["机械键盘"]


def test_widths_cases_and_compositions_are_the_same():
    assert folded("ＵＳＢ Straße ﾏｳｽ Cafe\u0301") == "usb strasse マウス café"
