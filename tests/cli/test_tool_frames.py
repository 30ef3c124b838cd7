"""`indi-sony frames`: all that the hands left is shown, and nothing of it is changed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from indi_sony_py.hand.journal import Entry, Journal
from indi_sony_py.hand.places import Places
from indi_sony_py.image.files import fallback_folder
from indi_sony_py.texts import tool
from tests.cli.toolrig import run


@pytest.fixture
def places(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> Places:
    """A user's, without the folders that all tests on this machine share."""
    found = replace(Places.of(), shared=())
    monkeypatch.setattr(Places, "of", lambda env=None: found)
    return found


def entry(path: Path, number: int = 1) -> Entry:
    return Entry(
        str(path), "Sony Alpha", "ILCE-7SM3", "2026-01-02T21:03:04.5", f"2026-01-02T21:08:0{number}", number, 300.0, 7,
        "the INDI driver was gone when it came",
    )  # fmt: skip


def kept(*entries: Entry) -> Journal:
    journal = Journal(*Places.of().journals[:1])
    for each in entries:
        journal.add(each)
    return journal


def test_nothing_was_rescued(places: Places, capsys: pytest.CaptureFixture[str]) -> None:
    said = run(capsys, "frames")
    assert said.status == 0 and said.words == tool.NO_FRAMES(folder=places.state)
    assert run(capsys, "frames", "--json").data["frames"] == []


def test_a_rescued_frame_is_told_as_the_driver_tells_it(places: Places, capsys: pytest.CaptureFixture[str]) -> None:
    there, moved = entry(places.state / "M31_001.fits", 1), entry(places.state / "gone.fits", 2)
    journal = kept(there, moved)
    Path(there.path).write_bytes(b"SIMPLE")
    journal.mark([there.id])
    said = run(capsys, "frames")
    assert said.words == " ".join([there.text, moved.text, tool.FRAME_MOVED()])
    first, second = run(capsys, "frames", "--json").data["frames"]
    assert (first["path"], first["there"], first["announced"]) == (there.path, True, True)
    assert (second["path"], second["there"], second["announced"]) == (moved.path, False, False)
    assert [e.id for e in journal.unannounced()] == [moved.id], "looking tells the driver nothing"
    assert [f["path"] for f in run(capsys, "frames", "--last", "1", "--json").data["frames"]] == [moved.path]


def test_what_is_on_its_way_and_what_no_journal_tells(places: Places, capsys: pytest.CaptureFixture[str]) -> None:
    spooled = places.spool("usb-1-2").with_name("usb-1-2-9-abc-1.spool")
    spooled.parent.mkdir(parents=True)
    spooled.write_bytes(b"ARW")
    spooled.with_suffix(".json").write_text("{}")
    places.marker("usb-1-2").write_text("{}")
    lonely = fallback_folder() / "unasked_1.arw"
    lonely.parent.mkdir(parents=True)
    lonely.write_bytes(b"ARW")
    (lonely.parent / "notes.txt").write_text("mine")
    said = run(capsys, "frames")
    for told in (
        tool.OTHER_IMAGES(count=1), tool.SPOOLED(count=1, folder=spooled.parent), tool.UNFINISHED(count=1)
    ):  # fmt: skip
        assert told in said.words
    data = run(capsys, "frames", "--json").data
    assert data["spooled"] == [str(spooled)] and data["others"] == [str(lonely)]
    assert data["unfinished"] == [str(places.marker("usb-1-2"))]
