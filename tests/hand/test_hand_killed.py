"""Real processes that are killed at every moment of an exposure: the shutter closes, the frame is kept, the next works.

Several cameras are at work at the same time: what takes the time here is waiting.
"""

from __future__ import annotations

import io
import os
import signal
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from types import MappingProxyType

import pytest
import rawpy
from astropy.io import fits

from indi_sony_py.clock import SystemClock
from indi_sony_py.sim.serial_mark import read_serial
from tests.hand.realrig import Face, House, until

pytestmark = [pytest.mark.realtime, pytest.mark.timeout(300)]

CLOCK = SystemClock()
BULB_S = 1.8
LONG_S = 40.5
CLOSE_S = 0.2
"""How far the shutter may be from the time asked for on a machine that is busy with other cameras."""
AT_ONCE = 6
# What a kill does to a camera; and after it the dead one's session must be closed before another can release.
OF_A_KILL = ("R-HOST-GONE-DOWN", "R-LEFT-OPEN", "R-PRIORITY-LEFT", "R-DELAYED-RELEASE", "R-UNFETCHED")
OPTIONS = ("--transfer-mbps", "30")


def serial_in(path: Path) -> int | None:
    if path.suffix == ".arw":
        with rawpy.imread(io.BytesIO(path.read_bytes())) as raw:
            return read_serial(raw.raw_image)
    with fits.open(path) as hdus:
        hdus.verify("exception")
        return read_serial(hdus[0].data)


def in_the_walk(house: House, face: Face) -> None:
    face.hears("ExposureProgress", stage="preparing")


def just_pressed(house: House, face: Face) -> None:
    face.hears("ExposureStarted")


def mid_bulb(house: House, face: Face) -> None:
    CLOCK.sleep_until(face.hears("ExposureStarted")["started_at"] + 0.9)


def at_release(house: House, face: Face) -> None:
    started = face.hears("ExposureStarted")
    CLOCK.sleep_until(started["started_at"] + started["duration_s"])


def being_read(house: House, face: Face) -> None:
    face.hears("ExposureProgress", stage="collecting")


def being_developed(house: House, face: Face) -> None:
    # That begins with its first bytes, and hardly outlasts the last ones.
    until(lambda: any((house.places.state / "spool").glob("*")), 30, "image that leaves the camera")


Moment = Callable[[House, Face], None]
MOMENTS: Mapping[str, Moment] = MappingProxyType(
    {
        "settings walk": in_the_walk,
        "just pressed": just_pressed,
        "mid-bulb": mid_bulb,
        "at release": at_release,
        "being read": being_read,
        "being developed": being_developed,
    }
)


def all_of(cases: Mapping[str, Callable[[], None]]) -> None:
    """Run them, some at a time; fail with what each of them says."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        started = {name: pool.submit(case) for name, case in cases.items()}
        faults = {name: run.exception() for name, run in started.items()}
    wrong = {name: fault for name, fault in faults.items() if fault is not None}
    if len(wrong) == 1:
        raise next(iter(wrong.values()))
    assert not wrong, "\n".join(f"{name}: {type(fault).__name__}: {fault}" for name, fault in wrong.items())


def shoots(house: House, face: Face, *allowed: str) -> None:
    """The camera is ready: the next frame is the next press's, nothing old comes, and the referee is silent."""
    before = len(house.camera.truth())
    face.expose(102, 0.1)
    face.hears("FrameReady", exposure_id=102)
    (press,) = house.camera.truth()[before:]
    assert serial_in(house.folder / "frames" / "102.fits") == press["serial"]
    assert [ready["exposure_id"] for ready in face.all("FrameReady")] == [102]
    # The hand hears of the delivery after the face has written the frame.
    until(lambda: not list((house.places.state / "spool").glob("*")), 10, "an empty spool: nobody needs its frames")
    broken = [row for row in house.camera.broken() if row["rule"] not in allowed]
    assert not broken, broken


def begun(house: House, seconds: float, *options: str) -> Face:
    face = house.face(*options)
    face.ready()
    face.expose(101, seconds, folder=str(house.out), prefix="M31_XXX")
    return face


# --- the face -------------------------------------------------------------------------------------------------------


def face_killed(moment: Moment) -> None:
    with House(*OPTIONS) as house:
        face = begun(house, BULB_S, "--mute")
        moment(house, face)
        face.kill()
        house.hand_leaves()
        (press,) = house.camera.truth()
        assert press["exposure_s"] == pytest.approx(BULB_S, abs=CLOSE_S)
        (entry,) = house.journal.unannounced()
        assert entry.exposure_id == 101 and entry.exposure_s == BULB_S and Path(entry.path).parent == house.out
        assert serial_in(Path(entry.path)) == press["serial"]
        assert not house.places.marker(house.camera.key).exists()
        after = house.face()
        state = after.hears("HandState")
        assert not state["adopted"] and state["exposure"] is None
        after.ready()
        shoots(house, after)


def test_a_face_that_is_killed_costs_no_frame() -> None:
    all_of({name: partial(face_killed, moment) for name, moment in MOMENTS.items()})


# --- the hand -------------------------------------------------------------------------------------------------------


def hand_killed(moment: Moment, seconds: float) -> None:
    with House(*OPTIONS) as house:
        # A line that was cut off by an earlier death must not swallow what comes after it.
        house.places.journals[0].parent.mkdir(parents=True)
        house.places.journals[0].write_bytes(b'{"frame": {"id": "0123')
        face = begun(house, seconds)
        moment(house, face)
        house.kill_hand()
        face.hears("HandLost")
        after = house.face()
        after.ready()
        if house.camera.tell(command="state")["serial"]:
            # The truth is written when the picture is made: on a busy machine long after the camera is ready again.
            saved = after.hears("FrameSaved", 120)
            (press,) = house.camera.truth()
            assert press["exposure_s"] < LONG_S / 2, "the next hand lets go of the button"
            assert saved["rescued"] and saved["exposure_id"] == 101 and saved["role"] == "kept"
            path = Path(saved["path"])
            assert path.parent == house.out and path.name.startswith("kept_M31_")
            assert serial_in(path) == press["serial"]
            until(lambda: not house.journal.unannounced() and house.journal.entries(), 10, "word that it was told")
        else:
            assert moment is in_the_walk
        shoots(house, after, *OF_A_KILL)
        until(lambda: not house.places.marker(house.camera.key).exists(), 10, "end of the marker")
        after.kill()
        house.hand_leaves()


def test_a_hand_that_is_killed_costs_no_frame() -> None:
    open_long = (just_pressed, mid_bulb)
    all_of({name: partial(hand_killed, m, LONG_S if m in open_long else BULB_S) for name, m in MOMENTS.items()})


def terminated() -> None:
    with House() as house:
        face = begun(house, LONG_S)
        mid_bulb(house, face)
        os.kill(face.hand, signal.SIGTERM)
        face.hears("Goodbye", 60)
        face.hears("HandLost")
        house.hand_leaves()
        (press,) = house.camera.truth()
        assert press["exposure_s"] < LONG_S / 2
        # Whether the face had the time to confirm that it heard of the file is chance.
        (entry,) = house.journal.entries()
        assert Path(entry.path).name == "kept_M31_001.fits" and serial_in(Path(entry.path)) == press["serial"]
        assert not house.places.marker(house.camera.key).exists()


# --- the next face --------------------------------------------------------------------------------------------------


def adopted() -> None:
    """The next face finds the exposure that still runs, and gets its frame."""
    seconds = 5.7
    with House() as house:
        face = begun(house, seconds)
        started = face.hears("ExposureStarted")
        face.kill()
        after = house.face()
        assert len(house.hands) == 1
        state = after.hears("HandState")
        assert state["adopted"] and state["exposure"]["stage"] == "open"
        assert state["exposure"]["started_at"] == started["started_at"]
        after.hears("FrameReady", exposure_id=101)
        (press,) = house.camera.truth()
        assert press["exposure_s"] == pytest.approx(seconds, abs=CLOSE_S)
        assert serial_in(house.folder / "frames" / "101.fits") == press["serial"]
        assert not house.journal.entries() and not list(house.out.iterdir())
        after.kill()
        house.hand_leaves()
        assert house.camera.broken() == []


def other_version() -> None:
    """A driver that was updated meanwhile waits for the old hand to finish, then has one of its own."""
    with House() as house:
        face = begun(house, 4.3)
        just_pressed(house, face)
        face.kill()
        after = house.face("--pair", "77")
        old, new = house.hands
        assert old != new and after.hears("Hello")["version"] == 77
        (entry,) = house.journal.unannounced()
        assert entry.exposure_id == 101
        after.ready()
        shoots(house, after)


def no_face() -> None:
    """A hand that nobody ever speaks to ends by itself."""
    with House() as house:
        face = house.face()
        face.kill()
        house.hand_leaves()
        assert house.camera.truth() == [] and "ends with 0" in house.log()


def test_ends_and_beginnings() -> None:
    all_of({"SIGTERM": terminated, "adopted": adopted, "another version": other_version, "no face": no_face})
