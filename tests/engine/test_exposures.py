"""Exposures on the simulated camera in virtual time: the camera rules by their numbers, and what goes wrong in each."""

from __future__ import annotations

from dataclasses import replace

import pytest

from indi_sony_py.engine.messages import (
    Abort,
    Aborted,
    CameraStatus,
    Change,
    ChangeResult,
    Collected,
    Connect,
    Disconnect,
    Expose,
    ExposureFailed,
    ExposureHeld,
    ExposureProgress,
    ExposureRequest,
    ExposureStarted,
    Leave,
    Observed,
    Policy,
    Role,
    ShutterMode,
    Stage,
)
from indi_sony_py.engine.phases import Phase
from indi_sony_py.observatory import Observatory
from indi_sony_py.sim.darkroom import Files, Press
from indi_sony_py.sim.faults import Fault
from tests.engine.bench import Bench, bench_files, serial_of

BOTH = pytest.mark.parametrize("model", ["ILCE-7SM3", "ILCE-6000"])


def presses(bench: Bench) -> list[str]:
    return [e.detail for e in bench.referee.entries if e.kind == "press"]


@pytest.fixture
def bench(model: str) -> Bench:
    made = Bench(model)
    made.connect()
    return made


@BOTH
def test_frames_in_a_row_are_new_and_true(bench: Bench) -> None:
    serials = []
    for seconds in (0.5, 2.0, 5.0, 1 / 250):
        found = bench.frame(seconds)
        assert found.shot is not None and found.shot.nominal_s == pytest.approx(seconds)
        serials.append(serial_of(found.data))
    assert serials == [1, 2, 3, 4]
    bench.settle()
    bench.assert_clean()


@BOTH
def test_a_time_that_is_no_speed_is_a_bulb_to_the_millisecond(bench: Bench) -> None:
    found = bench.frame(7.3)
    assert found.shot is not None
    assert found.shot.mode is ShutterMode.BULB
    assert found.shot.measured_s == pytest.approx(7.3, abs=0.001)
    bench.settle()
    bench.assert_clean()


@BOTH
@pytest.mark.parametrize(
    ("seconds", "policy", "mode", "nominal"),
    [
        (30.0, Policy.AUTO, ShutterMode.TIMED, 30.0),
        (30.2, Policy.AUTO, ShutterMode.TIMED, 30.0),
        (30.4, Policy.AUTO, ShutterMode.BULB, None),
        (31.0, Policy.AUTO, ShutterMode.BULB, None),
        (0.7, Policy.AUTO, ShutterMode.TIMED, 0.8),
        (0.00025, Policy.AUTO, ShutterMode.TIMED, 0.00025),
        (1.0, Policy.BULB, ShutterMode.BULB, None),
        (31.0, Policy.TIMED, ShutterMode.TIMED, 30.0),
        (7.0, Policy.TIMED, ShutterMode.TIMED, None),
    ],
)
def test_who_times_the_exposure(
    bench: Bench, seconds: float, policy: Policy, mode: ShutterMode, nominal: float | None
) -> None:
    found = bench.frame(seconds, policy=policy)
    assert found.shot is not None and found.shot.mode is mode
    if nominal is not None:
        assert found.shot.nominal_s == pytest.approx(nominal, rel=0.2)
    bench.settle()
    bench.assert_clean()


@BOTH
def test_bias_takes_the_shortest_speed(bench: Bench) -> None:
    found = bench.frame(5.0, frame_type="Bias")
    assert found.shot is not None and found.shot.nominal_s is not None and found.shot.nominal_s < 1 / 3900


@BOTH
@pytest.mark.parametrize("count", [1, 2, 5])
def test_rule_2_images_that_wait_are_drained_and_announced(model: str, count: int) -> None:
    bench = Bench(model, [Fault.of("leftover", count=count)])
    bench.connect()
    found = bench.frame(1.0)
    assert serial_of(found.data) == count + 1
    unasked = [c for c in bench.of(Collected) if c.role is Role.UNASKED]
    assert len(unasked) == count and all(c.shot is None for c in unasked)
    bench.settle()
    bench.assert_clean()


@BOTH
def test_rule_2_an_image_under_preparation_is_waited_for(model: str) -> None:
    bench = Bench(model, [Fault.of("slow-image", {"press": 1}, seconds=8.0)])
    bench.connect()
    bench.do("press", hold_s=0.2)
    bench.run(0.3)
    found = bench.frame(1.0)
    assert serial_of(found.data) == 2
    bench.assert_clean()


@BOTH
def test_rule_3_what_can_be_set_is_set(bench: Bench) -> None:
    bench.do("drive", mode="continuous")
    bench.do("format", files="raw+jpeg")
    bench.run(2.0)
    bench.frame(1.0)
    bench.settle()
    images = bench.of(Collected)
    assert len(images) == 1, "one press, one RAW"
    bench.assert_clean()


@BOTH
@pytest.mark.parametrize(
    ("command", "args", "words"),
    [
        ("dial", {"program": "P"}, ("M",)),
        ("dial", {"program": "Auto"}, ("M",)),
        ("dial", {"program": "Movie"}, ("M",)),
        ("dial", {"program": "S"}, ("M",)),
    ],
)
def test_rule_3_the_dial_is_named(bench: Bench, command: str, args: dict[str, object], words: tuple[str, ...]) -> None:
    bench.do(command, **args)
    end = bench.expose(2.0)
    if isinstance(end, ExposureFailed):
        assert all(word in end.text for word in words), end.text
        assert presses(bench) == [], "no press in the wrong mode"
    bench.do("dial", program="M")
    bench.frame(2.0)
    bench.assert_clean()


def test_rule_3_playback_is_named() -> None:
    bench = Bench("ILCE-7SM3")
    bench.connect()
    bench.do("playback", on=True)
    text = bench.failure(1.0)
    assert "playback" in text and "shutter button" in text
    bench.do("playback", on=False)
    bench.frame(1.0)


def test_rule_3_save_to_card_only_is_set_to_the_host() -> None:
    bench = Bench("ILCE-7SM3")
    bench.connect()
    bench.do("save-to", to="card")
    bench.frame(1.0)
    bench.assert_clean()


def test_rule_3_no_card_where_images_go_to_it() -> None:
    bench = Bench("ILCE-7SM3")
    bench.connect()
    bench.do("save-to", to="both")
    bench.do("card", state="none")
    text = bench.failure(1.0)
    assert "card" in text and "Save Dest" in text


@BOTH
@pytest.mark.parametrize("value", ["ignore-set", "alter-set"])
def test_rule_3_a_setting_that_does_not_take_is_refused_in_words(model: str, value: str) -> None:
    args = {"value": 0x000100FA} if value == "alter-set" else {}
    bench = Bench(model, [Fault.of(value, {"property": 0xD20D, "count": 0}, **args)])
    bench.connect()
    text = bench.failure(60.0)
    assert "BULB" in text
    assert presses(bench) == []
    bench.assert_clean()


@BOTH
def test_rule_3_a_setting_ignored_once_is_written_again(model: str) -> None:
    bench = Bench(model, [Fault.of("ignore-set", {"property": 0xD20D})])
    bench.connect()
    bench.frame(8.0)
    bench.assert_clean()


@BOTH
def test_rule_3_a_setting_that_falls_back_is_seen_before_the_press(model: str) -> None:
    bench = Bench(model, [Fault.of("fall-back", {"property": 0xD20D}, value=0x000100FA, seconds=0.2)])
    bench.connect()
    found = bench.frame(8.0)
    assert found.shot is not None and found.shot.nominal_s == 8.0
    assert "8" in presses(bench)[-1]
    bench.assert_clean()


@pytest.mark.parametrize("by", [1, 2, 3])
def test_rule_3_steps_that_overshoot_are_walked_back(by: int) -> None:
    bench = Bench("ILCE-6000", [Fault.of("overshoot", {"property": 0xD20D, "count": 3}, by=by)])
    bench.connect()
    found = bench.frame(1 / 60)
    assert found.shot is not None and found.shot.nominal_s == pytest.approx(1 / 60)
    bench.assert_clean()


def test_rule_3_a_step_in_the_wrong_direction_ends_somewhere() -> None:
    bench = Bench("ILCE-6000", [Fault.of("wrong-direction", {"property": 0xD21E})])
    bench.connect()
    bench.frame(1.0, iso=3200)
    bench.settle()
    endless = Bench("ILCE-6000", [Fault.of("wrong-direction", {"property": 0xD21E, "count": 0})])
    endless.connect()
    text = endless.failure(1.0, iso=3200)
    assert "ISO" in text and "3200" in text
    assert presses(endless) == []


@BOTH
@pytest.mark.parametrize("code", [0xD2C1, 0xD2C2])
def test_rule_4_a_missing_button_never_gates(model: str, code: int) -> None:
    bench = Bench(model, [Fault.of("hide", code=code)])
    bench.connect()
    bench.frame(1.0)
    bench.assert_clean()


@pytest.mark.parametrize("rest", [1, 2])
def test_rule_4_any_rest_value_is_fine(rest: int) -> None:
    bench = Bench("ILCE-6000", [Fault.of("rest-value", value=rest)])
    bench.connect()
    bench.frame(1.0)
    bench.frame(3.3)
    bench.settle()
    bench.assert_clean()


@BOTH
def test_rule_5_auto_focus_is_switched_off_or_waited_for(bench: Bench) -> None:
    bench.do("focus", mode="auto")
    bench.frame(1.0)
    bench.settle()
    bench.assert_clean()


@BOTH
def test_rule_5_auto_focus_that_cannot_be_switched_off_is_waited_for(model: str) -> None:
    bench = Bench(model, [Fault.of("ignore-set", {"property": 0x500A, "count": 0})])
    bench.connect()
    bench.do("focus", mode="auto")
    bench.frame(1.0)
    assert any("MF" in n for n in bench.notices)
    bench.settle()
    bench.assert_clean()


@BOTH
def test_rule_5_focus_that_fails_lets_go_and_says_so(model: str) -> None:
    bench = Bench(model, [Fault.of("ignore-set", {"property": 0x500A, "count": 0})])
    bench.connect()
    bench.do("focus", mode="auto")
    bench.do("focus-finds", on=False)
    before = bench.clock.monotonic()
    text = bench.failure(1.0)
    assert "MF" in text
    assert presses(bench) == []
    assert bench.clock.monotonic() - before < 20
    bench.run(1.0)
    assert not bench.camera.body.half
    bench.do("focus", mode="manual")
    bench.frame(1.0)
    bench.assert_clean()


@BOTH
def test_rule_8_events_are_hints_only(model: str) -> None:
    bench = Bench(model, [Fault.of("drop-event", {"count": 0})])
    bench.connect()
    for number in range(3):
        assert serial_of(bench.frame(1.0).data) == number + 1
    bench.settle()
    bench.assert_clean()


@BOTH
@pytest.mark.parametrize("kind", ["early-event", "double-event", "late-event", "absurd-count"])
def test_rule_8_events_and_counts_that_lie(model: str, kind: str) -> None:
    bench = Bench(model, [Fault.of(kind, {"count": 0})])
    bench.connect()
    for number in range(3):
        assert serial_of(bench.frame(1.0).data) == number + 1
    bench.settle()
    bench.assert_clean()


@BOTH
def test_rule_8_noise_reduction_is_waited_for(bench: Bench) -> None:
    bench.do("noise-reduction", on=True)
    first = bench.frame(100.0)
    assert serial_of(first.data) == 1
    assert first.shot is not None and first.shot.nr == "on"
    bench.frame(30.0)
    waiting = [p for p in bench.of(ExposureProgress) if p.stage is Stage.WAITING]
    assert any("dark frame" in p.text for p in waiting)
    bench.ask(200.0)
    bench.until(lambda: bench.of(ExposureStarted)[2:])
    assert any("180 s" in n for n in bench.notices), "warned before the shot"
    bench.until(lambda: [c for c in bench.of(Collected) if c.role is Role.FRAME][2:], 600)
    bench.settle()
    bench.assert_clean()


@BOTH
def test_rule_8_no_image_ends_with_a_message_and_the_late_image_is_kept(model: str) -> None:
    bench = Bench(model, [Fault.of("slow-image", {"press": 1}, seconds=100.0)])
    bench.connect()
    text = bench.failure(2.0)
    assert "No image came" in text
    found = bench.frame(2.0, limit_s=400)
    assert serial_of(found.data) == 2
    kept = [c for c in bench.of(Collected) if c.role is Role.KEPT]
    assert [serial_of(c.data) for c in kept] == [1], "the late one is kept, not delivered"
    assert kept[0].shot is not None and kept[0].shot.request.id == 1


@BOTH
def test_rule_8_a_deaf_press_ends_with_a_message_and_no_second_press(model: str) -> None:
    bench = Bench(model, [Fault.of("deaf", {"press": 1})])
    bench.connect()
    before = bench.clock.monotonic()
    assert "No image came" in bench.failure(2.0)
    assert bench.clock.monotonic() - before < 2 * 2 + 30 + 10
    assert sum(e.kind == "refused" for e in bench.referee.entries) == 1
    assert serial_of(bench.frame(2.0).data) == 1


@BOTH
@pytest.mark.parametrize("raw_first", [False, True])
@pytest.mark.parametrize("count_once", [False, True])
@pytest.mark.parametrize("gap_s", [0.0, 0.8])
def test_rule_9_pairs_in_either_order(model: str, raw_first: bool, count_once: bool, gap_s: float) -> None:
    row = Fault.of("pair", {"count": 0}, raw_first=raw_first, count_once=count_once, gap_s=gap_s)
    bench = Bench(model, [row])
    bench.connect()
    for number in (1, 2, 3):
        found = bench.frame(1.0, capture_format="raw+jpeg")
        assert serial_of(found.data) == number and found.name.endswith("ARW")
        bench.settle()
    companions = [c for c in bench.of(Collected) if c.role is Role.COMPANION]
    assert [serial_of(c.data) for c in companions] == [1, 2, 3]
    assert not [c for c in bench.of(Collected) if c.role is Role.UNASKED]
    bench.assert_clean()


@BOTH
def test_rule_9_a_burst_is_one_frame_and_the_rest_is_kept(model: str) -> None:
    bench = Bench(model, [Fault.of("two-frames", {"press": 1})])
    bench.connect()
    assert serial_of(bench.frame(1.0).data) == 1
    bench.run(3.0)
    assert serial_of(bench.frame(1.0).data) == 3
    assert [serial_of(c.data) for c in bench.of(Collected) if c.role is Role.UNASKED] == [2]
    bench.assert_clean()


@BOTH
def test_rule_10_abort_before_the_press(bench: Bench) -> None:
    request = bench.ask(3.3)
    bench.until(lambda: bench.worker.state.phase is Phase.ADJUSTING or None)
    bench.worker.post(Abort())
    end = bench.until(lambda: bench.end_of(request))
    assert isinstance(end, Aborted)
    bench.settle()
    assert presses(bench) == []
    assert serial_of(bench.frame(1.0).data) == 1
    bench.assert_clean()


@BOTH
@pytest.mark.parametrize("seconds", [20.0, 20.5])
def test_rule_10_abort_while_the_shutter_is_open_drops_the_image_by_name(bench: Bench, seconds: float) -> None:
    request = bench.ask(seconds)
    bench.until(lambda: bench.of(ExposureStarted))
    bench.run(3.0)
    bench.worker.post(Abort())
    end = bench.until(lambda: bench.end_of(request), 1.0)
    assert isinstance(end, Aborted)
    assert (end.busy_s > 10) == (seconds == 20.0), "a timed exposure cannot be stopped"
    bench.settle()
    dropped = [c for c in bench.of(Collected) if c.role is Role.DROPPED]
    assert len(dropped) == 1 and dropped[0].name == "DSC00001.ARW"
    assert serial_of(bench.frame(1.0).data) == 2
    bench.assert_clean()


@BOTH
def test_rule_10_abort_after_the_shutter_closed_keeps_the_frame(model: str) -> None:
    bench = Bench(model, [Fault.of("slow-image", seconds=5.0)])
    bench.connect()
    request = bench.ask(2.0)
    bench.until(lambda: bench.worker.state.phase is Phase.AWAITING or None)
    bench.run(0.5)
    bench.worker.post(Abort())
    assert isinstance(bench.until(lambda: bench.end_of(request), 1.0), Aborted)
    bench.settle()
    kept = [c for c in bench.of(Collected) if c.role is Role.KEPT]
    assert len(kept) == 1 and kept[0].shot is not None and kept[0].shot.request.id == request.id
    bench.assert_clean()


@BOTH
def test_rule_10_a_request_during_an_exposure_is_an_abort_and_a_held_request(bench: Bench) -> None:
    first = bench.ask(30.0)
    bench.until(lambda: bench.of(ExposureStarted))
    bench.run(2.0)
    second = bench.ask(2.0)
    assert isinstance(bench.until(lambda: bench.end_of(first), 1.0), Aborted)
    assert [h.id for h in bench.of(ExposureHeld)] == [second.id]
    end = bench.until(lambda: bench.end_of(second))
    assert isinstance(end, Collected) and serial_of(end.data) == 2
    bench.settle()
    bench.assert_clean()


@BOTH
def test_what_other_devices_know_is_taken_until_the_press(bench: Bench) -> None:
    def observed(number: int, name: str) -> None:
        bench.worker.post(Observed(number, Observatory(name)))

    first = bench.ask(30.0)
    bench.until(lambda: bench.of(ExposureStarted))
    observed(first.id, "too late")
    bench.run(2.0)
    second = bench.ask(2.0)
    bench.step()
    observed(second.id, "while it is held")
    observed(second.id + 1, "nobody's")
    bench.until(lambda: bench.worker.state.job is not None and bench.worker.state.job.request.id == second.id)
    held = bench.worker.state.job
    assert held is not None and held.request.observatory == Observatory("while it is held") and held.shot is None
    observed(second.id, "before the press")
    bench.until(lambda: len(bench.of(ExposureStarted)) == 2)
    observed(second.id, "too late")
    end = bench.until(lambda: bench.end_of(second))
    assert isinstance(end, Collected) and end.shot is not None
    assert end.shot.request == replace(second, observatory=Observatory("before the press"))
    bench.settle()
    bench.assert_clean()


@BOTH
def test_rule_10_abort_takes_the_held_request_too(bench: Bench) -> None:
    bench.ask(10.3)
    bench.until(lambda: bench.of(ExposureStarted))
    second = bench.ask(2.0)
    bench.step()
    bench.worker.post(Abort())
    assert isinstance(bench.until(lambda: bench.end_of(second), 1.0), Aborted)
    bench.settle()
    assert len(presses(bench)) == 1


@BOTH
@pytest.mark.parametrize("close_now", [False, True])
def test_rule_10_leaving_follows_a_bulb_through(bench: Bench, close_now: bool) -> None:
    bench.ask(20.5)
    bench.until(lambda: bench.of(ExposureStarted))
    bench.run(3.0)
    bench.worker.post(Leave(close_now))
    bench.until(lambda: bench.worker.finished or None)
    images = bench.of(Collected)
    assert len(images) == 1 and images[0].shot is not None and images[0].shot.measured_s is not None
    assert images[0].shot.measured_s == pytest.approx(3.0 if close_now else 20.5, abs=0.1)
    assert not bench.camera.body.full and not bench.camera.body.half
    bench.assert_clean()


@BOTH
def test_rule_10_disconnect_follows_through_and_keeps_the_frame(bench: Bench) -> None:
    request = bench.ask(6.3)
    bench.until(lambda: bench.of(ExposureStarted))
    bench.worker.post(Disconnect())
    assert isinstance(bench.until(lambda: bench.end_of(request), 1.0), ExposureFailed)
    bench.until(lambda: bench.worker.state.phase is Phase.OFFLINE or None)
    assert [c.role for c in bench.of(Collected)] == [Role.KEPT]
    assert bench.of(CameraStatus)[-1].state == "offline"
    bench.assert_clean()


@BOTH
@pytest.mark.parametrize("seconds", [1.1, 2.3, 6.4, 61.5])
def test_rule_11_no_transaction_delays_a_release(bench: Bench, seconds: float) -> None:
    found = bench.frame(seconds)
    assert found.shot is not None and found.shot.measured_s == pytest.approx(seconds, abs=0.001)
    bench.assert_clean()


@BOTH
def test_unasked_images_are_kept_and_never_delivered(bench: Bench) -> None:
    bench.do("press", hold_s=0.2)
    bench.until(lambda: [c for c in bench.of(Collected) if c.role is Role.UNASKED])
    bench.ask(30.0)
    bench.until(lambda: bench.of(ExposureStarted))
    for _ in range(6):
        bench.do("press", hold_s=0.2)
        bench.run(4.0)
    found = bench.until(lambda: [c for c in bench.of(Collected) if c.role is Role.FRAME])[0]
    assert serial_of(found.data) == 2
    bench.settle()
    bench.assert_clean()


@BOTH
def test_changes_are_taken_in_their_order_and_read_back(bench: Bench) -> None:
    view = bench.worker.state.shown
    assert view is not None
    options = view.get("iso").options  # type: ignore[union-attr]
    for choice in (options[5], options[2], options[9]):
        bench.worker.post(Change("iso", choice.value))
    bench.until(lambda: len(bench.of(ChangeResult)) == 3)
    results = bench.of(ChangeResult)
    assert [r.ok for r in results] == [True] * 3
    assert [r.value for r in results] == [options[5].value, options[2].value, options[9].value]
    bench.worker.post(Change("moon", 1))
    bench.until(lambda: len(bench.of(ChangeResult)) == 4 or None)
    assert not bench.of(ChangeResult)[-1].ok


@BOTH
def test_connect_and_expose_at_once_waits_for_the_warm_up(model: str) -> None:
    bench = Bench(model)
    bench.worker.post(Connect())
    request = ExposureRequest(1, 1.0)
    bench.worker.post(Expose(request))
    end = bench.until(lambda: bench.end_of(request))
    assert isinstance(end, Collected) and serial_of(end.data) == 1
    bench.assert_clean()


def test_an_exposure_without_a_connection_is_refused() -> None:
    bench = Bench("ILCE-6000")
    assert "not connected" in bench.failure(1.0)


@pytest.mark.parametrize("mode", ["mtp", "mass_storage", "other"])
def test_another_usb_mode_is_named(mode: str) -> None:
    bench = Bench("ILCE-7SM3")
    bench.do("usb-mode", mode=mode)
    bench.run(5.0)
    status = bench.connect()
    assert status.failed and "PC Remote" in status.text


@BOTH
@pytest.mark.parametrize("operation", [0x1002, 0x1001, 0x9201, 0x9202, 0x9209])
@pytest.mark.parametrize("kind", ["no-answer", "stall", "late-answer"])
def test_a_handshake_that_stumbles_once_still_connects_or_says_why(model: str, operation: int, kind: str) -> None:
    args = {"seconds": 3.0} if kind == "late-answer" else {}
    bench = Bench(model, [Fault.of(kind, {"operation": operation}, **args)])
    status = bench.connect()
    if status.failed:
        assert status.text
        status = bench.connect()
    assert status.state == "ready", status
    bench.frame(1.0)


def test_a_3_00_body_that_lists_too_little_is_driven_in_2_00() -> None:
    bench = Bench("ILCE-7M4", [Fault.of("hide", code=0xD20D)])
    status = bench.connect()
    assert status.identity.version in ("2.00", "3.00")


@pytest.mark.parametrize("model", ["ILCE-7M4", "ILCE-7SM3"])
def test_2_00_can_be_forced(model: str) -> None:
    bench = Bench(model)
    status = bench.connect(force_200=True)
    if "2.00" in [v.label for v in bench.camera.world.profile.versions]:
        assert status.identity.version == "2.00" and "user" in status.identity.version_reason
    bench.frame(1.0)
    bench.frame(2.2)
    bench.settle()
    bench.assert_clean()


@BOTH
@pytest.mark.parametrize("after", [-1, 0, 12, 40])
@pytest.mark.parametrize("operation", [0x9209, 0x9207, 0x1008, 0x1009])
def test_a_pulled_cable_loses_nothing(model: str, operation: int, after: int) -> None:
    """The cable goes during an exposure, and is back after 2 s: the frame is delivered or kept, once."""
    bench = Bench(model)
    bench.connect()
    request = bench.ask(4.4)
    bench.until(lambda: bench.of(ExposureStarted))
    bench.do("fault", row={"kind": "unplug", "when": {"operation": operation}, "after_bytes": after, "back_s": 2.0})
    end = bench.until(lambda: bench.end_of(request))
    bench.until(lambda: bench.worker.state.job is None or None)
    made = [c for c in bench.of(Collected) if c.shot is not None and c.shot.request.id == request.id]
    if isinstance(end, ExposureFailed):
        assert "cable" in end.text
    assert len(made) == 1, "an image that exists ends with the client or on disk"
    found = bench.frame(1.0, limit_s=200)
    assert serial_of(found.data) == 2


@BOTH
def test_a_second_worker_finds_the_button_down_and_lets_go(model: str) -> None:
    """The process is killed in mid bulb: the next one releases first, drains, keeps, and shoots new frames."""
    bench = Bench(model)
    bench.connect()
    bench.ask(600.5)
    bench.until(lambda: bench.of(ExposureStarted))
    bench.run(5.0)
    bench.kill()
    bench.reports.clear()
    bench.worker = bench.new_worker()
    bench.connect()
    assert not bench.camera.body.full
    found = bench.frame(1.0)
    assert serial_of(found.data) == 2
    assert [serial_of(c.data) for c in bench.of(Collected) if c.role is not Role.FRAME] == [1]


@BOTH
def test_a_timed_exposure_of_an_earlier_life_is_never_the_answer(model: str) -> None:
    bench = Bench(model)
    bench.connect()
    bench.ask(30.0)
    bench.until(lambda: bench.of(ExposureStarted))
    bench.run(2.0)
    bench.kill()
    bench.reports.clear()
    bench.worker = bench.new_worker()
    bench.connect()
    end = bench.expose(30.0)
    if isinstance(end, Collected):
        assert serial_of(end.data) == 2
    frames = [c for c in bench.of(Collected) if c.role is Role.FRAME]
    assert all(serial_of(c.data) != 1 for c in frames)
    assert 1 in [serial_of(c.data) for c in bench.of(Collected)]


@BOTH
def test_an_owed_shot_is_awaited_and_kept(model: str) -> None:
    bench = Bench(model)
    bench.connect()
    bench.ask(30.0)
    bench.until(lambda: bench.of(ExposureStarted))
    bench.run(2.0)
    shot = bench.worker.state.job.shot  # type: ignore[union-attr]
    bench.kill()
    bench.reports.clear()
    bench.worker = bench.new_worker()
    bench.connect(owed=shot)
    found = bench.frame(30.0)
    assert serial_of(found.data) == 2
    assert [serial_of(c.data) for c in bench.of(Collected) if c.role is Role.KEPT] == [1]


def test_a_transfer_that_could_outlast_the_bulb_waits_for_its_end() -> None:
    def large(press: Press) -> Files:
        return [(name, kind, bytes(40_000_000) + data) for name, kind, data in bench_files(press)]

    bench = Bench("ILCE-7SM3", picture=large, transfer_mbps=0.52)
    bench.connect()
    request = bench.ask(70.0)
    bench.until(lambda: bench.of(ExposureStarted))
    bench.run(1.0)
    bench.do("leave")
    bench.until(lambda: bench.end_of(request))
    bench.settle()
    opened = bench.of(ExposureStarted)[0].started_at
    releases = [e.t - opened for e in bench.referee.entries if e.kind == "release" and e.t > opened]
    assert releases[0] == pytest.approx(70.0, abs=0.02)


@pytest.mark.parametrize("seconds", [20.0, 33.0])
def test_an_owed_image_that_never_comes_costs_one_frame_and_not_the_night(seconds: float) -> None:
    bench = Bench("ILCE-7SM3")
    bench.connect()
    bench.ask(seconds)
    bench.until(lambda: bench.of(ExposureStarted))
    bench.run(2.0)
    bench.do("unplug")
    bench.until(lambda: bench.worker.state.debt, 300.0)
    bench.do("pull-battery")
    bench.do("power", on=True)
    bench.do("plug")
    bench.until(lambda: bench.worker.state.phase is Phase.IDLE)
    assert "earlier image" in "".join(c.why for c in bench.of(Collected)) or "No image" in bench.failure(seconds)
    for image in bench.of(Collected):
        assert image.shot is None or image.shot.request.transfer == "native", "nobody knows whose press it answers"
    assert [serial_of(bench.frame(seconds).data) for _ in range(3)] == [3, 4, 5]


def test_a_body_of_its_own_exposure_time_is_delivered_as_made() -> None:
    bench = Bench("ILCE-7SM3", [Fault.of("wrong-exposure", {"count": 0}, seconds=1.0)])
    bench.connect()
    assert serial_of(bench.frame(10.0).data) == 1
    assert serial_of(bench.frame(20.3).data) == 2


@BOTH
@pytest.mark.parametrize("kind", ["no-answer", "stall", "damaged-data", "short-data", "wrong-length", "stale-answer"])
@pytest.mark.parametrize("operation", [0x9209, 0x9207, 0x1008, 0x1009])
def test_a_fault_in_an_exposure_ends_in_a_frame_or_a_message(model: str, kind: str, operation: int) -> None:
    bench = Bench(model)
    bench.connect()
    request = bench.ask(2.2)
    bench.until(lambda: bench.of(ExposureStarted))
    bench.do("fault", row={"kind": kind, "when": {"operation": operation}})
    bench.until(lambda: bench.end_of(request), 400)
    bench.until(lambda: bench.worker.state.job is None or None, 400)
    end = bench.expose(1.0, limit_s=400)
    if isinstance(end, ExposureFailed):
        end = bench.expose(1.0, limit_s=400)
    assert isinstance(end, Collected) and end.shot is not None
    text = bytes(end.data)
    assert b'"serial": 1,' not in text, "never the first frame again"


def test_a_press_on_the_body_just_before_ours_is_told_apart_however_late_its_image_comes() -> None:
    """Our press is ignored while the body exposes; 0xD215 tells of a shutter that closed before ours could have."""
    bench = Bench("ILCE-7SM3")
    bench.connect()
    bench.frame(10.0)
    bench.do("fault", row={"kind": "slow-image", "seconds": 12.0})
    bench.do("press", hold_s=0.1)
    bench.run(2.0)
    end = bench.expose(10.0)
    assert isinstance(end, ExposureFailed)
    assert [c.role for c in bench.of(Collected)] == [Role.FRAME, Role.UNASKED]


def test_two_presses_on_the_body_are_told_apart_from_ours_that_was_ignored() -> None:
    """The first one takes the place of ours; the second one, long after, is not its answer either."""
    bench = Bench("ILCE-7CM2")
    bench.connect()
    bench.frame(1.0)
    bench.do("press", hold_s=4.0)
    asked = bench.ask(1.7)
    bench.run(10.0)
    bench.do("press", hold_s=0.1)
    bench.run(60.0)
    assert [c.role for c in bench.of(Collected)] == [Role.FRAME, Role.UNASKED, Role.UNASKED]
    (failed,) = bench.of(ExposureFailed)
    assert failed.id == asked.id and "the other one that came meanwhile is saved" in failed.text


def test_a_pair_from_the_body_during_our_bulb_is_not_ours() -> None:
    """The RAW is judged by the moment in which its companion was seen, for both came together."""
    bench = Bench("ILCE-7SM3")
    bench.connect()
    bench.frame(5.0, capture_format="raw+jpeg")
    bench.do("press", hold_s=0.1)
    bench.run(3.0)
    end = bench.expose(45.5, capture_format="raw+jpeg")
    assert isinstance(end, ExposureFailed) and "the other one that came meanwhile is saved" in end.text
    assert [c.role for c in bench.of(Collected)][2:] == [Role.UNASKED] * 2


@BOTH
def test_a_disconnect_waits_for_an_image_that_is_being_prepared(bench: Bench) -> None:
    bench.do("press", hold_s=0.1)
    bench.until(lambda: bench.camera.memory.counter() or None)
    bench.run(1.0)
    bench.worker.post(Disconnect())
    bench.until(lambda: bench.worker.state.camera is None or None)
    assert [c.role for c in bench.of(Collected)] == [Role.UNASKED]
    bench.assert_clean()


@BOTH
def test_a_memory_that_never_becomes_empty_does_not_keep_a_disconnect(bench: Bench) -> None:
    bench.camera.memory.show(1)
    bench.worker.post(Disconnect())
    bench.until(lambda: bench.worker.state.camera is None or None, 120.0)


@BOTH
def test_a_camera_that_always_answers_slowly_is_used_all_the_same(bench: Bench) -> None:
    bench.do("fault", row={"kind": "late-answer", "when": {"operation": 0x9209, "count": 0}, "seconds": 0.8})
    bench.frame(0.5)
    bench.assert_clean()
