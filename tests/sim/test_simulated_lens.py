"""The lens of the simulated camera: steps, stops, play, what it tells, and what moves it without a step."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from indi_sony_py.ptp.codes import Response
from indi_sony_py.sim.control import perform
from indi_sony_py.sim.faults import parse
from indi_sony_py.sim.lens import LENSES, STEP_S
from indi_sony_py.sony.codes import Ctl, Op, Prop
from indi_sony_py.sony.snapshot import Version
from tests.sim.plain_client import Host, host

DOCUMENT = (Path(__file__).parents[2] / "docs" / "SIMULATOR.md").read_text()


def ready(model: str = "ILCE-7SM3", kind: str = "standard", asked: int = Version.V300) -> Host:
    h = host(model)
    h.connect(asked)
    perform(h.camera, "lens", {"kind": kind})
    return h


def step(h: Host, size: int, wait: bool = True) -> int:
    code = h.ask(Op.CONTROL, Ctl.FOCUS_STEP, data=size.to_bytes(2, "little", signed=True)).code
    if wait:
        h.wait(STEP_S * 8)
    return code


@pytest.mark.parametrize("kind", ["standard", "three-steps", "tele"])
def test_each_size_goes_its_own_way(kind: str) -> None:
    h = ready(kind=kind)
    lens = h.camera.lens
    step(h, -7)
    for size in range(1, 8):
        before = lens.glass
        step(h, -size)
        assert before + LENSES[kind].sizes[size - 1] == lens.glass
    assert not h.rules


def test_it_takes_its_time_and_a_step_too_soon_is_lost() -> None:
    h = ready()
    step(h, -7, wait=False)
    h.wait(STEP_S * 7 - 0.05)
    assert h.camera.lens.glass == 260 and h.camera.lens.moving
    step(h, -7, wait=False)
    h.wait(1.0)
    assert h.camera.lens.glass == 260 + 389
    assert h.rules == ["R-FOCUS-STEP"]


def test_the_stops_and_the_play() -> None:
    h = ready(kind="tele")
    lens, kind = h.camera.lens, LENSES["tele"]
    for _ in range(3):
        step(h, 7)
    assert lens.glass == 0
    step(h, -3)
    assert lens.glass == 0, "the motor runs through its play"
    step(h, -4)
    assert lens.glass == 10 + 24 - kind.backlash
    for _ in range(24):
        step(h, -7)
    assert lens.glass == kind.span
    step(h, 3)
    assert lens.glass == kind.span
    step(h, 3)
    assert lens.glass == kind.span + kind.backlash - 20


@pytest.mark.parametrize("asked", [Version.V200, Version.V300])
def test_what_the_body_tells(asked: Version) -> None:
    h = ready("ILCE-7RM4", asked=asked)
    assert h.settings().number(Prop.NEAR_FAR) == 1
    perform(h.camera, "focus", {"mode": "auto"})
    assert h.settings().number(Prop.NEAR_FAR) == 0
    perform(h.camera, "focus", {"mode": "manual"})
    perform(h.camera, "lens", {"kind": "manual"})
    assert h.settings().number(Prop.NEAR_FAR) == 0


def test_the_rough_position_where_it_is_listed() -> None:
    h = ready()
    assert h.settings().number(Prop.FOCAL_POSITION) == round(100 * (1 - 260 / 4200))
    for _ in range(3):
        step(h, -7)
    assert h.settings().number(Prop.FOCAL_POSITION) == round(100 * (1 - (260 + 3 * 389) / 4200))


def test_the_name_of_the_lens() -> None:
    h = ready()
    first = h.settings().text(Prop.LENS_NAME)
    assert first
    perform(h.camera, "lens", {"kind": "tele"})
    assert "200-600mm" in h.settings().text(Prop.LENS_NAME)
    perform(h.camera, "lens", {"on": False})
    assert h.settings().text(Prop.LENS_NAME) == ""
    perform(h.camera, "lens", {})
    assert h.settings().text(Prop.LENS_NAME) == first


def test_steps_that_move_nothing_are_ignored_in_silence() -> None:
    for command, args in (("focus", {"mode": "auto"}), ("lens", {"kind": "manual"}), ("lens", {"on": False})):
        h = ready()
        perform(h.camera, command, args)
        before = h.camera.lens.glass
        assert step(h, -5) == Response.OK
        assert h.camera.lens.glass == before and not h.rules and h.notes("ignored")
    old = host("ILCE-6000")
    old.connect()
    assert step(old, -5) == Response.OK and old.camera.lens.glass == 260


def test_a_body_that_names_the_control_in_3_00_alone_takes_it_in_2_00() -> None:
    h = ready("ILCE-7M4", asked=Version.V200)
    assert Ctl.FOCUS_STEP not in h.settings()
    step(h, -7)
    assert h.camera.lens.glass == 260 + 389


@pytest.mark.parametrize("size", [0, 8, -8, 300])
def test_sizes_that_do_not_exist(size: int) -> None:
    h = ready()
    step(h, size)
    assert h.rules == ["R-FOCUS-STEP"] and h.camera.lens.glass == 260


def test_a_step_of_another_width_is_refused() -> None:
    h = ready()
    assert h.ask(Op.CONTROL, Ctl.FOCUS_STEP, data=b"\x01").code == Response.INVALID_PARAMETER
    assert h.rules == ["R-LENGTH"]


def test_no_step_during_a_photo() -> None:
    h = ready()
    h.button(Ctl.FULL_PRESS, 1)
    h.button(Ctl.HALF_PRESS, 1)
    h.set_shutter(300 << 16 | 10)
    h.settings()
    h.press()
    step(h, -5)
    assert h.camera.lens.glass == 260 and h.rules == ["R-FOCUS-STEP"]


def test_what_moves_it_without_a_step() -> None:
    h = ready()
    lens = h.camera.lens
    perform(h.camera, "ring", {"steps": -100.0})
    assert lens.glass == 360 and lens.blur_px > 1
    perform(h.camera, "focus", {"mode": "auto"})
    h.button(Ctl.HALF_PRESS, 2)
    h.wait(1.0)
    assert lens.glass == 260 and lens.blur_px == 0
    perform(h.camera, "ring", {"steps": 10000.0})
    assert lens.glass == 0
    perform(h.camera, "power", {"on": False})
    perform(h.camera, "power", {"on": True})
    assert lens.glass == 260


def test_faults_strike_a_step() -> None:
    rows: list[dict[str, Any]] = [
        {"kind": "ignore-set", "when": {"property": 0xD2D1, "nth": 1}},
        {"kind": "wrong-direction", "when": {"property": 0xD2D1, "nth": 2}},
        {"kind": "slow-set", "when": {"property": 0xD2D1, "nth": 3}, "seconds": 2.0},
    ]
    h = host("ILCE-7SM3", *parse(rows))
    h.connect()
    lens = h.camera.lens
    step(h, -5)
    assert lens.glass == 260
    step(h, -5)
    assert lens.glass == 205
    step(h, -5)
    assert lens.glass == 205
    h.wait(2.0)
    assert lens.glass == 260


def test_a_telescope_is_never_out_of_focus_by_a_lens() -> None:
    h = ready()
    step(h, -7)
    assert h.camera.lens.blur_px > 0
    perform(h.camera, "lens", {"on": False})
    assert h.camera.lens.blur_px == 0


def test_the_aperture_makes_the_disc_smaller() -> None:
    h = ready()
    step(h, -7)
    wide = h.camera.lens.blur_px
    aperture = h.camera.panel.book.number(Prop.F_NUMBER)
    perform(h.camera, "set", {"property": int(Prop.F_NUMBER), "value": 2 * aperture})
    assert h.camera.lens.blur_px == pytest.approx(wide / 2)


def test_the_document_tells_each_lens() -> None:
    found = re.findall(
        r"^\| `([\w-]+)` \| (.+) \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \|$", DOCUMENT, re.MULTILINE
    )
    assert [row[0] for row in found] == list(LENSES)
    for name, sizes, *numbers in found:
        kind = LENSES[name]
        assert [float(n) for n in numbers] == [kind.span, kind.infinity, kind.backlash, kind.f_number]
        assert not kind.motor or tuple(float(n) for n in sizes.split(", ")) == kind.sizes
