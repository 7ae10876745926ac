"""What a product is found by: the terms of its texts, and those of a keyword (CONTRACT section 7).

A text is split into runs of letters and digits, after NFKC and case folding. A word is
found by its beginnings, so each beginning is a term. Chinese, Japanese and Korean put no
spaces between words, so there each part of a run is what it is found by: all parts of up
to `GRAM_LENGTH` characters are terms. Where a run changes from CJK to another script and
back, it is split.

A run of a keyword that is longer than terms are, or of several scripts, has several terms,
and a product may have these in different places: `spread_runs` finds out in its texts.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

GRAM_LENGTH = 3
MAX_TERM_LENGTH = 32

_RUN = re.compile(r"[^\W_]+")
_CJK = (
    "\u1100-\u11ff\u3005-\u3007\u3031-\u3035\u3041-\u30ff\u3105-\u318e\u31a0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97c\uac00-\ud7fb\uf900-\ufaff\U00020000-\U0003ffff"
)
_SEGMENT = re.compile(f"[{_CJK}]+|[^{_CJK}]+")
_IS_CJK = re.compile(f"[{_CJK}]")
_NOT_IN_A_WORD = rf"(?<![^\W_{_CJK}])"


def words_of(texts: Iterable[str]) -> set[str]:
    """The words of some texts: what `stems_of_word` takes."""
    return set().union(*map(_segments, texts))


@lru_cache(maxsize=50_000)
def stems_of_word(word: str) -> tuple[str, ...]:
    """The longest terms of a word: all beginnings of these are its terms.

    Remembered, as an import meets the same words over and over.
    """
    if _IS_CJK.match(word):
        return tuple({word[start : start + GRAM_LENGTH] for start in range(len(word))})
    return (word[:MAX_TERM_LENGTH],)


def terms_of_word(word: str) -> set[str]:
    """All terms of a word."""
    stems = stems_of_word(word)
    return {stem[:end] for stem in stems for end in range(1, len(stem) + 1)}


def terms_asked(keyword: str) -> set[str]:
    """The terms that all must be there; none when the keyword has no letter and no digit."""
    terms: set[str] = set()
    for segment in _segments(keyword):
        if _IS_CJK.match(segment):
            starts = range(max(len(segment) - GRAM_LENGTH, 0) + 1)
            terms.update(segment[start : start + GRAM_LENGTH] for start in starts)
        else:
            terms.add(segment[:MAX_TERM_LENGTH])
    return terms


def spread_runs(keyword: str) -> list[re.Pattern[str]]:
    """What to look for in the `folded` texts of products that have all terms of a keyword.

    Nothing when the terms are proof enough, as they are for ordinary words.
    """
    return [
        re.compile(run if _IS_CJK.match(run) else _NOT_IN_A_WORD + run)
        for run in _RUN.findall(folded(keyword))
        if terms_asked(run) != {run}
    ]


def _segments(text: str) -> list[str]:
    plain = folded(text)
    runs: list[str] = _RUN.findall(plain)
    if plain.isascii():
        return runs
    return [segment for run in runs for segment in _SEGMENT.findall(run)]


def folded(text: str) -> str:
    """A text in which what is the same to a search is the same."""
    # Folding may undo a composition, so texts are normalised after it once more.
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
