"""Pages of the documentation that commands write into."""

import pytest

from scripts.marked_page import MarkedPage, NoMarkers


def test_a_part_replaces_what_stands_between_its_marks(tmp_path):
    path = tmp_path / "page.md"
    path.write_text("before\n<!-- bench: begin -->\nold\n<!-- bench: end -->\nafter\n")
    page = MarkedPage(path, "bench")
    page.write("new")
    page.write("newer")
    assert path.read_text() == (
        "before\n<!-- bench: begin -->\n\nnewer\n\n<!-- bench: end -->\nafter\n"
    )


def test_a_page_without_marks_is_left_alone(tmp_path):
    path = tmp_path / "page.md"
    path.write_text("<!-- prove: begin -->\nno place here\n<!-- prove: end -->\n")
    with pytest.raises(NoMarkers, match="Put the lines <!-- bench: begin --> and"):
        MarkedPage(path, "bench").write("table")
    assert path.read_text() == "<!-- prove: begin -->\nno place here\n<!-- prove: end -->\n"
