"""Records of the class RECOVERY: abort, looping clients, a body that turns silent or into a charger, its battery."""

from __future__ import annotations

from collections.abc import Callable
from xml.etree.ElementTree import Element

import pytest

from indi_sony_py.engine.messages import Abort, Aborted, ExposureStarted, Role
from indi_sony_py.engine.phases import Phase
from tests.bugs.benches import BOTH, NEW, connected, presses, serials
from tests.engine.bench import Bench, serial_of
from tests.stage import Stage


def at(seconds: float) -> Callable[[Bench], None]:
    """So long after the shutter has opened."""

    def wait(bench: Bench) -> None:
        started = bench.until(lambda: bench.of(ExposureStarted))
        bench.run(started[-1].started_at + seconds - bench.clock.monotonic())

    return wait


@BOTH
@pytest.mark.parametrize("seconds", [10.0, 33.0], ids=["timed", "bulb"])
@pytest.mark.parametrize(
    ("when", "role"),
    [
        (at(0.1), Role.DROPPED),
        (at(5.0), Role.DROPPED),
        (at(-0.2), Role.DROPPED),
        (at(0.5), Role.KEPT),
    ],
    ids=["first moment", "middle", "last moment", "own dark frame"],
)
@pytest.mark.parametrize("twice", [False, True], ids=["once", "twice"])
def test_b43_after_an_abort_in_any_phase_the_next_frame_is_new(
    model: str, seconds: float, when: Callable[[Bench], None], role: Role, twice: bool, request: pytest.FixtureRequest
) -> None:
    """An abort with the shutter open drops the image, by name; a later one saves it, for the frame is whole.

    There the camera's rules differ from the record, which throws every image of an aborted exposure away.
    """
    name = request.node.callspec.id
    bench = connected(model)
    if "dark" in name:
        bench.do("noise-reduction", on=True)
        when = at(seconds + 0.5)
    elif "last" in name:
        when = at(seconds - 0.2)
    asked = bench.ask(seconds)
    when(bench)
    bench.worker.post(Abort())
    bench.step()
    assert [a.id for a in bench.of(Aborted)] == [asked.id], "answered at once"
    if twice:
        bench.worker.post(Abort())
        bench.step()
        assert len(bench.of(Aborted)) == 2
    bench.until(lambda: bench.worker.state.job is None or None, 2 * seconds + 40)
    assert bench.camera.memory.counter() == 0
    assert serials(bench, role) == [1] and serials(bench, Role.FRAME) == []
    assert serial_of(bench.frame(1.0).data) == 2
    bench.settle()
    bench.assert_clean()


@pytest.mark.parametrize("model", ["ILCE-7SM3", "ILCE-6000"])
def test_b43_what_the_client_sees_of_it(model: str) -> None:
    """Abort Ok and exposure Idle at once, a word for how long the camera is busy; the next one waits, and is made."""
    with Stage(model) as stage:
        stage.connect()
        client = stage.client
        client.expose(20.0)
        stage.run(8.0)
        before = stage.clock.monotonic()
        client.abort()
        stage.settle()
        assert client["CCD_ABORT_EXPOSURE"].state == "Ok"
        assert (client["CCD_EXPOSURE"].state, client["CCD_EXPOSURE"].number()) == ("Idle", 0.0)
        assert stage.clock.monotonic() - before < 0.5
        stage.run(1.0)
        assert any("cannot be stopped" in text and "s more" in text for text in client.texts)
        assert stage.expose(2.0).serial == 2
        assert any("DSC00001.ARW was dropped" in text for text in client.texts)
        assert stage.camera.camera.memory.counter() == 0
        stage.assert_clean()


@pytest.mark.parametrize("model", ["ILCE-7SM3", "ILCE-6000"])
@pytest.mark.parametrize("twice", [False, True], ids=["once", "twice"])
def test_b43_an_abort_in_mid_download_saves_the_frame_and_sends_nothing(model: str, twice: bool) -> None:
    """No request interrupts a transfer: it goes on, and its frame is a file whose name is told."""
    with Stage(model, transfer_mbps=0.1) as stage:
        stage.connect()
        client = stage.client
        client.expose(1.0)
        stage.until(lambda: client["CCD_EXPOSURE"].history[-1][1:] == ("Busy", {"CCD_EXPOSURE_VALUE": "0"}))
        stage.run(2.0)
        worker = stage.hand.worker
        assert worker is not None and worker.state.phase is Phase.COLLECTING
        for _ in range(1 + twice):
            client.abort()
            stage.settle()
        assert (client["CCD_EXPOSURE"].state, client["CCD_ABORT_EXPOSURE"].state) == ("Idle", "Ok")
        assert stage.expose(1.0).serial == 2
        assert list(stage.saved().values()) == [1]
        (path,) = stage.saved()
        assert any(str(path) in text for text in client.texts)
        assert [frame.serial for frame in client.frames] == [2]
        stage.assert_clean()


def test_b43_connected_again_after_the_phone_had_it() -> None:
    """Disconnected, photos taken meanwhile, connected again: the first exposure is a new one and ends."""
    with Stage("ILCE-6000") as stage:
        stage.connect()
        stage.expose(1.0)
        stage.client.disconnect()
        stage.run(20.0)
        stage.camera.do("leave", count=2)
        stage.connect()
        assert stage.expose(1.0).serial == 4
        assert sum("An image that was in the camera was saved" in text for text in stage.client.texts) == 2
        stage.assert_clean()


@pytest.mark.parametrize("model", ["ILCE-7SM3", "ILCA-77M2"])
@pytest.mark.parametrize("after_s", [0.0, 0.5], ids=["before the press", "shutter open"])
def test_b44_a_looping_client_is_stopped_by_its_abort(model: str, after_s: float) -> None:
    """A client asks for the next exposure with each BLOB. What streams is live view alone."""
    with Stage(model) as stage:
        stage.connect()
        client = stage.client
        going = [True]

        def again(element: Element) -> None:
            if going[0] and element.tag == "setBLOBVector":
                client.expose(1.0)

        client.heard.append(again)
        client.expose(1.0)
        stage.until(lambda: len(client.frames) == 5)
        stage.run(after_s)
        going[0] = False
        client.abort()
        stage.settle()
        made = len(stage.camera.presses) + stage.camera.camera.body.exposing
        assert client["CCD_EXPOSURE"].state == "Idle"
        stage.run(120.0)
        assert len(stage.camera.presses) == made, "no further press"
        assert [frame.serial for frame in client.frames] == [1, 2, 3, 4, 5]
        assert not client.has("CCD_VIDEO_STREAM") or client["CCD_VIDEO_STREAM"].chosen == "STREAM_OFF"
        stage.assert_clean()


@pytest.mark.parametrize("model", ["ILCE-7SM3", "ILCE-6000"])
def test_b45_a_body_that_turns_into_a_charger_is_named_and_taken_up_again(model: str) -> None:
    """Its USB identity is the charger's (054c:0994) for a minute. What ran fails once; the series goes on by itself."""
    with Stage(model) as stage:
        stage.connect()
        stage.expose(1.0)
        client = stage.client
        before = len(client.messages)
        stage.camera.do("usb-mode", mode="other")
        stage.later(60.0, lambda: stage.camera.do("usb-mode", mode="remote"))
        stage.until(lambda: any("only charges" in text for text in client.texts[before:]), 5.0)
        assert client["CONNECTION"].state == "Alert" and client["CONNECTION"].chosen == "CONNECT"
        assert any("Switch it off and on" in text for text in client.texts[before:])
        stage.until(lambda: client["CONNECTION"].state == "Ok", 90.0)
        assert [stage.expose(1.0).serial for _ in range(2)] == [2, 3]
        stage.assert_clean()


@pytest.mark.parametrize("until", ["session", "reset"])
@pytest.mark.parametrize("point", ["idle", "press", "download"])
@BOTH
def test_b46_a_body_that_answers_no_more_is_brought_back(model: str, until: str, point: str) -> None:
    """The body is silent until its session is opened anew, or until a reset, here after 5 frames. Nothing is lost."""
    bench = connected(model)
    for number in range(1, 6):
        assert serial_of(bench.frame(1 / 60).data) == number
    mute = {"kind": "mute", "until": until}
    if point == "idle":
        bench.do("fault", row={**mute, "when": {"time": 0.0}})
        bench.run(30.0)
    else:
        when = {"press": 6} if point == "press" else {"operation": 0x1009}
        bench.do("fault", row={**mute, "when": when})
        assert "connection to the camera was lost" in bench.failure(2.0)
        bench.until(lambda: bench.worker.state.phase is Phase.IDLE and bench.worker.state.job is None, 120.0)
        assert serials(bench, Role.KEPT) == [6], "it is not the answer any more, and it is not lost"
    next_one = 6 if point == "idle" else 7
    assert [serial_of(bench.frame(1.0).data) for _ in range(3)] == [next_one, next_one + 1, next_one + 2]
    bench.settle()
    assert bench.camera.memory.counter() == 0


@pytest.mark.parametrize("model", ["ILCE-7SM3", "ILCE-6000"])
def test_b46_a_body_that_never_answers_again_is_an_alert_without_a_busy_loop(model: str) -> None:
    with Stage(model) as stage:
        stage.connect()
        client = stage.client
        stage.expose(1.0)
        stage.camera.fault("mute", {"press": 2}, until="power")
        client.expose(1.0)
        stage.until(lambda: client["CCD_EXPOSURE"].state == "Alert", 120.0)
        stage.until(lambda: client["CONNECTION"].state == "Alert", 120.0)
        said = " ".join(text.removeprefix("[ERROR] ") for text in client.texts)
        assert "switch the camera off and on" in said, "a long message comes in parts"
        before, told = len(stage.camera.referee.entries), len(client.messages)
        stage.run(600.0)
        assert len(stage.camera.referee.entries) - before < 1200, "a few tries a minute"
        assert len(client.messages) - told < 10, "not said over and over again"
        stage.camera.do("power", on=False)
        stage.run(5.0)
        stage.camera.do("power", on=True)
        stage.until(lambda: client["CONNECTION"].state == "Ok", 120.0)
        stage.run(30.0)
        assert stage.expose(1.0).serial == 3


def test_b46_one_silence_costs_no_press() -> None:
    """Re-opening and resetting never press a button a second time for the same exposure."""
    bench = connected(NEW)
    bench.do("fault", row={"kind": "mute", "until": "reset", "when": {"press": 1}})
    bench.failure(2.0)
    bench.until(lambda: serials(bench, Role.KEPT), 120.0)
    assert len(presses(bench)) == 1


@pytest.mark.parametrize("model", ["ILCE-7SM3", "ILCE-6000"])
def test_b47_the_charge_is_shown_and_told_twice(model: str) -> None:
    """60 to 5 % over ten frames: the property follows, a word at 20 and at 10 %, and no exposure is refused."""
    charges = [60, 50, 40, 30, 25, 20, 15, 10, 7, 5]
    with Stage(model) as stage:
        stage.connect()
        client = stage.client
        for number, charge in enumerate(charges, 1):
            stage.camera.do("battery", percent=charge)
            assert stage.expose(1.0).serial == number
            assert client["BATTERY"].number("LEVEL") == charge
        told = [text for text in client.texts if "battery is down to" in text]
        assert [text.split("down to ")[1].split(" %")[0] for text in told] == ["20", "10"]
        assert all(text.startswith("[WARNING]") for text in told)
        stage.camera.do("battery", percent=90)
        stage.run(3.0)
        stage.camera.do("battery", percent=19)
        stage.run(3.0)
        assert len([text for text in client.texts if "battery is down to" in text]) == 3, "a changed one is told anew"
        stage.assert_clean()


def test_b47_a_limit_that_is_set_refuses_and_none_else() -> None:
    with Stage("ILCE-7SM3") as stage:
        stage.connect()
        client = stage.client
        stage.camera.do("battery", percent=5)
        stage.run(2.0)
        assert client["BATTERY_LIMIT"].number("PERCENT") == 0
        assert stage.expose(1.0).serial == 1
        client.number("BATTERY_LIMIT", PERCENT=15)
        stage.settle()
        client.expose(1.0)
        stage.run(5.0)
        assert client["CCD_EXPOSURE"].state == "Alert"
        assert "5 %, less than the 15 %" in client.texts[-1]
        assert len(stage.camera.presses) == 1
        stage.camera.do("battery", percent=80)
        stage.run(2.0)
        assert stage.expose(1.0).serial == 2


@pytest.mark.parametrize("model", ["ILCE-7SM3", "ILCE-6000"])
def test_b47_a_disconnect_really_closes_the_session(model: str) -> None:
    """So that the body may sleep: no session, no priority of the computer, and no host at its interface."""
    with Stage(model) as stage:
        stage.connect()
        stage.expose(1.0)
        assert stage.camera.do("state")["session"]
        stage.client.disconnect()
        stage.run(10.0)
        assert not stage.camera.do("state")["session"]
        assert not stage.camera.camera.host_is_there
        assert stage.client["CONNECTION"].chosen == "DISCONNECT"
        stage.assert_clean()
