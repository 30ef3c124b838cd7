"""docs/CAMERAS.md is what the tables say."""

from __future__ import annotations

from indi_sony_py.sony.bodies import all_bodies
from tools.cameras import DOCUMENT, document


def test_the_page_is_written_from_the_tables() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == document(), "python -m tools.cameras writes it anew"


def test_it_names_every_body() -> None:
    text = document()
    assert [row.model for row in all_bodies() if row.model not in text] == []
