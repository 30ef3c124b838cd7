"""What the body does with button, shutter and memory: silent refusals, bulb, drive, noise reduction, power."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

from indi_sony_py.sim.control import perform
from indi_sony_py.sony.codes import HANDLE_IMAGE, Ctl, Ev, Prop
from indi_sony_py.sony.snapshot import Form, Version
from indi_sony_py.sony.values import encode_shutter
from tests.sim.plain_client import DOWN, UP, Host, NoAnswer, a7s3, a6000, host

BULB = 0
THIRTY = 300 << 16 | 10


def do(h: Host, command: str, **args: object) -> None:
    perform(h.camera, command, args)
    h.settings()


REFUSALS: dict[str, list[dict[str, Any]]] = {
    "playback": [{"command": "playback"}],
    "movie": [{"command": "dial", "program": "Movie"}],
    "no lens": [{"command": "lens", "on": False}, {"command": "menu", "item": "release_without_lens", "on": False}],
    "no card": [{"command": "card", "state": "none"}, {"command": "menu", "item": "release_without_card", "on": False}],
    "card full": [{"command": "save-to", "to": "both"}, {"command": "card", "state": "full"}],
    "not focused": [{"command": "focus", "mode": "auto"}, {"command": "focus-finds", "on": False}],
}


@pytest.mark.parametrize("why", REFUSALS)
@pytest.mark.parametrize("make", [a7s3, a6000])
def test_refused_in_silence(make: Callable[[], Host], why: str) -> None:
    h = make()
    for step in REFUSALS[why]:
        do(h, **step)
    h.button(Ctl.HALF_PRESS, DOWN)
    h.wait(1.0)
    h.button(Ctl.FULL_PRESS, DOWN)
    h.wait(0.1)
    h.release()
    h.wait(5)
    assert h.counter() == 0 and h.camera.body.serial == 0
    assert any(why in detail for detail in h.notes("refused"))


def test_auto_focus_shows_and_then_the_press_works() -> None:
    h = a7s3()
    do(h, "focus", mode="auto")
    h.button(Ctl.HALF_PRESS, DOWN)
    h.wait(0.3)
    assert h.settings().number(Prop.FOCUS_INDICATION) == 1
    h.wait(0.3)
    assert h.settings().number(Prop.FOCUS_INDICATION) == 2
    h.button(Ctl.FULL_PRESS, DOWN)
    h.release()
    assert h.wait_image() and h.settings().number(Prop.FOCUS_INDICATION) == 1
    assert h.rules == []


def test_half_press_that_does_not_focus_keeps_no_press_back() -> None:
    h = a7s3()
    do(h, "focus", mode="auto")
    do(h, "half-press-focuses", on=False)
    h.button(Ctl.HALF_PRESS, 2)
    h.wait(1)
    assert h.settings().number(Prop.FOCUS_INDICATION) == 1
    h.button(Ctl.FULL_PRESS, 2)
    h.wait(0.1)
    h.release()
    assert h.wait_image() == 0x8001


def test_failed_focus_shows() -> None:
    h = a7s3()
    do(h, "focus", mode="auto")
    do(h, "focus-finds", on=False)
    h.button(Ctl.HALF_PRESS, DOWN)
    h.wait(1)
    assert h.settings().number(Prop.FOCUS_INDICATION) == 3


def test_a_compact_that_shows_focus_the_other_way() -> None:
    h = host("DSC-RX0").connect()
    do(h, "focus", mode="auto")
    h.button(Ctl.HALF_PRESS, DOWN)
    h.wait(1)
    assert h.settings().number(Prop.FOCUS_INDICATION) == 3
    h.button(Ctl.FULL_PRESS, DOWN)
    h.release()
    assert h.wait_image()


def test_zero_is_taken_as_up() -> None:
    h = a6000()
    h.set_shutter(BULB)
    h.press()
    h.wait(3)
    h.button(Ctl.FULL_PRESS, 0)
    h.button(Ctl.HALF_PRESS, 0)
    assert h.wait_image()


def test_a_timed_exposure_does_not_end_with_the_button() -> None:
    h = a6000()
    h.set_shutter(encode_shutter(Fraction(5)))
    h.shoot(0.1)
    h.wait(4)
    assert h.counter() == 0
    h.wait(1.5)
    assert h.counter() == 0x8001


@pytest.mark.parametrize("change", [("drive", {"mode": "continuous"}), ("silent", {}), ("dial", {"program": "P"})])
@pytest.mark.parametrize("make", [a7s3, a6000])
def test_what_takes_bulb_away(make: Callable[[], Host], change: tuple[str, dict[str, object]]) -> None:
    h = make()
    h.set_shutter(BULB)
    do(h, change[0], **change[1])
    settings = h.settings()
    assert settings.number(Prop.SHUTTER_SPEED) != BULB
    speed = settings.get(Prop.SHUTTER_SPEED)
    assert speed is not None and (speed.form is not Form.ENUM or BULB not in speed.values)
    if h.version is Version.V200:
        h.notch(Ctl.SHUTTER_SPEED, -99)
    else:
        h.write(Prop.SHUTTER_SPEED, BULB)
    h.wait(2)
    assert h.settings().number(Prop.SHUTTER_SPEED) != BULB


def test_the_dial_away_from_m_and_back() -> None:
    h = a6000()
    h.set_shutter(encode_shutter(Fraction(2)))
    do(h, "dial", program="A")
    assert h.settings().number(Prop.SHUTTER_SPEED) == 1 << 16 | 60
    h.notch(Ctl.SHUTTER_SPEED, -3)
    h.wait(1)
    assert h.settings().number(Prop.SHUTTER_SPEED) == 1 << 16 | 60
    do(h, "dial", program="M")
    assert h.settings().number(Prop.SHUTTER_SPEED) == encode_shutter(Fraction(2))


def test_a_burst_as_long_as_the_button_is_down() -> None:
    h = a6000()
    do(h, "drive", mode="continuous")
    h.shoot(0.6)
    h.wait(2)
    assert h.counter() == 0x8003


def test_a_bracket_is_three() -> None:
    h = a6000()
    do(h, "drive", mode="bracket")
    h.shoot(3)
    h.wait(2)
    assert h.counter() == 0x8003


def test_the_self_timer_waits() -> None:
    h = a6000()
    do(h, "drive", mode="self-timer")
    h.shoot()
    h.wait(1.5)
    assert h.camera.body.serial == 0
    h.wait(2)
    assert h.counter() == 0x8001


def test_one_press_while_the_shutter_is_open_is_ignored() -> None:
    h = a6000()
    h.set_shutter(encode_shutter(Fraction(10)))
    h.shoot()
    perform(h.camera, "press", {})
    h.wait(12)
    assert h.counter() == 0x8001


def test_noise_reduction_of_a_3_00_body_doubles_the_time() -> None:
    h = a7s3()
    h.write(Prop.LONG_EXPOSURE_NR, 2)
    h.set_shutter(encode_shutter(Fraction(10)))
    h.shoot()
    h.wait(19.5)
    assert h.counter() == 1
    h.wait(1.5)
    assert h.counter() == 0x8001


def test_the_bulb_timer_of_newest_bodies() -> None:
    h = host("ILCE-6700").connect()
    h.write(Prop.BULB_TIMER, 1)
    h.write(Prop.BULB_TIME, 60)
    h.set_shutter(BULB)
    h.shoot(0.2)
    h.wait(59)
    assert h.counter() == 0
    h.wait_image()
    assert b'"exposure_s": 60.0' in h.fetch()[1]


def test_card_only_never_reaches_the_host() -> None:
    h = a7s3()
    h.write(Prop.SAVE_DESTINATION, 0x10)
    h.wait(0.5)
    h.shoot()
    h.wait(30)
    assert h.counter() == 0 and h.notes("card") == ["serial 1 stays in the camera"]


def test_a_pair_is_counted_twice_or_once_and_comes_jpeg_first() -> None:
    for once, counter in ((False, 0x8002), (True, 0x8001)):
        h = a6000()
        do(h, "menu", item="pair_counts_one", on=once)
        do(h, "format", files="raw+jpeg")
        h.shoot()
        assert h.wait_image() == counter
        first = h.fetch()[0]
        assert h.counter() == 0x8001
        second = h.fetch()[0]
        assert h.counter() == 0
        assert (first.name, second.name) == ("DSC00001.JPG", "DSC00001.ARW") and first.sequence == second.sequence


def test_touching_the_handle_too_soon_crashes_the_firmware() -> None:
    h = a7s3()
    h.set_shutter(encode_shutter(Fraction(1)))
    h.shoot()
    h.wait(1.1)
    assert h.counter() == 1
    with pytest.raises(NoAnswer):
        h.ask(0x1008, HANDLE_IMAGE)
    with pytest.raises(NoAnswer):
        h.ask(0x1001)
    assert h.rules == ["R-HANDLE-EARLY"]
    perform(h.camera, "power", {"on": False})
    perform(h.camera, "power", {"on": True})
    h.connect()
    assert h.counter() == 0x8001


def test_touching_too_soon_may_only_be_an_error() -> None:
    h = a7s3()
    perform(h.camera, "menu", {"item": "early_touch_hangs", "on": False})
    h.set_shutter(encode_shutter(Fraction(1)))
    h.shoot()
    h.wait(1.1)
    assert h.ask(0x1008, HANDLE_IMAGE).code == 0x2009
    assert h.wait_image()


def test_memory_and_buttons_outlive_every_host() -> None:
    h = a6000()
    h.set_shutter(BULB)
    h.press()
    h.wait(3)
    h.device.host_gone()
    h.wait(60)
    assert h.camera.body.exposing
    h.device.host_attached()
    assert h.ask(0x1002, 1).code == 0x201E
    h.ok(0x1003)
    h.connect(warm=False)
    h.button(Ctl.FULL_PRESS, UP)
    h.button(Ctl.HALF_PRESS, UP)
    assert h.wait_image() == 0x8001
    assert b'"serial": 1' in h.fetch()[1]


def test_unplugging_ends_a_bulb_and_keeps_the_image() -> None:
    h = a6000()
    h.set_shutter(BULB)
    h.press()
    h.wait(3)
    perform(h.camera, "unplug", {"back_s": 2.0})
    h.wait(3)
    h.connect()
    assert h.counter() == 0x8001


@pytest.mark.parametrize(("item", "command"), [("keep_on_power_off", "power"), ("keep_on_unplug", "unplug")])
@pytest.mark.parametrize("keep", [True, False])
def test_what_the_memory_survives(item: str, command: str, keep: bool) -> None:
    h = a6000()
    do(h, "menu", item=item, on=keep)
    h.shoot()
    h.wait(2)
    perform(h.camera, command, {"on": False} if command == "power" else {})
    perform(h.camera, "plug" if command == "unplug" else "power", {})
    h.connect()
    assert h.counter() == (0x8001 if keep else 0)


def test_pulling_the_battery_loses_everything() -> None:
    h = a6000()
    h.shoot()
    h.wait(2)
    perform(h.camera, "pull-battery", {})
    assert not h.device.present and h.notes("lost")
    perform(h.camera, "power", {})
    h.connect()
    assert h.counter() == 0


def test_power_off_in_an_exposure_closes_the_shutter() -> None:
    h = a6000()
    h.set_shutter(encode_shutter(Fraction(30)))
    h.shoot()
    h.wait(5)
    perform(h.camera, "battery", {"percent": 0})
    assert not h.device.present
    perform(h.camera, "battery", {"percent": 50})
    perform(h.camera, "power", {})
    h.wait(1)
    h.connect()
    assert h.counter() == 0x8001
    assert b'"exposure_s": 5.' in h.fetch()[1]


def test_objects_are_oldest_first() -> None:
    h = a6000()
    for _ in range(3):
        perform(h.camera, "press", {})
        h.wait(1)
    h.settings()
    assert [h.fetch()[0].name for _ in range(3)] == ["DSC00001.ARW", "DSC00002.ARW", "DSC00003.ARW"]
    assert h.counter() == 0


def test_events_tell_what_changed() -> None:
    h = a7s3()
    h.events()
    h.press()
    h.release()
    h.clock.sleep_until(h.clock.monotonic() + 1)
    h.device.advance()
    codes = [e.code for e in h.events()]
    assert {Ev.CAPTURED, Ev.OBJECT_ADDED, Ev.OPERATION_RESULT, Ev.PROPERTY_CHANGED} <= set(codes)
    h.settings()
    h.fetch()
    assert Ev.OBJECT_REMOVED in [e.code for e in h.events()]


def test_slow_bodies_go_notch_by_notch() -> None:
    h = host("SLT-A58").connect()
    h.set_shutter(encode_shutter(Fraction(1)))
    ladder = list(h.camera.responder.writes.ladder(Ctl.SHUTTER_SPEED))
    here = ladder.index(encode_shutter(Fraction(1)))
    h.notch(Ctl.SHUTTER_SPEED, 3)
    for step in (1, 2, 3):
        h.wait(0.71)
        assert h.settings().number(Prop.SHUTTER_SPEED) == ladder[here + step]


@pytest.mark.parametrize("width", [1, 2, 4])
def test_three_widths_of_a_step(width: int) -> None:
    h = a6000()
    h.notch(Ctl.ISO, -1, width)
    h.wait(0.5)
    assert h.settings().number(Prop.ISO) == 640


def test_iso_lists_lie_and_steps_tell_the_truth() -> None:
    h = a6000()
    iso = h.settings().get(Prop.ISO)
    assert iso is not None and 102400 in iso.choices
    h.notch(Ctl.ISO, 99)
    h.wait(2)
    assert h.settings().number(Prop.ISO) == 25600


def test_the_2019_family_takes_values_in_2_00() -> None:
    h = host("ILCE-7RM4A").connect(Version.V200)
    h.write(Prop.ISO_DIRECT, 1600)
    h.write(Prop.SHUTTER_DIRECT, encode_shutter(Fraction(1, 250)))
    h.wait(0.5)
    settings = h.settings()
    assert settings.number(Prop.ISO) == 1600 and settings.number(Prop.SHUTTER_SPEED) == 1 << 16 | 250
    assert settings.number(Ctl.FULL_PRESS) == 2


def test_a_value_that_is_not_listed_is_ignored_in_3_00() -> None:
    h = a7s3()
    h.write(Prop.ISO, 123)
    h.notch(Ctl.ISO, 3)
    h.wait(1)
    assert h.settings().number(Prop.ISO) == 800


def test_priority_makes_the_program_settable() -> None:
    h = a7s3()
    program = h.settings().get(Prop.PROGRAM)
    assert program is not None and program.writable
    h.close()
    h.connect(priority=False)
    program = h.settings().get(Prop.PROGRAM)
    assert program is not None and not program.writable and program.values == ()


def test_differences_hold_only_what_changed() -> None:
    h = a7s3()
    h.settings()
    h.write(Prop.ISO, 1600)
    h.wait(0.5)
    data = h.ok(0x9209, 1, 0).data or b""
    assert int.from_bytes(data[:8], "little") == 1
    assert int.from_bytes((h.ok(0x9209, 1, 0).data or b"")[:8], "little") == 0


def test_modes_of_the_usb_menu() -> None:
    h = a7s3()
    remote = h.device.identity
    perform(h.camera, "usb-mode", {"mode": "mass_storage"})
    storage = h.device.identity
    assert storage.usb_class == (8, 6, 80) and storage.address != remote.address
    perform(h.camera, "usb-mode", {"mode": "mtp"})
    assert h.device.identity.usb_class == (6, 1, 1)
    h.ok(0x1002, 1)
    assert b"\x80\x92" in (h.ok(0x1001).data or b"")
    assert h.ask(0x9201, 1, 0, 0).code == 0x2002
    perform(h.camera, "usb-mode", {"mode": "remote"})
    h.connect()


def test_storage_questions() -> None:
    assert a7s3().ok(0x1004).data == bytes(4)
    older = a6000()
    assert older.ok(0x1004).data == bytes(4)
    assert older.ask(0x1005, 0x00010001).code == 0x2008
    assert host("ZV-E10").connect().ask(0x1004).code == 0x2013
    h = a7s3()
    assert h.ask(0x1007, 0xFFFFFFFF).code == 0x2013 and h.rules == ["R-FORBIDDEN-OP"]


def test_sleep_takes_it_off_the_bus_until_it_is_touched() -> None:
    h = a6000()
    perform(h.camera, "sleep", {})
    assert not h.device.present
    perform(h.camera, "press", {"hold_s": 0.1})
    assert h.device.present


def test_live_view_is_off_and_gives_a_frame_when_on() -> None:
    h = a7s3()
    h.camera.panel.show(Prop.LIVE_VIEW, 0)
    assert h.ask(0x1009, 0xFFFFC002).code == 0x2009
    h.camera.panel.show(Prop.LIVE_VIEW, 1)
    h.ok(0x1008, 0xFFFFC002)
    data = h.ok(0x1009, 0xFFFFC002).data or b""
    start = int.from_bytes(data[:4], "little")
    assert data[start : start + 2] == b"\xff\xd8"


def test_one_shot_opens_without_a_half_press() -> None:
    h = a6000()
    h.set_shutter(BULB)
    h.button(Ctl.ONE_SHOT, DOWN)
    h.wait(5)
    h.button(Ctl.FULL_PRESS, UP)
    assert h.wait_image()
