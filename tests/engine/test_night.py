"""The table of what a night needs, what is remembered of it, and the way to it in a camera's menu."""

from __future__ import annotations

import pytest

from indi_sony_py import texts
from indi_sony_py.engine import night
from indi_sony_py.engine.adjust import Goal
from indi_sony_py.engine.messages import Changed, Identity
from indi_sony_py.sony.bodies import all_bodies, body
from indi_sony_py.sony.codes import Prop
from indi_sony_py.sony.menus import ENTRIES, menu_paths
from indi_sony_py.sony.snapshot import Version
from tests.engine.made import altered, settings_of, without

WHO = Identity("ILCE-7SM3", "123", "3.00", "3.00")
OTHER = Changed("ILCE-6000", "9", "2.00", Prop.DRIVE, 2, 1)


def entry(code: int, before: int, now: int, users: bool = False) -> Changed:
    return Changed("ILCE-7SM3", "123", "3.00", code, before, now, users)


def test_each_row_has_words_and_what_is_told_has_an_entry_in_each_menu() -> None:
    words = night.told(item.name for item in night.ITEMS)
    assert words == (
        *("exposure mode M", "drive mode single", "manual focus", "file format RAW"),
        *("uncompressed or lossless RAW of full size", "the largest JPEG", "files to the computer", "silent mode off"),
        *("no SteadyShot", "long exposure noise reduction off", "release without lens on", "no APS-C crop"),
    )
    assert set(ENTRIES) == {item.name for item in night.ITEMS if not item.quiet}
    for row in all_bodies():
        assert len(menu_paths(ENTRIES, row)) >= 3


def test_entries_of_one_page_stand_together() -> None:
    names = ("silent", "steady shot", "noise reduction", "no lens")
    assert menu_paths(names, body("ILCE-7M3")) == (
        "MENU > Camera: Silent Shooting: Off, SteadyShot: Off, Long Exposure NR: Off, Release w/o Lens: Enable",
    )
    assert menu_paths(names, body("ILCE-7M4")) == (
        "MENU > Shooting > Shutter/Silent: Silent Mode: Off, Release w/o Lens: Enable",
        "MENU > Shooting > Image Stabilization: SteadyShot: Off",
        "MENU > Shooting > Image Quality: Long Exposure NR: Off",
    )


def test_a_ready_camera_needs_nothing() -> None:
    settings, row = settings_of("ILCE-7SM3", Version.V300), body("ILCE-7SM3")
    wrong = {need.name for need in night.proposal(row, ()) if need.check(settings) is not None}
    assert wrong <= {"raw type"} and len(night.wanted(settings, row)) == len(wrong)
    assert night.unseen(settings, row) == ()


@pytest.mark.parametrize(
    ("listed", "target"), [((5, 2, 3, 4, 1), 5), ((6, 7, 1), 6), ((2, 3, 4, 1), 2), ((1, 7), None)]
)
def test_the_best_raw_type_is_whole_and_of_full_size(listed: tuple[int, ...], target: int | None) -> None:
    settings = altered(settings_of("ILCE-7SM3", Version.V300), Prop.RAW_TYPE, current=1, values=listed)
    settings = altered(settings, Prop.RAW_TYPE, reportable=listed)
    (need,) = (n for n in night.proposal(body("ILCE-7SM3"), ()) if n.name == "raw type")
    found = need.check(settings)
    assert (found.target if isinstance(found, Goal) else None) == target


def test_a_crop_that_only_shows_is_named_on_a_full_frame_body_and_is_none_on_a_smaller_one() -> None:
    settings = without(altered(settings_of("ILCE-7RM3", Version.V200), Prop.SENSOR_CROP, current=2), Prop.APSC_CROP)
    assert "no APS-C crop" in night.wanted(settings, body("ILCE-7RM3"))
    assert "no APS-C crop" not in night.wanted(settings_of("ILCE-6000", Version.V200), body("ILCE-6000"))


def test_what_is_remembered() -> None:
    steady = Prop.STEADY_SHOT
    once = night.remember((OTHER,), WHO, steady, 2, 1)
    assert once == (OTHER, entry(steady, 2, 1)) and night.of_camera(once, WHO) == (entry(steady, 2, 1),)
    # Another value by ourselves: the first one is what is put back; and back to it there is nothing to put back.
    assert night.remember(once, WHO, steady, 1, 3) == (OTHER, entry(steady, 2, 3))
    assert night.remember(once, WHO, steady, 1, 2) == (OTHER,)
    # A user's: neither set nor put back; should an exposure need another, the user's is put back.
    users = night.remember(once, WHO, steady, 1, 1, users=True)
    assert [e.users for e in users] == [False, True] and night.back_needs(night.of_camera(users, WHO)) == ()
    assert night.remember(users, WHO, steady, 7, 1) == (OTHER, entry(steady, 7, 1))
    assert night.of_camera(once, Identity("ILCE-7SM3", "456", "", "3.00")) == ()
    assert night.of_camera(once, Identity("ILCE-7SM3", "123", "", "2.00")) == (), "the codes are others there"


def test_what_reads_otherwise_is_the_users() -> None:
    settings = settings_of("ILCE-7SM3", Version.V300)
    mine = (OTHER, entry(Prop.DRIVE, 0x8012, 1), entry(Prop.STEADY_SHOT, 2, 7))
    after = night.deviations(mine, WHO, settings)
    assert [e.users for e in after] == [False, False, True]
    assert night.deviations(after[:2], WHO, settings) == after[:2]


def test_what_is_put_back_comes_in_the_order_against_that_of_the_changes() -> None:
    settings = settings_of("ILCE-7SM3", Version.V300)
    settings = altered(altered(settings, Prop.FILE_FORMAT_300, current=1), Prop.RAW_TYPE, current=5, values=(1, 5))
    entries = (entry(Prop.FILE_FORMAT_300, 3, 1), entry(Prop.RAW_TYPE, 1, 5))
    goals = [need.check(settings) for need in night.back_needs(entries)]
    assert [(g.code, g.target) for g in goals if isinstance(g, Goal)] == [(Prop.RAW_TYPE, 1), (Prop.FILE_FORMAT_300, 3)]
    locked = altered(settings, Prop.RAW_TYPE, enabled=2)
    assert night.back_needs(entries)[0].check(locked) == texts.night.FURTHER(
        setting="RAW File Type", value="Compressed"
    )
    assert night.settled((OTHER, *entries), entries, altered(settings, Prop.RAW_TYPE, current=1)) == (OTHER, entries[0])
