"""An answer whose time must not tell anything: it never comes before its moment."""

import time
from contextlib import suppress

import pytest

from services.accounts.timing import at_least

_SECONDS = 0.02


@pytest.mark.parametrize("problem", [None, ValueError("a block that fails")])
async def test_a_block_takes_no_less_than_it_is_told(problem: ValueError | None):
    began = time.monotonic()
    with suppress(ValueError):
        async with at_least(_SECONDS):
            if problem is not None:
                raise problem
    assert time.monotonic() - began >= _SECONDS


async def test_what_a_block_raised_is_raised_still():
    with pytest.raises(ValueError, match="a block that fails"):
        async with at_least(0):
            raise ValueError("a block that fails")
