"""The button at the body and the host's meet: what docs/SIMULATOR.md says of it."""

from __future__ import annotations

import json
from fractions import Fraction

from indi_sony_py.sim.control import perform
from indi_sony_py.sony.codes import Ctl
from indi_sony_py.sony.values import encode_shutter
from tests.sim.plain_client import DOWN, UP, a7s3, a6000

BULB = 0


def open_times(data: list[bytes]) -> list[tuple[int, float]]:
    found = [json.loads(d.split(b" ", 1)[1]) for d in data]
    return [(f["serial"], round(f["exposure_s"], 1)) for f in found]


def test_a_press_of_the_host_while_the_body_exposes_is_swallowed() -> None:
    h = a6000()
    h.set_shutter(encode_shutter(Fraction(1, 2)))
    perform(h.camera, "press", {})
    h.press()
    h.wait(2)
    assert h.notes("refused") == ["press by the host: busy"]
    h.release()
    assert h.wait_image() == 0x8001
    assert open_times([h.fetch()[1]]) == [(1, 0.5)]
    h.settings()
    h.shoot()
    h.wait_image()
    assert open_times([h.fetch()[1]]) == [(2, 0.5)]


def test_a_press_of_the_body_while_the_host_exposes_is_swallowed() -> None:
    h = a6000()
    h.set_shutter(BULB)
    h.press()
    h.wait(3)
    perform(h.camera, "press", {"hold_s": 0.2})
    h.wait(7)
    h.release()
    h.wait_image()
    assert open_times([h.fetch()[1]]) == [(1, 10.0)]
    assert h.notes("refused") == ["press by the body: busy"]
    assert h.rules == []


def test_a_bulb_ends_when_both_buttons_are_up() -> None:
    h = a6000()
    h.set_shutter(BULB)
    h.press()
    h.wait(3)
    perform(h.camera, "press", {"hold_s": 10.0})
    h.wait(2)
    h.release()
    h.wait(2)
    assert h.camera.body.exposing
    h.wait_image()
    ((serial, seconds),) = open_times([h.fetch()[1]])
    assert serial == 1 and 12.9 <= seconds <= 13.1


def test_a_bulb_of_the_body_is_not_ended_by_the_hosts_own_release_while_its_button_is_down() -> None:
    h = a7s3()
    h.set_shutter(BULB)
    perform(h.camera, "press", {"hold_s": -1.0})
    h.button(Ctl.FULL_PRESS, DOWN)
    h.wait(2)
    h.button(Ctl.FULL_PRESS, UP)
    h.wait(2)
    assert h.camera.body.exposing
    perform(h.camera, "release", {})
    h.wait_image()
    assert open_times([h.fetch()[1]])[0][0] == 1
