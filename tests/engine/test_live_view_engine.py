"""Live view beside exposures: frames while nothing else wants the camera, and the orderly way from them to a photo."""

from __future__ import annotations

import itertools
import os
from typing import Any

import pytest

from indi_sony_py.engine.arrival import Told
from indi_sony_py.engine.messages import (
    Change,
    Collected,
    Disconnect,
    LiveFrame,
    LiveState,
    LiveView,
    LiveViewStatus,
    Role,
)
from indi_sony_py.engine.phases import Phase
from indi_sony_py.sim.faults import Fault, parse
from indi_sony_py.sony.codes import HANDLE_LIVE_VIEW, Prop
from tests.engine.bench import Bench, serial_of
from tests.engine.netbench import NetBench

OBJECT = 0x1009
ALTERNATIONS = int(os.environ.get("INDI_SONY_ALTERNATIONS", "150"))


def fault(kind: str, **rest: object) -> Fault:
    (found,) = parse([{"kind": kind, **rest}])
    return found


def looking(model: str = "ILCE-7SM3", *faults: Fault, **options: Any) -> Bench:
    """A camera whose live view runs."""
    bench = Bench(model, faults, **options)
    bench.connect()
    bench.worker.post(LiveView(True))
    bench.until(lambda: bench.of(LiveFrame))
    return bench


def states(bench: Bench) -> list[LiveState]:
    return [status.state for status in bench.of(LiveViewStatus)]


def stream(bench: Bench, frames: int) -> None:
    wanted = bench.worker.state.live_frames + frames
    bench.until(lambda: bench.worker.state.live_frames >= wanted)


@pytest.mark.parametrize("model", ["ILCE-7SM3", "ILCE-7M3", "ILCE-6300", "ILCE-7RM4"])
def test_frames_come_by_their_numbers_nearly_thirty_a_second(model: str) -> None:
    bench = looking(model)
    began, before = bench.clock.monotonic(), len(bench.of(LiveFrame))
    bench.run(10.0)
    frames = bench.of(LiveFrame)
    assert [frame.number for frame in frames] == list(range(1, len(frames) + 1))
    assert (len(frames) - before) / (bench.clock.monotonic() - began) > 27
    assert all(b.at - a.at >= 0.033 - 1e-9 for a, b in itertools.pairwise(frames))
    assert states(bench) == [LiveState.STARTING, LiveState.ON]
    bench.assert_clean()


def test_on_off_off_on() -> None:
    bench = looking()
    bench.worker.post(LiveView(False))
    bench.worker.post(LiveView(False))
    bench.run(2.0)
    assert bench.worker.state.phase is Phase.IDLE
    count = len(bench.of(LiveFrame))
    bench.run(5.0)
    assert len(bench.of(LiveFrame)) == count
    bench.worker.post(LiveView(True))
    bench.worker.post(LiveView(True))
    stream(bench, 5)
    assert states(bench) == [LiveState.STARTING, LiveState.ON, LiveState.OFF, LiveState.STARTING, LiveState.ON]
    bench.assert_clean()


@pytest.mark.parametrize("pause_s", [0.0, 0.2, 0.45, 0.55, 1.2])
def test_off_and_on_again_before_it_has_ended(pause_s: float) -> None:
    bench = looking("ILCE-6300")
    bench.worker.post(LiveView(False))
    bench.run(pause_s)
    bench.worker.post(LiveView(True))
    stream(bench, 20)
    assert not bench.camera.hung
    assert not any(status.text for status in bench.of(LiveViewStatus))
    bench.assert_clean()


@pytest.mark.parametrize("seconds", [0.5, 2.1])
def test_a_still_stops_it_is_new_and_it_goes_on(seconds: float) -> None:
    bench = looking("ILCE-7M3")
    for serial in (1, 2, 3):
        assert serial_of(bench.frame(seconds).data) == serial
        stream(bench, 10)
    assert states(bench) == [LiveState.STARTING, *[LiveState.ON, LiveState.PAUSED] * 3, LiveState.ON]
    bench.assert_clean()


def order(reports: list[Told]) -> str:
    """What came: l a live frame, p an image; repeated letters once."""
    letters = [
        "l" if isinstance(r, LiveFrame) else "p"
        for r in reports
        if isinstance(r, LiveFrame) or (isinstance(r, Collected) and r.role is Role.FRAME)
    ]
    return "".join(letter for letter, _ in itertools.groupby(letters))


@pytest.mark.quiet
@pytest.mark.parametrize(("model", "rounds"), [("ILCE-7M3", ALTERNATIONS), ("ILCE-6300", 100), ("ILCE-7SM3", 100)])
def test_many_alternations_on_bodies_that_a_wrong_order_stops(model: str, rounds: int) -> None:
    bench = looking(model, fault("live-view-freezes"), seam="session")
    for serial in range(1, rounds + 1):
        assert serial_of(bench.frame((0.5, 1.0, 2.1)[serial % 3]).data) == serial
        stream(bench, 1 + serial % 7)
        assert order(bench.reports) in ("lpl", "pl")
        bench.reports.clear()
    assert not bench.camera.hung
    bench.assert_clean()


def test_a_change_of_a_setting_has_its_turn() -> None:
    bench = looking()
    bench.worker.post(Change("iso", 1600))
    bench.until(lambda: bench.camera.panel.iso == 1600)
    stream(bench, 3)
    bench.assert_clean()


def test_first_frames_that_are_refused_are_waited_for_without_a_word() -> None:
    refused = fault("refuse", when={"operation": OBJECT, "property": HANDLE_LIVE_VIEW, "count": 8}, code=0x200F)
    bench = Bench("DSC-RX100M7", [refused])
    bench.connect()
    began = bench.clock.monotonic()
    bench.worker.post(LiveView(True))
    bench.until(lambda: bench.of(LiveFrame))
    assert bench.clock.monotonic() - began < 3
    assert not any(status.text for status in bench.of(LiveViewStatus)) and not bench.notices
    bench.assert_clean()


@pytest.mark.parametrize("seconds", [0.2, 8.0])
def test_no_settings_between_frames_on_a_body_that_stops_by_it(seconds: float) -> None:
    bench = looking("ILCE-6300")
    stream(bench, 200)
    bench.worker.post(LiveView(False))
    began = bench.clock.monotonic()
    bench.until(lambda: bench.worker.state.phase is Phase.IDLE)
    assert bench.clock.monotonic() - began < 2
    assert bench.frame(seconds)
    assert not bench.camera.hung
    bench.assert_clean()


def test_a_body_that_stops_by_it_is_looked_at_in_a_pause() -> None:
    bench = looking("ILCE-6300")
    bench.do("battery", percent=33)
    bench.run(65.0)
    settings = bench.worker.state.settings
    assert settings is not None and settings.number(Prop.BATTERY) == 33
    assert LiveState.PAUSED not in states(bench)
    bench.assert_clean()


@pytest.mark.parametrize("model", ["ILCE-7SM3", "ILCE-6300"])
def test_a_photo_at_the_body_meanwhile_is_collected_and_kept(model: str) -> None:
    bench = looking(model)
    bench.do("press", hold_s=0.2)
    bench.until(lambda: [r for r in bench.of(Collected) if r.role is Role.UNASKED])
    stream(bench, 5)
    bench.assert_clean()


def test_a_body_without_it_is_never_asked() -> None:
    for model in ("ILCE-6000", "ILCE-5100"):
        bench = Bench(model, [fault("hang", when={"operation": OBJECT, "property": HANDLE_LIVE_VIEW})])
        bench.connect()
        bench.worker.post(LiveView(True))
        bench.run(5.0)
        (status,) = bench.of(LiveViewStatus)
        assert status.state is LiveState.MISSING and "no live view" in status.text
        assert bench.frame(0.5)
        bench.assert_clean()


def test_nobody_is_connected() -> None:
    bench = Bench()
    bench.worker.post(LiveView(True))
    bench.run(1.0)
    (status,) = bench.of(LiveViewStatus)
    assert status.state is LiveState.OFF and "not connected" in status.text


def test_no_frame_for_long_is_told_once_and_is_no_loss() -> None:
    refused = fault("refuse", when={"operation": OBJECT, "property": HANDLE_LIVE_VIEW, "count": 0}, code=0x2009)
    bench = Bench("ILCE-7SM3", [refused])
    bench.connect()
    bench.worker.post(LiveView(True))
    bench.run(60.0)
    (told,) = [status.text for status in bench.of(LiveViewStatus) if status.text]
    assert "no picture for 10 s" in told and "0x2009" in told
    assert serial_of(bench.frame(1.0).data) == 1
    bench.assert_clean()


def test_live_view_that_the_camera_switched_off_is_waited_for() -> None:
    bench = looking()
    bench.camera.panel.show(Prop.LIVE_VIEW, 0)
    bench.run(20.0)
    (told,) = [status.text for status in bench.of(LiveViewStatus) if status.text]
    assert "says that it is off" in told
    count = len(bench.of(LiveFrame))
    bench.camera.panel.show(Prop.LIVE_VIEW, 1)
    bench.run(3.0)
    assert len(bench.of(LiveFrame)) > count + 20
    bench.assert_clean()


def test_damaged_frames_are_left_out() -> None:
    spoilt = fault("damaged-data", when={"operation": OBJECT, "property": HANDLE_LIVE_VIEW, "count": 0}, offset=0)
    bench = Bench("ILCE-7SM3", [spoilt])
    bench.connect()
    bench.worker.post(LiveView(True))
    bench.run(15.0)
    (told,) = [status.text for status in bench.of(LiveViewStatus) if status.text]
    assert "damaged" in told and not bench.of(LiveFrame)
    bench.assert_clean()


def test_a_pulled_cable_and_it_goes_on_by_itself() -> None:
    bench = looking()
    bench.do("unplug", back_s=4.0)
    bench.run(15.0)
    assert states(bench) == [LiveState.STARTING, LiveState.ON, LiveState.PAUSED, LiveState.ON]
    bench.assert_clean()


def test_a_camera_that_is_lost_in_it_twice_is_not_asked_a_third_time() -> None:
    silent = {"operation": OBJECT, "property": HANDLE_LIVE_VIEW}
    bench = looking("ILCE-7SM3", *(fault("no-answer", when={**silent, "nth": nth}) for nth in (20, 60)))
    bench.until(lambda: states(bench)[-1] is LiveState.OFF)
    assert "lost twice" in bench.of(LiveViewStatus)[-1].text
    bench.run(30.0)
    assert bench.frame(1.0)
    assert states(bench)[-1] is LiveState.OFF
    bench.assert_clean()


def test_a_bug_of_ours_ends_it_and_says_so() -> None:
    bench = looking()
    bench.worker._broken(RuntimeError("a bug"))
    assert states(bench)[-1] is LiveState.OFF and "a bug" in bench.of(LiveViewStatus)[-1].text
    bench.run(15.0)
    assert bench.worker.state.phase is Phase.IDLE
    assert states(bench)[-1] is LiveState.OFF


def test_an_image_that_never_gets_ready_keeps_it_away_without_a_wrong_word() -> None:
    bench = Bench("ILCE-7SM3", [fault("slow-image", when={"press": 1}, seconds=60.0)])
    bench.connect()
    bench.do("press", hold_s=0.1)
    bench.run(1.0)
    bench.worker.post(LiveView(True))
    bench.run(40.0)
    assert not bench.of(LiveFrame) and not any(status.text for status in bench.of(LiveViewStatus))
    bench.until(lambda: bench.of(LiveFrame))
    bench.assert_clean()


def test_a_disconnect_ends_it() -> None:
    bench = looking()
    bench.worker.post(Disconnect())
    bench.until(lambda: bench.worker.state.phase is Phase.OFFLINE)
    assert states(bench)[-1] is LiveState.OFF
    bench.connect()
    count = len(bench.of(LiveFrame))
    bench.run(5.0)
    assert len(bench.of(LiveFrame)) == count
    bench.assert_clean()


@pytest.mark.parametrize("model", ["ILCE-7SM3", "ILCE-7M3"])
def test_over_the_network_as_over_usb(model: str) -> None:
    bench = NetBench(model)
    bench.connect()
    bench.worker.post(LiveView(True))
    for serial in (1, 2, 3):
        stream(bench, 10)
        assert serial_of(bench.frame(1.0).data) == serial
    bench.assert_clean()
