"""Records of the class TIMEOUT: limits that are too short, the body's own dark frame, seconds that are lost."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from indi_sony_py.engine.messages import Abort, Collected, ExposureProgress, ExposureStarted, Level, Notice, Stage
from indi_sony_py.sim.faults import Fault
from tests.bugs.handed import frame_of, header_of
from tests.engine.bench import Bench, serial_of
from tests.hand.handrig import Rig

BOTH = pytest.mark.parametrize("model", ["ILCE-7SM3", "ILCE-6000"])


def told_why(bench: Bench) -> list[str]:
    """Why an image takes long, as the user was told after the shutter had closed."""
    return [p.text for p in bench.of(ExposureProgress) if p.stage is Stage.WAITING and p.text]


def since_press(bench: Bench) -> float:
    return bench.clock.monotonic() - bench.of(ExposureStarted)[-1].started_at


@pytest.mark.parametrize(
    ("model", "seconds"),
    [("ILCE-7SM3", 5.0), ("ILCE-6000", 5.0), ("ILCE-7SM3", 60.0), ("ILCE-6000", 60.0), ("ILCE-6000", 600.0)],
)
def test_b39_the_first_frame_with_a_dark_frame_of_the_bodys_own(model: str, seconds: float) -> None:
    """A body of protocol 2.00 does not tell that its noise reduction is on: the first frame must come all the same."""
    bench = Bench(model)
    bench.connect()
    bench.do("noise-reduction", on=True)
    assert serial_of(bench.frame(seconds, limit_s=3000).data) == 1
    assert since_press(bench) == pytest.approx(2 * seconds, abs=0.6)
    (text,) = told_why(bench)
    assert "making its own dark frame (Long Exposure NR)" in text
    assert f"about {2 * seconds:.0f} s in all" in text
    assert serial_of(bench.frame(5.0).data) == 2
    assert "The camera is making" in told_why(bench)[1], "a file told it, or the camera's settings do"
    bench.settle()
    bench.assert_clean()


@BOTH
def test_b39_a_dark_frame_during_which_the_memory_reads_empty(model: str) -> None:
    """Nobody knows what 0xD215 shows meanwhile: where it shows nothing the limit alone waits for the image."""
    bench = Bench(model, [Fault.of("absurd-count", {"count": 0}, value=0, seconds=59.0)])
    bench.connect()
    bench.do("noise-reduction", on=True)
    assert [serial_of(bench.frame(60.0, limit_s=3000).data) for _ in range(2)] == [1, 2]
    assert since_press(bench) == pytest.approx(120.0, abs=0.8)
    bench.settle()
    bench.assert_clean()


@BOTH
def test_b39_nothing_is_told_where_there_is_no_dark_frame(model: str) -> None:
    bench = Bench(model)
    bench.connect()
    bench.frame(5.0)
    assert told_why(bench) == []


@BOTH
@pytest.mark.parametrize("known", [False, True], ids=["first", "later"])
def test_b40_thirty_seconds_and_as_long_again_and_six(model: str, known: bool) -> None:
    """30 s, the dark frame of 30 s, 6 s of processing: libgphoto2 gives up after 35 s in all."""
    bench = Bench(model, [Fault.of("slow-image", {"count": 0}, seconds=5.7)])
    bench.connect()
    bench.do("noise-reduction", on=True)
    if known:
        bench.frame(2.0)
    request = bench.ask(30.0)
    bench.until(lambda: bench.end_of(request))
    end = bench.end_of(request)
    assert isinstance(end, Collected) and serial_of(end.data) == (2 if known else 1)
    assert since_press(bench) == pytest.approx(66.0, abs=0.5)
    bench.settle()
    bench.assert_clean()


@pytest.mark.parametrize("model", ["ILCE-5000", "ILCE-5100"])
def test_b41_a_body_whose_dark_frames_cannot_be_switched_off(model: str) -> None:
    """One line of information, none that asks for a menu entry that is not there, and twice the time for a frame."""
    bench = Bench(model)
    bench.connect()
    notices = [n for n in bench.of(Notice) if "dark frame" in n.text]
    assert [n.level for n in notices] == [Level.INFO]
    assert "no entry that switches that off" in notices[0].text and "twice the exposure time" in notices[0].text
    for number in (1, 2):
        found = bench.frame(10.0)
        assert found.shot is not None and found.shot.nr == "on"
        assert (serial_of(found.data), found.shot.nominal_s) == (number, 10.0)
        assert since_press(bench) == pytest.approx(20.0, abs=0.6)
    assert all("about 20 s in all" in text for text in told_why(bench))
    bench.ask(200.0)
    bench.until(lambda: bench.of(ExposureStarted)[2:])
    assert any("KStars gives a frame up" in text for text in bench.notices), "said before the shot"
    assert not any("menu" in text and "switch" in text.lower() for text in bench.notices if "no entry" not in text)
    bench.worker.post(Abort())
    bench.settle()
    bench.assert_clean()


def test_b41_the_frame_tells_its_true_time_and_asks_for_nothing(tmp_path: Path) -> None:
    rig = Rig(tmp_path, "ILCE-5000")
    face = rig.ready()
    rig.expose(2.0)
    frame = frame_of(rig, face, 1)
    header = header_of(face.frames[frame.frame_id])
    assert (header["EXPTIME"], header["LONGEXNR"]) == (2.0, True)
    assert not any("Long Exposure NR" in text for text in frame.warnings)
    rig.close()


@BOTH
@pytest.mark.parametrize("events", [True, False], ids=["events", "no-events"])
def test_b42_fifty_bias_frames_without_a_second_that_is_lost(model: str, events: bool) -> None:
    """In manual focus nothing is waited for. What the body itself needs after the shutter (0.3 s here) is its own."""
    faults = [] if events else [Fault.of("drop-event", {"count": 0})]
    bench = Bench(model, faults)
    bench.connect()
    bench.frame(1.0, frame_type="Bias")
    fastest = bench.of(ExposureStarted)[0].duration_s
    own = bench.camera.world.profile.behaviour.processing_s
    before = bench.clock.monotonic()
    serials = [serial_of(bench.frame(1.0, frame_type="Bias").data) for _ in range(50)]
    assert serials == list(range(2, 52))
    assert (bench.clock.monotonic() - before) / 50 - own < 0.3
    assert fastest < Fraction(1, 3900)
    bench.settle()
    bench.assert_clean()
