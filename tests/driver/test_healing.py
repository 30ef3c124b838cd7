"""Whatever happens to a camera in the night: Alert with the remedy within seconds, healed by itself, no failed frame.

Whole chain in virtual time. A sequence goes on as Ekos does: a frame that failed is asked for again at once; the third
failure of one frame would end it, and so would one of which nothing is told. Without retakes a trouble is one failure,
with the driver's own number of them none, as long as the camera is back in time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from indi_sony_py import texts
from tests.stage import Stage

ALERT_S = 5.0
AWAY_S = 20.0
BACK_S = 15.0
RETRIES = 2


@contextmanager
def rested(model: str, retakes: int | None = 0) -> Iterator[Stage]:
    """A stage whose camera is connected and has warmed up."""
    with Stage(model, retakes=retakes) as stage:
        stage.connect()
        stage.run(5.0)
        yield stage


def hand_killed(stage: Stage) -> None:
    stage.kill_hand()


def hand_ended(stage: Stage) -> None:
    stage.terminate_hand()


def battery_changed(stage: Stage) -> None:
    stage.camera.do("battery", percent=90)
    stage.camera.do("power", on=True)


def camera(command: str, **args: object) -> Callable[[Stage], None]:
    def act(stage: Stage) -> None:
        stage.camera.do(command, **args)

    return act


@dataclass(frozen=True)
class Trouble:
    """What happens, what ends it (None: the driver does), and the words that the user must read."""

    name: str
    begin: Callable[[Stage], None]
    end: Callable[[Stage], None] | None
    words: str

    def __str__(self) -> str:
        return self.name


TROUBLES = (
    Trouble("cable", camera("unplug"), camera("plug"), "Check the cable"),
    Trouble("sleep", camera("sleep", on=True), camera("sleep", on=False), "not asleep"),
    Trouble("power switch", camera("power", on=False), camera("power", on=True), "that the camera is on"),
    Trouble("empty battery", camera("battery", percent=0), battery_changed, "the battery"),
    Trouble("battery out", camera("pull-battery"), camera("power", on=True), "the battery"),
    Trouble("mass storage", camera("usb-mode", mode="mass_storage"), camera("usb-mode", mode="remote"), "disk"),
    Trouble("MTP", camera("usb-mode", mode="mtp"), camera("usb-mode", mode="remote"), "MTP mode"),
    Trouble("charging", camera("usb-mode", mode="other"), camera("usb-mode", mode="remote"), "only charges"),
    Trouble("webcam", camera("usb-mode", mode="streaming"), camera("usb-mode", mode="remote"), "webcam"),
    Trouble("hand killed", hand_killed, None, "The camera's process ended"),
    Trouble("hand told to end", hand_ended, None, "The camera's process"),
)


def since(stage: Stage, at: float) -> str:
    return " ".join(text for when, _, text in stage.client.messages if when >= at)


def connection_since(stage: Stage, at: float) -> list[tuple[float, str, str]]:
    return [
        (when, e.attrib["state"], next(o.attrib["name"] for o in e if (o.text or "").strip() == "On"))
        for when, e in stage.client.said
        if e.tag == "setSwitchVector" and e.attrib["name"] == "CONNECTION" and when >= at
    ]


def sequence(stage: Stage, frames: int, seconds: float) -> int:
    """A sequence as Ekos runs it; how many captures failed. AssertionError when it would be aborted."""
    failures, client = 0, stage.client
    for _ in range(frames):
        for attempt in range(RETRIES + 1):
            asked = stage.clock.monotonic()
            client.expose(seconds)
            stage.settle()
            stage.until(lambda: client["CCD_EXPOSURE"].state != "Busy", seconds + 180.0)
            if client["CCD_EXPOSURE"].state == "Ok":
                break
            failures += 1
            assert attempt < RETRIES, f"the job is aborted: {since(stage, asked)}"
    return failures


@pytest.mark.parametrize("trouble", TROUBLES, ids=str)
@pytest.mark.parametrize("model", ["ILCE-6400", "ILCE-7SM3"])
def test_an_idle_camera_in_trouble_is_told_of_and_healed(model: str, trouble: Trouble) -> None:
    with rested(model) as stage:
        began = stage.clock.monotonic()
        trouble.begin(stage)
        stage.run(ALERT_S)
        at, state, element = connection_since(stage, began)[0]
        assert (state, element) == ("Alert", "CONNECT") and at - began <= ALERT_S
        assert trouble.words in since(stage, began), since(stage, began)
        if trouble.end is not None:
            stage.run(AWAY_S)
            assert {(s, e) for _, s, e in connection_since(stage, began)} == {("Alert", "CONNECT")}
            trouble.end(stage)
        stage.until(lambda: stage.client["CONNECTION"].state == "Ok", BACK_S)
        assert not [e for _, e in stage.client.said if e.tag == "delProperty"]
        assert stage.expose(1.0).serial == 1
        stage.assert_clean()


@pytest.mark.parametrize("trouble", TROUBLES, ids=str)
@pytest.mark.parametrize("model", ["ILCE-6400", "ILCE-7SM3"])
def test_a_sequence_in_trouble_has_one_failure_and_goes_on(model: str, trouble: Trouble) -> None:
    """In the middle of the second of four bulbs."""
    with rested(model) as stage:

        def strike() -> None:
            trouble.begin(stage)
            if trouble.end is not None:
                end = trouble.end
                stage.later(AWAY_S, lambda: end(stage))

        stage.later(15.0, strike)
        failures = sequence(stage, 4, 8.0)
        assert failures == 1, stage.client.texts
        new = [frame.serial for frame in stage.client.frames]
        assert len(new) == 4 and new == sorted(set(new), key=str)
        everywhere = {*new, *stage.saved().values()}
        assert everywhere == set(stage.camera.presses) - stage.camera.lost
        stage.assert_clean()


def exposure_alerts(stage: Stage) -> int:
    return [state for state, _ in stage.client["CCD_EXPOSURE"].states()].count("Alert")


@pytest.mark.parametrize("trouble", TROUBLES, ids=str)
@pytest.mark.parametrize("model", ["ILCE-6400", "ILCE-7SM3"])
def test_a_sequence_in_trouble_has_no_failure_with_the_drivers_own_retakes(model: str, trouble: Trouble) -> None:
    """No Alert of CCD_EXPOSURE, one message more, true frames, and what the first try made is kept beside them.

    A hand that is told to end was told so by somebody: its frame ends early, is saved, and is not made again.
    """
    told_to_end = trouble.begin is hand_ended
    with rested(model, retakes=None) as stage:
        began = stage.clock.monotonic()

        def strike() -> None:
            trouble.begin(stage)
            if trouble.end is not None:
                end = trouble.end
                stage.later(AWAY_S, lambda: end(stage))

        stage.later(15.0, strike)
        failures = sequence(stage, 4, 8.0)
        assert failures == exposure_alerts(stage) == int(told_to_end), stage.client.texts
        told = [text for at, _, text in stage.client.messages if at >= began]
        again = [text for text in told if "is made once more (try 2 of 3)" in text]
        assert len(again) == int(not told_to_end), told
        assert trouble.words in " ".join(told), told
        new = [frame.serial for frame in stage.client.frames]
        assert len(new) == 4 and new == sorted(set(new), key=str)
        everywhere = {*new, *stage.saved().values()}
        assert everywhere == set(stage.camera.presses) - stage.camera.lost
        stage.assert_clean()


def test_a_camera_that_is_not_back_in_time_is_one_alert_in_spite_of_retakes() -> None:
    with rested("ILCE-7SM3", retakes=None) as stage:
        stage.client.expose(8.0)
        stage.run(4.0)
        stage.camera.do("unplug")
        stage.run(120.0)
        assert stage.client["CCD_EXPOSURE"].state == "Busy" and exposure_alerts(stage) == 0
        stage.run(600.0)
        assert stage.client["CCD_EXPOSURE"].state == "Alert" and exposure_alerts(stage) == 1
        assert stage.client.texts[-1] == "[ERROR] " + texts.camera.DID_NOT_COME_BACK()
        stage.camera.do("plug")
        stage.until(lambda: stage.client["CONNECTION"].state == "Ok", BACK_S)
        stage.run(30.0)
        assert list(stage.saved().values()) == [1] and exposure_alerts(stage) == 1
        assert stage.expose(1.0).serial == 2
        stage.assert_clean()


MOMENTS: dict[str, Callable[[Stage], object]] = {
    "camera away": lambda stage: stage.run(1.0),
    "warming up": lambda stage: stage.run(AWAY_S + 2.0),
    "shutter open": lambda stage: stage.until(lambda: 0.0 < stage.client["CCD_EXPOSURE"].number() < 7.0, 60.0),
    "image awaited": lambda stage: stage.until(lambda: stage.client["CCD_EXPOSURE"].number() == 0.0, 60.0),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_an_abort_at_any_moment_of_a_retake_is_answered_at_once(moment: str) -> None:
    with rested("ILCE-7SM3", retakes=None) as stage:
        stage.client.expose(8.0)
        stage.run(4.0)
        stage.camera.do("unplug", back_s=AWAY_S)
        stage.until(lambda: stage.client["CCD_EXPOSURE"].states()[-1] == ("Busy", 8.0), ALERT_S)
        MOMENTS[moment](stage)
        assert stage.client["CCD_EXPOSURE"].state == "Busy"
        frames = len(stage.client.frames)
        stage.client.abort()
        stage.settle()
        assert stage.client["CCD_EXPOSURE"].states()[-1] == ("Idle", 0.0)
        stage.run(120.0)
        assert stage.client["CCD_EXPOSURE"].states()[-1] == ("Idle", 0.0) and len(stage.client.frames) == frames
        kept = sorted(serial or 0 for serial in stage.saved().values())
        assert kept[:1] == [1] and len(stage.camera.presses) <= 2
        assert stage.expose(1.0).serial == max(stage.camera.presses)
        stage.assert_clean()


@pytest.mark.parametrize("at_s", [5.0, 26.0])
def test_a_driver_that_is_killed_in_a_retake_goes_on_with_it(at_s: float) -> None:
    """The camera is still away, or its shutter is open for the second time: the next driver adopts the exposure."""
    with rested("ILCE-7SM3", retakes=None) as stage:
        stage.client.expose(8.0)
        stage.run(4.0)
        stage.camera.do("unplug", back_s=AWAY_S)
        stage.run(at_s)
        stage.kill_face()
        stage.run(0.5)
        stage.start_face()
        stage.run(100.0)
        stage.connect()
        stage.run(5.0)
        everywhere = [*(frame.serial for frame in stage.client.frames), *stage.saved().values()]
        assert sorted(everywhere, key=str) == sorted(set(stage.camera.presses), key=str)
        assert all(path.name in " ".join(stage.client.texts) for path in stage.saved())
        stage.assert_clean()


def test_a_loss_in_mid_exposure_is_told_once() -> None:
    """CONNECTION and CCD_EXPOSURE are Alert for the same reason: the user reads it once."""
    with rested("ILCE-7SM3") as stage:
        began = stage.clock.monotonic()
        stage.client.expose(8.0)
        stage.run(4.0)
        stage.camera.do("unplug")
        stage.run(ALERT_S)
        assert {stage.client[name].state for name in ("CONNECTION", "CCD_EXPOSURE")} == {"Alert"}
        told = [text for at, _, text in stage.client.messages if at >= began and "heck the cable" in text]
        assert len(told) == 1 and "The connection to the camera was lost." in told[0], told


@pytest.mark.parametrize("away_s", [100.0, 200.0])
def test_a_sequence_outlasts_a_camera_that_is_away_for_minutes(away_s: float) -> None:
    with rested("ILCE-7SM3") as stage:
        stage.later(5.0, lambda: stage.camera.do("unplug", back_s=away_s))
        assert sequence(stage, 3, 8.0) <= RETRIES
        stage.assert_clean()


def test_a_camera_that_is_away_for_an_hour_is_there_again() -> None:
    with rested("ILCE-7SM3") as stage:
        stage.camera.do("unplug", back_s=3600.0)
        stage.run(3590.0)
        assert len(stage.client.messages) < 10
        stage.until(lambda: stage.client["CONNECTION"].state == "Ok", 30.0)
        assert stage.expose(1.0).serial == 1


def test_a_silent_camera_is_an_alert_within_two_minutes_and_healed_by_its_switch() -> None:
    """Nothing at the computer wakes it: read again, session anew, reset; then the remedy, and patience."""
    with rested("ILCE-6400") as stage:
        began = stage.clock.monotonic()
        stage.camera.do("hang")
        stage.until(lambda: stage.client["CONNECTION"].state == "Alert", 120.0)
        stage.run(300.0)
        assert "switch the camera off and on" in since(stage, began)
        assert len(stage.client.messages) < 12, stage.client.texts
        stage.camera.do("power", on=False)
        stage.run(3.0)
        stage.camera.do("power", on=True)
        stage.until(lambda: stage.client["CONNECTION"].state == "Ok", 60.0)
        assert stage.expose(1.0).serial == 1
        stage.assert_clean()


def test_one_look_that_is_never_answered_costs_nothing() -> None:
    with rested("ILCE-6400") as stage:
        began = stage.clock.monotonic()
        stage.camera.fault("no-answer", {"operation": 0x9209})
        stage.run(30.0)
        assert connection_since(stage, began) == []
        assert stage.expose(1.0).serial == 1
        stage.assert_clean()


def test_a_body_that_boots_anew_in_the_handshake_is_connected_with_one_click() -> None:
    with Stage("ILCE-7M2", serial="12345678") as stage:
        stage.client.get_properties()
        stage.run(2.0)
        stage.camera.fault("unplug", {"operation": 0x9202}, back_s=2.0)
        began = stage.clock.monotonic()
        stage.connect(limit_s=15.0)
        states = [(state, element) for _, state, element in connection_since(stage, began)]
        assert states == [("Busy", "CONNECT"), ("Ok", "CONNECT")]
        assert since(stage, began), "a Busy of more than two seconds says what it waits for"
        stage.assert_clean()


def test_a_camera_at_the_place_of_another_takes_nothing_over() -> None:
    """The frame that is owed is in the camera that took it, and its name says so when that one is back."""
    with Stage("ILCE-7SM3", "ILCE-6400") as stage:
        first, second = stage.cameras
        second.do("unplug")
        stage.connect()
        stage.run(5.0)
        stage.client.expose(8.0)
        stage.run(4.0)
        first.do("unplug")
        first.key, second.key = "elsewhere", "sim-0"
        stage.run(4.0)
        assert stage.client["CCD_EXPOSURE"].state == "Alert"
        second.do("plug")
        stage.until(lambda: stage.client["CONNECTION"].state == "Ok", 60.0)
        frame = stage.expose(1.0)
        assert frame.serial == 1001, "the new camera's own"
        assert "is in the camera that took it" in " ".join(stage.client.texts)
        stage.assert_clean()


@pytest.mark.parametrize("trouble", [TROUBLES[0], TROUBLES[-2]], ids=str)
@pytest.mark.parametrize("chosen", ["00000002", "mistyped"])
def test_a_choice_of_another_camera_is_for_the_next_connection(chosen: str, trouble: Trouble) -> None:
    """Whatever happens to the connected one meanwhile: it is not the other one, and is healed."""
    with Stage("ILCE-7SM3", "ILCE-7M3", numbered=True) as stage:
        stage.connect()
        stage.run(5.0)
        stage.client.text("CAMERA_BINDING", SERIAL=chosen)
        began = stage.clock.monotonic()
        trouble.begin(stage)
        stage.run(AWAY_S)
        if trouble.end is not None:
            trouble.end(stage)
        stage.until(lambda: stage.client["CONNECTION"].state == "Ok", BACK_S)
        assert "Another camera" not in since(stage, began)
        assert stage.expose(1.0).serial == 1
        stage.assert_clean()


def test_what_a_killed_hand_is_owed_is_not_taken_from_another_camera_of_the_same_model() -> None:
    """The hand is killed with the shutter open; at its place the next one finds a body with a photo of its own."""
    with Stage("ILCE-7M3", "ILCE-7SM3", "ILCE-7SM3") as stage:
        aside, first, second = stage.cameras
        aside.do("unplug")
        second.do("unplug")
        stage.connect()
        stage.run(5.0)
        stage.client.expose(8.0)
        stage.run(4.0)
        second.do("leave")
        first.do("unplug")
        first.key, second.key = "elsewhere", "sim-1"
        stage.kill_hand("sim-1")
        second.do("plug")
        stage.run(60.0)
        assert "is in the camera that took it" in " ".join(stage.client.texts)
        assert [(path.name[:7], serial) for path, serial in stage.saved().items()] == [("unasked", 2001)]
        first.do("plug")
        stage.run(5.0)
        stage.connect(list(stage.face.devices)[-1])
        stage.run(60.0)
        found = {serial: path.name.split("_")[0] for path, serial in stage.saved().items()}
        assert found == {2001: "unasked", 1001: "kept"}
        stage.assert_clean()


@pytest.mark.parametrize("away_s", [10.0, 200.0])
@pytest.mark.parametrize("killed", [False, True])
def test_a_photo_taken_by_hand_while_the_camera_was_away_is_not_the_frame_that_is_owed(
    away_s: float, killed: bool
) -> None:
    """The camera lost its image with its power, and somebody tries its button before it is back."""
    with Stage("ILCE-7SM3", serial="12345678") as stage:
        camera = stage.camera
        stage.connect()
        stage.run(5.0)
        stage.client.expose(8.0)
        stage.run(4.0)
        camera.do("unplug")
        if killed:
            stage.kill_hand()
        stage.run(away_s)
        camera.camera.memory.clear()
        camera.do("dial", program="P")
        camera.do("press")
        stage.run(2.0)
        camera.do("dial", program="M")
        camera.do("plug")
        stage.run(60.0)
        assert [(path.name[:7], serial) for path, serial in stage.saved().items()] == [("unasked", 2)]
        assert camera.lost == {1}
        told = " ".join(stage.client.texts)
        assert "This frame is lost" in told or "certainly its own" in told
        assert stage.expose(8.0).serial == 3


@pytest.mark.parametrize("away_s", [0.0, 0.05, 0.3, 3.0])
@pytest.mark.parametrize("how", ["end_face", "kill_face"])
def test_a_driver_that_is_started_anew_at_once_tells_of_no_lost_connection(how: str, away_s: float) -> None:
    """The camera's process is still closing the session of the driver before: the new one waits for its own."""
    with rested("ILCE-7SM3") as stage:
        getattr(stage, how)()
        stage.run(away_s)
        began = stage.clock.monotonic()
        stage.start_face()
        stage.connect()
        stage.run(6.0)
        assert "Alert" not in [state for _, state, _ in connection_since(stage, began)]
        told = [text for at, _, text in stage.client.messages if at >= began]
        assert len(told) == 1 and "ILCE-7SM3 is connected: firmware 3.00" in told[0], told
        assert stage.expose(1.0).serial == 1
        stage.assert_clean()
