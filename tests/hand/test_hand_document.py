"""docs/HAND.md says what the code does."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from pathlib import Path

from indi_sony_py.hand import journal, leaving
from indi_sony_py.hand.codec import TYPES, load
from indi_sony_py.hand.journal import Entry
from indi_sony_py.hand.messages import FROM_FACE, FROM_HAND
from indi_sony_py.hand.places import Places

TEXT = (Path(__file__).parents[2] / "docs" / "HAND.md").read_text()


def test_every_message_stands_in_the_table_on_its_side() -> None:
    rows = re.findall(r"^\| (face|hand|both) \| (.+?) \|", TEXT, re.MULTILINE)
    named = {side: {name for at, words in rows if at in (side, "both") for name in re.findall(r"[A-Z]\w+", words)}
             for side in ("face", "hand")}  # fmt: skip
    assert named["face"] == {kind.__name__ for kind in FROM_FACE}
    assert named["hand"] == {kind.__name__ for kind in FROM_HAND}
    assert named["face"] | named["hand"] == set(TYPES)


def test_the_line_of_the_journal_is_one() -> None:
    shown = TEXT[TEXT.index('    {"frame"') : TEXT.index('    {"announced"')]
    entry = load(Entry, json.loads(shown)["frame"])
    assert isinstance(entry, Entry) and all(f"`{field.name}`" in TEXT or field.name in shown for field in fields(Entry))
    assert f'{{"announced": "{entry.id}"}}' in TEXT
    assert f"last {journal.KEEP} frames" in TEXT and f"Above {journal.MAX_BYTES // 1024} kB" in TEXT


def test_its_times_are_those_of_the_code() -> None:
    assert (leaving.GRACE_S, leaving.TRANSFER_S, leaving.FIRST_FACE_S) == (30, 60, 15)
    for words in ("30 s, and\n60 s for the transfer", "15 s after its start", "20 s later"):
        assert words in TEXT


def test_its_files_are_those_of_the_code() -> None:
    places = Places.of({"HOME": "/home/me"})
    assert str(places.last_resorts[0]).replace("/home/me", "~") in TEXT
    assert all(str(folder.parent) in TEXT for folder in places.shared)
    names = (places.log("KEY"), places.journals[0], places.marker("KEY"))
    assert all(f"`{path.name}`" in TEXT for path in names)
