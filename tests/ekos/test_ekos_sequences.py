"""Ekos takes lights, darks, flats and bias, aborts, meets a fault and goes on; what it saved is what the sky put in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tools.ekosbench import SAVED, Bench, bench, judge_file, read
from tools.processes import until
from tools.rig import DEVICE

_BURST_S = 150.0


@pytest.fixture(scope="module")
def ekos(kstars_home: Path) -> Iterator[Bench]:
    with bench(kstars_home, config=SAVED) as made:
        yield made


@pytest.fixture
def folder(ekos: Bench, request: pytest.FixtureRequest) -> Path:
    """Where the frames of this test go; the camera looks at the sky, and nothing is wrong with it."""
    ekos.camera.control(command="scene", scene="sky")
    return ekos.rig.folder / str(request.node.name)


def new_presses(ekos: Bench, before: int) -> list[dict[str, Any]]:
    return ekos.camera.truth()[before:]


def test_lights_darks_flats_and_bias_are_what_was_in_front_of_the_camera(ekos: Bench, folder: Path) -> None:
    before = len(ekos.camera.truth())
    jobs = [
        ekos.job("Light", 1.5, 2, folder=folder),
        ekos.job("Dark", 1.0, folder=folder),
        ekos.job("Flat", 0.01, folder=folder),
        ekos.job("Bias", 0.5, folder=folder),
    ]
    files = ekos.run(jobs, _BURST_S)
    presses = new_presses(ekos, before)
    assert [path.parent.name for path in files] == ["Light", "Light", "Dark", "Flat", "Bias"]
    assert len(presses) == len(files)
    kinds = []
    for path, press in zip(files, presses, strict=True):
        header = judge_file(path, press)
        kinds.append(header["FRAME"])
        assert header["EXPTIME"] == pytest.approx(press["exposure_s"], abs=0.02)
        assert (header["NAXIS1"], header["NAXIS2"], header["BAYERPAT"]) == (4256, 2848, "RGGB")
        assert (header["ISOSPEED"], header["GAIN"], header["ROWORDER"]) == (800, 800, "TOP-DOWN")
    assert kinds == ["Light", "Light", "Dark", "Flat", "Bias"]
    # A bias takes the camera's shortest speed, whatever was asked for.
    assert presses[-1]["exposure_s"] == pytest.approx(1 / 8000)
    assert ekos.camera.broken_rules() == []


def test_an_abort_ends_the_sequence_and_the_next_one_is_not_the_aborted_frame(ekos: Bench, folder: Path) -> None:
    before = len(ekos.camera.truth())
    ekos.camera.control(command="expect", seconds=23)
    ekos.begin([ekos.job("Light", 23, folder=folder)])
    until(lambda: bool(ekos.camera.control(command="state")["exposing"]), bool, 60, "open shutter")
    ekos.kstars.abort_sequence()
    until(lambda: ekos.kstars.state_of(DEVICE, "CCD_EXPOSURE"), lambda state: state == "Idle", 10, "end of the frame")
    ekos.camera.control(command="expect")
    (path,) = ekos.run([ekos.job("Light", 1.2, folder=folder)], _BURST_S)
    aborted, taken = new_presses(ekos, before)
    assert aborted["exposure_s"] < 15
    judge_file(path, taken)
    assert ekos.camera.broken_rules() == []


def test_a_cable_that_goes_in_mid_sequence_costs_a_try_and_no_frame(ekos: Bench, folder: Path) -> None:
    """The cable goes while the second image is fetched: it is made once more, Ekos knows nothing, the old one is kept.

    An Alert would end the sequence: this KStars counts one as two or three failures.
    """
    before = len(ekos.camera.truth())
    fault = {
        "kind": "unplug", "when": {"operation": 0x1009, "property": 0xFFFFC001, "nth": 2}, "after_bytes": 1000000,
        "back_s": 3.0,
    }  # fmt: skip
    ekos.camera.control(command="fault", row=fault)
    files = ekos.run([ekos.job("Light", 1.2, 3, folder=folder)], _BURST_S)
    presses = new_presses(ekos, before)
    assert len(files) == 3 and len(presses) == 4
    for path, press in zip(files, [presses[0], *presses[2:]], strict=True):
        judge_file(path, press)
    assert not any("Restarting capture attempt" in line for line in ekos.kstars.capture_log())
    (kept,) = (Path(frame["path"]) for frame in ekos.rig.rescued() if "kept_" in frame["path"])
    judge_file(kept, presses[1])
    assert ekos.camera.broken_rules() == []


def test_automatic_flats_find_their_level(ekos: Bench, folder: Path) -> None:
    """Ekos asks for arbitrary times; the camera has speeds a third of a stop apart: the tolerance must be as wide."""
    ekos.camera.control(command="scene", scene="flat")
    wanted, tolerance = 10000, 1800
    files = ekos.run([ekos.job("Flat", 0.05, 2, folder=folder, adu=wanted, adu_tolerance=tolerance)], _BURST_S)
    asked = [line for line in ekos.kstars.capture_log() if "Current ADU" in line]
    assert asked
    for path in files[-2:]:
        header, cfa = read(path)
        assert header["FRAME"] == "Flat" and abs(float(cfa.mean()) - wanted) <= tolerance * 1.02
    assert header["EXPTIME"] == ekos.camera.truth()[-1]["exposure_s"]
