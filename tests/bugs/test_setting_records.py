"""Records of settings that were wrong, slow, or never looked at: success is what the camera reads back."""

from __future__ import annotations

import os
import random
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from indi_sony_py.engine.messages import Change, ChangeResult, ExposureFailed
from indi_sony_py.sim.faults import Fault
from indi_sony_py.sony.codes import Ctl, Prop
from indi_sony_py.sony.values import STANDARD_SHUTTERS_S, FileFormat, Shutter, decode_shutter
from tests.bugs.benches import BOTH, OLD, connected, presses
from tests.bugs.stages import BODIES, change_iso, choose_iso, iso_element, shown_iso, texts_since
from tests.bugs.stages import presses as stage_presses
from tests.engine.bench import serial_of
from tests.stage import Stage, StageCamera

EXPOSURES = int(os.environ.get("INDI_SONY_B22_EXPOSURES", "30"))
"""B22 says 500; these are made in the suite."""
ISO_CODES = (Prop.ISO, Prop.ISO_DIRECT)


def pace(camera: StageCamera, **behaviour: Any) -> None:
    """How the body follows its steps."""
    profile = camera.camera.world.profile
    camera.camera.world.profile = replace(profile, behaviour=replace(profile.behaviour, **behaviour))


@pytest.mark.parametrize("seed", range(2))
def test_b14_steps_that_overshoot_and_lag_end_at_the_value_or_in_words(seed: int) -> None:
    """40 random speeds on a body whose steps go 0 to 3 notches too far and take 50 to 800 ms. Guard: the read-back."""
    chance = random.Random(seed)
    bench = connected(OLD)
    fast = [s for s in STANDARD_SHUTTERS_S if Fraction(1, 4000) <= s <= 1]
    for _ in range(40):
        speed = chance.choice(fast)
        if by := chance.randrange(4):
            times = {"property": Ctl.SHUTTER_SPEED, "count": chance.randint(1, 3)}
            bench.camera.arm(Fault.of("overshoot", times, by=by))
        seconds = chance.uniform(0.05, 0.8)
        bench.camera.arm(Fault.of("slow-set", {"property": Ctl.SHUTTER_SPEED, "count": 0}, seconds=seconds))
        before = len(presses(bench))
        end = bench.expose(float(speed))
        made = presses(bench)[before:]
        if isinstance(end, ExposureFailed):
            assert "shutter speed" in end.text and made == []
        else:
            assert [Fraction(one.split(", ")[1].removesuffix(" s")) for one in made] == [speed]
        bench.camera.world.faults.__init__()  # type: ignore[misc]
    assert len(bench.of(ExposureFailed)) == 0, "such a body can be followed to the end"
    bench.settle()
    bench.assert_clean()


@pytest.mark.parametrize("single", [False, True], ids=["jumps", "notch by notch"])
def test_b14_a_body_that_is_slower_than_its_row_is_not_pressed_in_passing(single: bool) -> None:
    """The speed that was wanted is only passed by a step that goes too far. Guard: it must stand, too."""
    chance = random.Random(14)
    bench = connected(OLD)
    inner = [s for s in STANDARD_SHUTTERS_S if Fraction(1, 1000) <= s <= 1]
    asked: list[Shutter] = []
    stood: list[Shutter] = []
    next_notch = ((Fraction(1, 60), 0.1), (Fraction(1, 50), 0.8))
    for speed, notch_s in (*next_notch, *((chance.choice(inner), chance.uniform(0.05, 0.8)) for _ in range(8))):
        world = bench.camera.world
        behaviour = replace(world.profile.behaviour, notch_s=notch_s, single_notches=single)
        world.profile = replace(world.profile, behaviour=behaviour)
        times = {"property": Ctl.SHUTTER_SPEED, "count": chance.randint(1, 3)}
        bench.camera.arm(Fault.of("overshoot", times, by=chance.randint(1, 3)))
        before = len(presses(bench))
        bench.frame(float(speed))
        (made,) = presses(bench)[before:]
        bench.run(3.0)
        stood.append(decode_shutter(bench.camera.panel.shutter))
        asked.append(speed)
        assert Fraction(made.split(", ")[1].removesuffix(" s")) == speed
        world.faults.__init__()  # type: ignore[misc]
    assert stood == asked, "the dial stands where it stood at the press"
    bench.assert_clean()


@BOTH
def test_b14_the_press_comes_when_a_value_that_was_written_had_time_to_fall_back(model: str) -> None:
    """0.3 s after the last write and the last notch at the earliest. Guard: a value is looked at again after that."""
    bench = connected(model)
    bench.camera.arm(Fault.of("slow-set", {"property": Ctl.SHUTTER_SPEED, "count": 0}, seconds=0.0))
    for seconds in (8.0, 1 / 60, 0.5):
        bench.frame(seconds)
        writes = [entry.t for entry in bench.referee.entries if "slow-set" in entry.detail]
        (press,) = [entry.t for entry in bench.referee.entries[-8:] if entry.kind == "press"]
        assert press - writes[-1] >= 0.3
    bench.assert_clean()


@BODIES
def test_b15_two_clients_that_set_iso_at_once_end_with_the_last_word(model: str) -> None:
    """10 ms apart. One write is under way at a time: the referee hears of any other. Guard: the queue of changes."""
    with Stage(model) as stage:
        stage.connect()
        other = stage.new_client()
        other.get_properties()
        stage.settle()
        choose_iso(stage, "400")
        stage.later(0.01, lambda: choose_iso(stage, "1600", other))
        stage.run(0.02)
        stage.until(lambda: stage.client["CCD_ISO"].state != "Busy", 100.0)
        stage.run(3.0)
        assert (stage.client["CCD_ISO"].state, shown_iso(stage)) == ("Ok", "1600")
        assert other["CCD_ISO"].values == stage.client["CCD_ISO"].values
        assert stage.camera.camera.panel.iso == 1600
        stage.assert_clean()


@BODIES
def test_b15_iso_and_exposures_of_two_clients_are_made_as_each_was_asked_for(model: str) -> None:
    """Each exposure is made with the ISO and the time that stood when it was asked for; a newer one takes its place."""
    with Stage(model) as stage:
        stage.connect()
        other = stage.new_client()
        other.get_properties()
        stage.settle()
        choose_iso(stage, "400")
        stage.client.expose(0.5)
        stage.later(0.01, lambda: choose_iso(stage, "1600", other))
        stage.later(0.01, lambda: other.expose(0.25))
        stage.run(0.02)
        stage.until(lambda: stage.client["CCD_EXPOSURE"].state != "Busy", 100.0)
        (frame,) = stage.client.frames
        press = stage.camera.presses[frame.serial or 0]
        assert (press.iso, press.exposure_s) == (1600, 0.25) and frame.header["ISOSPEED"] == 1600
        stage.assert_clean()


@BOTH
def test_b15_changes_queue_and_each_has_its_own_result(model: str) -> None:
    bench = connected(model)
    for iso in (400, 1600, 200):
        bench.worker.post(Change("iso", iso))
    bench.until(lambda: len(bench.of(ChangeResult)) == 3 or None)
    assert [(result.ok, result.value) for result in bench.of(ChangeResult)] == [(True, 400), (True, 1600), (True, 200)]
    bench.assert_clean()


@pytest.mark.parametrize(
    ("kind", "when", "args"),
    [
        ("wrong-direction", {"count": 1}, {}),
        ("wrong-direction", {"count": 0}, {}),
        ("overshoot", {"count": 0}, {"by": 2}),
        ("alter-set", {"count": 0}, {"value": 64000}),
        ("ignore-set", {"count": 0}, {}),
    ],
    ids=["once the wrong way", "always the wrong way", "swings", "jumps away", "stands still"],
)
def test_b16_a_walk_that_goes_astray_ends_and_the_driver_stays_usable(
    kind: str, when: dict[str, int], args: dict[str, int]
) -> None:
    """ILCE-7S from ISO 25600 to 3200: Ok or Alert within 20 s. Guards: circle and standstill, then steps and time."""
    with Stage("ILCE-7S") as stage:
        stage.connect()
        assert change_iso(stage, "25600") == "Ok"
        mark = len(stage.client.messages)
        stage.camera.fault(kind, {"property": Ctl.ISO, **when}, **args)
        began = stage.clock.monotonic()
        state = change_iso(stage, "3200", 90.0)
        assert stage.clock.monotonic() - began < 20.0
        reads = stage.camera.camera.panel.iso
        assert shown_iso(stage) == str(reads), "what is shown is what the camera says"
        if state == "Ok":
            assert reads == 3200
        else:
            assert "ISO" in texts_since(stage, mark) and "3200" in texts_since(stage, mark)
        stage.camera.camera.world.faults.__init__()  # type: ignore[misc]
        assert stage.expose(1.0).serial == 1
        assert change_iso(stage, "3200") == "Ok"
        stage.assert_clean()


PROFILES = {
    "under the old code": ("ILCE-6400", "AUTO", ()),
    "under the new code": ("ILCE-7RM4", "FORCE_200", ()),
    "in 3.00": ("ILCE-7RM4", "AUTO", ()),
    "nowhere in 2.00": ("ILCE-7RM4", "FORCE_200", ISO_CODES),
    "nowhere in 3.00": ("ILCE-7RM4", "AUTO", ISO_CODES),
    "nowhere by notches": ("ILCE-6400", "AUTO", ISO_CODES),
}


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("known", [True, False], ids=["a known body", "a stranger"])
def test_b17_ccd_iso_is_filled_wherever_the_list_stands(profile: str, known: bool) -> None:
    """The list of ISO values stands under one code, under another, or under none.

    Nothing is learnt by stepping through all values, which would turn the user's dial: where the body lists nothing and
    no table knows it, the usual ladder is offered, and a value that the body lacks is refused by what reads back.
    """
    model, protocol, empty = PROFILES[profile]
    rows = [Fault.of("empty-list", code=code) for code in empty]
    rows += [] if known else [Fault.of("stranger")]
    with Stage(model, faults=rows) as stage:
        stage.client.get_properties()
        stage.settle()
        stage.client.switch("PROTOCOL", protocol)
        stage.connect()
        offered = {attributes["label"] for attributes in stage.client["CCD_ISO"].attributes.values()}
        assert {"100", "800", "1600", "3200"} <= offered
        for label in ("1600", "200"):
            assert change_iso(stage, label) == "Ok", stage.client.texts
            assert shown_iso(stage) == label and stage.camera.camera.panel.iso == int(label)
        assert stage.expose(1.0).header["ISOSPEED"] == 200
        stage.assert_clean()


def test_b17_a_value_that_the_body_lacks_is_an_alert_with_the_one_that_stays() -> None:
    """A stranger without lists, whose lowest ISO is 200: the ladder offers 100, and the camera stays where it is."""
    rows = [*(Fault.of("empty-list", code=code) for code in ISO_CODES), Fault.of("stranger")]
    with Stage("ILCE-6000", faults=rows) as stage:
        world = stage.camera.camera.world
        world.profile = replace(world.profile, isos=tuple(iso for iso in world.profile.isos if 200 <= iso <= 25600))
        stage.connect()
        mark = len(stage.client.messages)
        assert change_iso(stage, "100") == "Alert"
        assert "stays at 200 and does not go to 100" in texts_since(stage, mark)
        assert shown_iso(stage) == str(stage.camera.camera.panel.iso) == "200"
        assert stage.expose(1.0).serial == 1
        stage.assert_clean()


@BODIES
@pytest.mark.parametrize("known", [True, False], ids=["a known body", "a stranger"])
def test_b18_an_empty_list_of_speeds_is_usual(model: str, known: bool) -> None:
    rows = [Fault.of("empty-list", code=code) for code in (Prop.SHUTTER_SPEED, Prop.SHUTTER_DIRECT)]
    rows += [] if known else [Fault.of("stranger")]
    with Stage(model, faults=rows) as stage:
        stage.connect()
        assert stage.client.has("CCD_EXPOSURE")
        frame = stage.expose(2.0)
        assert stage_presses(stage.camera) == ["2"] and frame.header["EXPTIME"] == 2.0
        stage.assert_clean()


def test_b19_a_list_that_changes_is_defined_anew_with_a_valid_choice() -> None:
    """The ISO list shrinks while the camera is connected, then grows. (Aperture, as in the record, is not offered.)"""
    with Stage("ILCE-7SM3") as stage:
        stage.connect()
        for values in ([100, 200, 800], [100, 200, 800, 1600, 3200]):
            stage.camera.fault("relist", {"time": 0.0}, code=Prop.ISO, values=values)
            stage.run(2.0)
            mirror = stage.client["CCD_ISO"]
            assert [attributes["label"] for attributes in mirror.attributes.values()] == [str(v) for v in values]
            assert mirror.attributes[mirror.chosen]["label"] == "800"
        assert change_iso(stage, "3200") == "Ok"
        stage.assert_clean()


@BOTH
@pytest.mark.parametrize("start", ["raw", "raw+jpeg", "jpeg"])
@pytest.mark.parametrize("wanted", ["raw", "raw+jpeg"])
def test_b20_the_quality_is_set_in_the_form_that_the_body_declares(model: str, start: str, wanted: str) -> None:
    """8 bits with 2, 3, 4, 16, 19 in 2.00, 16 bits with 1 to 5 in 3.00. A wrong width would be an R-LENGTH."""
    bench = connected(model)
    bench.do("format", files=start)
    bench.run(2.0)
    assert serial_of(bench.frame(1.0, capture_format=wanted).data) == 1
    assert bench.camera.panel.file_format == FileFormat(True, wanted == "raw+jpeg")
    bench.settle()
    bench.assert_clean()


@BOTH
def test_b20_a_refusal_is_told_with_its_code(model: str) -> None:
    code = Prop.FILE_FORMAT_300 if model != OLD else Prop.FILE_FORMAT_200
    bench = connected(model, Fault.of("refuse", {"operation": 0x9205, "property": code, "count": 0}, code=0x2006))
    bench.do("format", files="jpeg")
    bench.run(2.0)
    text = bench.failure(1.0)
    assert "file format" in text and "0x2006" in text and "RAW" in text
    assert presses(bench) == []


@pytest.mark.parametrize("jumps", [True, False], ids=["jumps", "single steps"])
def test_b21_the_whole_range_of_speeds(jumps: bool) -> None:
    """30 s to 1/4000 s at 250 ms a step: under 5 s in a jump, else told while it goes on.

    The rules differ from the record: an exposure that is asked for meanwhile is held, never refused.
    """
    with Stage("ILCE-6000") as stage:
        pace(stage.camera, notch_s=0.25, single_notches=not jumps)
        stage.connect()
        stage.run(4.0)
        stage.camera.do("shutter", speed="30")
        stage.run(2.0)
        mark, began = len(stage.client.messages), stage.clock.monotonic()
        stage.client.expose(1 / 4000)
        stage.settle()
        stage.until(lambda: stage_presses(stage.camera), 60.0)
        took = stage.clock.monotonic() - began
        told = [text for text in stage.client.texts[mark:] if "1/4000 s" in text and "shutter speed" in text]
        if jumps:
            assert took < 5.0
        else:
            assert took > 10.0 and told
        stage.until(lambda: stage.client["CCD_EXPOSURE"].state != "Busy", 60.0)
        assert stage.client["CCD_EXPOSURE"].state == "Ok"
        assert stage_presses(stage.camera) == ["1/4000"]
        stage.assert_clean()


def test_b21_an_exposure_asked_for_in_a_long_walk_is_held_and_made() -> None:
    with Stage("ILCE-6000") as stage:
        pace(stage.camera, notch_s=0.25, single_notches=True)
        stage.connect()
        stage.run(4.0)
        assert iso_element(stage.client, "100")
        choose_iso(stage, "25600")
        stage.run(1.0)
        stage.client.expose(2.0)
        stage.settle()
        assert stage.client["CCD_EXPOSURE"].state == "Busy"
        stage.until(lambda: stage.client["CCD_EXPOSURE"].state != "Busy", 100.0)
        (frame,) = stage.client.frames
        assert frame.header["ISOSPEED"] == 25600 and stage.client["CCD_ISO"].state == "Ok"
        stage.assert_clean()


@BODIES
def test_b22_new_settings_before_each_exposure_and_a_second_client_that_reads_all(model: str) -> None:
    """ISO and time change before each exposure; no gap above 10 s, each frame its own, made as asked for."""
    chance = random.Random(22)
    isos = ["100", "200", "400", "800", "1600", "3200"]
    times = {0.1: 0.1, 0.125: 0.125, 1 / 15: 1 / 15, 0.2: 0.2}
    with Stage(model, keep=100) as stage:
        stage.connect()
        stage.run(4.0)
        reader = stage.new_client()
        reader.get_properties()
        last = stage.clock.monotonic()
        for number in range(1, EXPOSURES + 1):
            iso, seconds = chance.choice(isos), chance.choice(list(times))
            choose_iso(stage, iso)
            reader.get_properties()
            stage.settle()
            frame = stage.expose(seconds)
            assert frame.serial == number
            press = stage.camera.presses[number]
            assert press.iso == int(iso) and press.exposure_s == pytest.approx(seconds)
            assert frame.header["ISOSPEED"] == int(iso)
            assert stage.clock.monotonic() - last < 10.0
            last = stage.clock.monotonic()
            stage.client.frames.clear()
            reader.frames.clear()
        stage.assert_clean()


@BODIES
def test_b23_a_setting_that_the_camera_ignores_is_an_alert_with_the_one_that_stays(model: str) -> None:
    with Stage(model) as stage:
        stage.connect()
        stage.run(4.0)
        for code in ISO_CODES:
            stage.camera.fault("ignore-set", {"property": code, "count": 0})
        mark = len(stage.client.messages)
        assert change_iso(stage, "1600") == "Alert"
        assert "stays at 800 and does not go to 1600" in texts_since(stage, mark)
        assert shown_iso(stage) == "800"
        assert stage.expose(1.0).header["ISOSPEED"] == 800


@BODIES
def test_b23_no_aperture_is_offered(model: str) -> None:
    with Stage(model) as stage:
        stage.camera.do("lens", on=False)
        stage.connect()
        assert not [name for _, name in stage.client.vectors if "APERTURE" in name]
        assert stage.expose(1.0).serial == 1
