"""Every setting is in the README, as its row says it."""

from pathlib import Path

import pytest

from config.settings import ROWS, option_name

README = Path(__file__).parents[2] / "README.md"


@pytest.mark.parametrize("name", ROWS)
def test_a_setting_is_in_the_readme(name: str):
    assert f"`{option_name(name)}`" in README.read_text()
