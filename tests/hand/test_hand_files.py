"""What outlives a process: the journal, the marker, the spool; and the thread that writes frames."""

from __future__ import annotations

import json
import os
import tracemalloc
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indi_sony_py.engine.messages import Collected, ExposureRequest, Identity, Role, Shot, ShutterMode
from indi_sony_py.hand import journal as journal_module
from indi_sony_py.hand.disk import Disk, Place, SaveJob, SaveResult, mark_duplicate, room_for, save_now
from indi_sony_py.hand.journal import Entry, Journal
from indi_sony_py.hand.marker import Mark, Marker, boot_id
from indi_sony_py.hand.places import Places, safe_name
from indi_sony_py.hand.spool import Spool
from tests.nights.disk import Disk as FailingDisk
from tests.nights.disk import DiskState

_NOW = datetime(2026, 1, 2, 3, 4, 5)
_SHOT = Shot(ExposureRequest(4, 60.0), ShutterMode.BULB, None, 10.0, "2026-01-02T03:04:05.000000")


def entry(number: int) -> Entry:
    return Entry(f"/x/{number}.fits", "Sony Alpha", "ILCE-7SM3", "2026-01-02T21:03:04.5", "", number, 300.0, 5, "why")


# --- journal --------------------------------------------------------------------------------------------------------


def test_what_was_announced_is_not_announced_again(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "deep" / "rescued.jsonl")
    assert journal.unannounced() == []
    first, second = entry(1), entry(2)
    journal.add(first)
    journal.add(second)
    assert Journal(tmp_path / "deep" / "rescued.jsonl").unannounced() == [first, second]
    journal.mark([first.id])
    assert journal.unannounced() == [second] and journal.entries() == [first, second]
    assert first.text == "A frame of 300 s taken at 2026-01-02 21:03:04 UTC was saved as /x/1.fits: why"


@settings(max_examples=60)
@given(st.binary(max_size=80), st.integers(0, 400))
def test_junk_and_cut_lines_swallow_nothing(junk: bytes, cut: int) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rescued.jsonl"
        journal = Journal(path)
        first, second, third = entry(1), entry(2), entry(3)
        journal.add(first)
        whole = path.read_bytes()
        path.write_bytes(whole + junk + b"\n" + whole[: min(cut, len(whole) - 2)])
        journal.add(second)
        with path.open("ab") as file:
            file.write(b'{"frame": {"id": 5}}\n[1]\n"x"\n{}')
        journal.add(third)
        found = journal.entries()
        assert [e for e in found if e in (first, second, third)] == [first, second, third]


def test_the_journal_is_bounded_and_keeps_what_was_not_announced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "rescued.jsonl"
    journal = Journal(path)
    monkeypatch.setattr(journal_module, "KEEP", 20)
    precious = entry(0)
    journal.add(precious)
    for number in range(1, 60):
        made = entry(number)
        journal.add(made)
        journal.mark([made.id])
    monkeypatch.setattr(journal_module, "MAX_BYTES", path.stat().st_size)
    journal.add(last := entry(9999))
    found = journal.entries()
    assert precious in found and last in found and len(found) == 21
    assert journal.unannounced() == [precious, last]


def test_a_journal_on_a_full_disk_goes_on_elsewhere_and_both_are_read(tmp_path: Path) -> None:
    (tmp_path / "full").write_text("")
    paths = (tmp_path / "full" / "rescued.jsonl", tmp_path / "other" / "rescued.jsonl")
    journal = Journal(*paths)
    first, second = entry(1), entry(2)
    journal.add(first)
    (tmp_path / "full").unlink()
    journal.add(second)
    assert [path.exists() for path in paths] == [True, True]
    assert {e.id for e in journal.unannounced()} == {e.id for e in journal.entries()} == {first.id, second.id}
    journal.mark([first.id])
    assert journal.unannounced() == [second] and Journal(paths[0]).unannounced() == [second]
    journal.mark([second.id])
    assert journal.unannounced() == []
    with pytest.raises(FileNotFoundError):
        Journal().add(first)


def test_a_journal_of_somebody_else_is_neither_read_nor_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "rescued.jsonl"
    Journal(path).add(entry(1))
    somebody_else = os.getuid() + 1
    monkeypatch.setattr(os, "getuid", lambda: somebody_else)
    assert Journal(path).entries() == []
    with pytest.raises(PermissionError, match="somebody else"):
        Journal(path).add(entry(2))


def test_a_journal_that_cannot_be_written_says_so_to_who_adds(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    journal = Journal(tmp_path / "file" / "rescued.jsonl")
    with pytest.raises(OSError):
        journal.add(entry(1))
    journal.mark(["x"])
    assert journal.unannounced() == []


# --- marker ---------------------------------------------------------------------------------------------------------


def test_a_marker_tells_what_is_owed(tmp_path: Path) -> None:
    marker = Marker(tmp_path / "open.json")
    assert marker.read() is None
    asked = Mark(_SHOT.request, False, boot_id())
    marker.write(asked)
    assert marker.read() == asked and asked.owed(boot_id(), 50.0) is None
    pressed = Mark(_SHOT.request, True, "boot", ShutterMode.BULB, 10.0, _SHOT.pressed_utc, 60.0)
    marker.write(pressed)
    assert marker.read() == pressed
    assert pressed.owed("boot", 50.0) == _SHOT
    after_boot = pressed.owed("another boot", 50.0)
    assert after_boot is not None and after_boot.pressed_at == 50.0
    marker.remove()
    marker.remove()
    assert marker.read() is None


def test_the_marker_of_a_camera_that_went_to_another_place_is_taken_over_once(tmp_path: Path) -> None:
    here, there = Marker(tmp_path / "open-here.json"), Marker(tmp_path / "open-there.json")
    asked = Mark(_SHOT.request, False, "boot", by=Identity("ILCE-7M3", "123"))
    pressed = replace(asked, mode=ShutterMode.BULB, pressed_at=10.0, duration_s=60.0)
    for mark in (asked, replace(pressed, by=Identity("ILCE-7M3", "124")), replace(pressed, by=Identity("ILCE-7M3"))):
        there.write(mark)
        assert here.take_over("123") is None and here.take_over("") is None and there.read() == mark
    there.write(pressed)
    here.write(pressed)
    assert here.take_over("123") == pressed
    assert here.take_over("123") is None and there.read() is None and here.read() == pressed


def test_a_marker_on_a_disk_that_became_read_only_is_replaced_elsewhere(tmp_path: Path) -> None:
    """What it holds is over: neither the next exposure nor none may be taken for it."""
    home, spare = tmp_path / "home", (tmp_path / "one", tmp_path / "two")
    first = Mark(_SHOT.request, False, "boot", ShutterMode.BULB, 10.0, _SHOT.pressed_utc, 60.0, Identity("A", "7"))
    second = replace(first, pressed_at=80.0)
    home.mkdir()

    def anew() -> Marker:
        return Marker(home / "open-here.json", spare)

    anew().write(first)
    with FailingDisk(home) as disk:
        disk.state = DiskState.READ_ONLY
        marker = anew()
        marker.write(second)
        assert marker.read() == second and anew().read() == second
        assert Marker(home / "open-there.json", spare).take_over("7") == second
        over = anew().read()
        assert over is not None and over.owed("boot", 90.0) is None
        marker.write(second)
        marker.remove()
        over = anew().read()
        assert over is not None and over.owed("boot", 90.0) is None
        marker.write(second)
    marker.write(first)
    assert anew().read() == first and not list(spare[0].iterdir())
    marker.remove()
    assert anew().read() is None


def test_a_frame_that_a_read_only_disk_keeps_in_the_spool_does_not_come_out_twice(tmp_path: Path) -> None:
    places = Places(tmp_path / "home" / "state", (), (tmp_path / "shared",))
    (tmp_path / "home").mkdir()
    got = Collected(Role.KEPT, "DSC00001.ARW", 0xB101, b"an image", None, Identity())
    with FailingDisk(tmp_path / "home") as disk:
        spool = Spool(places, "usb-1")
        spool.put(1, got)
        disk.state = DiskState.READ_ONLY
        spool.clear(1)
        assert [path.suffix for path in (tmp_path / "shared").iterdir()] == [".over"]
        assert not list(Spool(places, "usb-1").left_over())
        disk.state = DiskState.OK
        assert not list(Spool(places, "usb-1").left_over())
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_spare_folder_of_somebody_else_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, theirs = tmp_path / "home", tmp_path / "theirs"
    theirs.mkdir()
    Marker(theirs / "open-here.json").write(Mark(_SHOT.request, False, "boot"))
    us = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: us + 1)
    marker = Marker(home / "open-here.json", (theirs,))
    assert marker.read() is None
    home.write_text("no folder")
    with pytest.raises(OSError, match="home"):
        marker.write(Mark(_SHOT.request, False, "boot"))


@settings(max_examples=60)
@given(st.binary(max_size=200))
def test_a_damaged_marker_is_put_aside(damage: bytes) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "open.json"
        path.write_bytes(damage)
        assert Marker(path).read() is None
        assert not path.exists() and path.with_suffix(".unreadable").read_bytes() == damage


# --- spool ----------------------------------------------------------------------------------------------------------


def collected(data: bytes = b"raw", shot: Shot | None = _SHOT) -> Collected:
    return Collected(Role.FRAME, "DSC00001.ARW", 0xB101, data, shot, Identity("ILCE-7SM3"))


def test_what_a_dead_process_spooled_is_found_and_what_was_handed_on_is_not(tmp_path: Path) -> None:
    places = Places(tmp_path)
    dead = Spool(places, "k")
    dead.put(1, collected(b"one"))
    dead.put(2, collected(b"two"))
    dead.clear(1)
    assert not list(dead.left_over()), "its own are no leftovers"
    after = Spool(places, "k")
    ((name, got),) = after.left_over()
    assert got.data == b"two" and got.role is Role.KEPT and got.shot is not None
    assert got.shot.request == ExposureRequest(4, 60.0, transfer="native")
    assert not list(Spool(places, "another").left_over())
    after.forget(name)
    assert not list(Spool(places, "k").left_over())


def test_a_camera_whose_key_begins_another_ones_leaves_its_frames_alone(tmp_path: Path) -> None:
    places = Places(tmp_path)
    left, right = Spool(places, "ip-a7"), Spool(places, "ip-a7-2")
    right.put(1, collected(b"one"))
    coming = collected(bytes(100))
    right.begin(coming)
    right.more(100)
    left.rescue(lambda got: pytest.fail(f"{got.name} is another camera's"))
    assert not left.holds(4) and list((tmp_path / "spool").glob("*-100.part"))
    right.put(2, coming)
    assert [bytes(got.data) for _, got in Spool(places, "ip-a7-2").left_over()] == [b"one", bytes(100)]


def test_many_left_over_images_take_no_memory_at_once(tmp_path: Path) -> None:
    dead = Spool(Places(tmp_path), "k")
    for number in range(20):
        dead.put(number, collected(bytes(5_000_000)))
    tracemalloc.start()
    kept = [got for _, got in Spool(Places(tmp_path), "k").left_over()]
    taken = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(kept) == 20 and taken < 5_000_000
    for path in (tmp_path / "spool").iterdir():
        path.unlink()
    assert all(bytes(got.data[-9:]) == bytes(9) and len(got.data) == 5_000_000 for got in kept)


def test_bytes_without_their_note_are_an_image_all_the_same(tmp_path: Path) -> None:
    places = Places(tmp_path)
    dead = Spool(places, "k")
    dead.put(1, collected(b"one"))
    for note in (tmp_path / "spool").glob("*.json"):
        note.write_text("{")
    ((_, got),) = Spool(places, "k").left_over()
    assert got.data == b"one" and got.shot is None


def test_a_spool_that_cannot_be_written_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("")
    spool = Spool(Places(tmp_path), "k")
    spool.put(1, collected())
    spool.clear(1)


# --- disk -----------------------------------------------------------------------------------------------------------


def job(
    *folders: Path, fd: int | None = None, length: int = 0, duplicate: bool = False, suffix: str = ".fits"
) -> SaveJob:
    places = tuple(Place(str(folder), "L_XXX") for folder in folders)
    return SaveJob(1, places, suffix, _NOW, fd, length, b"data", duplicate)


def test_the_first_place_that_takes_it_wins_and_the_reason_is_kept(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = save_now(job(tmp_path / "file" / "no", tmp_path / "yes", tmp_path / "never"))
    assert result.path == str(tmp_path / "yes" / "L_001.fits") and "cannot be made" in result.reason
    assert Path(result.path).read_bytes() == b"data" and not (tmp_path / "never").exists()
    nowhere = save_now(job(tmp_path / "file" / "no"))
    assert nowhere.path == "" and nowhere.reason


def test_a_folder_where_everybody_may_write_is_used_only_if_it_is_ones_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "own"
    shared = SaveJob(1, (Place(str(own), "L"),), ".fits", _NOW, data=b"data")
    shared = replace(shared, places=(replace(shared.places[0], shared=True),))
    assert save_now(shared).path == str(own / "L.fits") and own.stat().st_mode & 0o777 == 0o700
    assert save_now(shared).path == str(own / "L_1.fits")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for trap in ("link", "no/where"):
        result = save_now(replace(shared, places=(Place(str(tmp_path / trap), "L", True),)))
        assert result.path == "" and result.reason
    somebody_else = os.getuid() + 1
    monkeypatch.setattr(os, "getuid", lambda: somebody_else)
    assert "somebody else" in save_now(shared).reason


def test_room_is_looked_for_where_a_folder_will_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    assert room_for(1000, [tmp_path / "file" / "x", tmp_path / "a" / "b"]) == ""
    assert "no disk has room for it (1 MB needed)" in room_for(1000, [tmp_path / "file" / "x"])
    assert "2200001 MB needed" in room_for(10**12, [tmp_path])
    monkeypatch.setenv("HOME", str(tmp_path))
    assert room_for(1000, ["~/new"]) == ""


def header(cards: int) -> bytes:
    text = b"".join(b"CARD%04d= 1".ljust(80) % number for number in range(cards)) + b"END".ljust(80)
    return text.ljust(-(-len(text) // 2880) * 2880)


@pytest.mark.parametrize("cards", [1, 34, 35, 36, 70, 71])
def test_a_duplicate_is_marked_in_its_header_without_touching_its_memory(tmp_path: Path, cards: int) -> None:
    before = header(cards) + b"\1" * 2880
    memory = os.memfd_create("frame")
    os.write(memory, before)
    result = save_now(job(tmp_path, fd=memory, length=len(before), duplicate=True))
    after = Path(result.path).read_bytes()
    assert os.pread(memory, len(before), 0) == before
    os.close(memory)
    assert Path(result.path).name == "L_001_duplicate.fits"
    assert len(after) % 2880 == 0 and after.endswith(b"\1" * 2880)
    written = [after[at : at + 80].rstrip() for at in range(0, len(after) - 2880, 80)]
    at = written.index(b"END")
    assert written[at - 1].startswith(b"DUPLICAT=                    T")
    assert at == cards + 1 and not any(written[at + 1 :])


def test_what_is_no_header_is_not_marked() -> None:
    assert mark_duplicate(b"II*\0" * 100) == b"II*\0" * 100


def test_an_error_that_nobody_foresaw_is_a_result_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    got: list[SaveResult] = []
    disk = Disk(got.append)
    disk.submit(job(tmp_path, fd=99999, length=10))
    assert disk.step() and not disk.step()
    assert got[0].path == "" and got[0].reason


def test_the_folders_follow_the_environment(tmp_path: Path) -> None:
    places = Places.of({"HOME": "/h", "XDG_STATE_HOME": "relative"})
    assert places.journals[0] == Path("/h/.local/state/indi_sony_py/rescued.jsonl")
    places = Places.of({"HOME": "/h", "XDG_STATE_HOME": "/s", "TMPDIR": "/t"})
    assert places.marker("usb-1-2.3") == Path("/s/indi_sony_py/open-usb-1-2.3.json")
    assert places.log("usb-1-2") == Path("/s/indi_sony_py/hand-usb-1-2.log")
    assert [folder.parent for folder in places.shared] == [Path("/var/tmp"), Path("/t"), Path("/dev/shm")]
    assert len(set(places.journals)) == 4 and len(Places.of({"HOME": "/h", "TMPDIR": "/var/tmp"}).journals) == 3
    assert Places.of({}).state == Path.home() / ".local/state/indi_sony_py", "no HOME: the one of the password file"


@given(st.lists(st.text(min_size=1, max_size=150), min_size=2, max_size=6, unique=True))
def test_two_cameras_never_share_a_file(keys: list[str]) -> None:
    names = [safe_name(key) for key in keys]
    assert len(set(names)) == len(keys)
    assert all(name == safe_name(name) and "/" not in name and len(name) <= 80 for name in names)


def test_lines_of_the_journal_have_the_documented_form(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "rescued.jsonl")
    made = entry(1)
    journal.add(made)
    journal.mark([made.id])
    frame, told = [json.loads(line) for line in (tmp_path / "rescued.jsonl").read_text().splitlines()]
    assert frame["frame"]["path"] == made.path and told == {"announced": made.id}
