"""The cable is pulled at each transfer of one exposure, and the camera switched off at some: nothing is lost.

Whole chain: client, driver, hand, transport, camera. From the half press to the last look at the settings there are
some 60 transfers, commands and data out, answers in, events. Whichever is the first that fails:

- the exposure has failed once, in words, or its frame was delivered; CONNECTION is Alert within seconds;
- the camera is back without anybody's doing, as the same device; the client's next request is answered by a new frame;
- each photo that the camera made is with the client, or in a file that was announced; its memory is empty at the end;
- no rule of the camera was broken.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from tests.driver.scissors import Scissors
from tests.stage import Stage

MOST = 75
"""More transfers than one exposure has; `test_an_exposure_has_no_more_transfers` sees to that."""
BODIES = {"2.00": "ILCE-6000", "3.00": "ILCE-7SM3"}
BULB_S = 4.3
BACK_S = 3.0
ALERT_WITHIN_S = 5.0
SERIAL = "00000000000000000000000012345678"


class Night:
    """A stage whose first camera loses its connection at transfer number `at` of one exposure."""

    def __init__(self, stage: Stage, at: int, cut: Callable[[Stage], object], seconds: float = BULB_S) -> None:
        self.stage = stage
        self.client = stage.client
        self.cut_at = 0.0
        self.seconds = seconds
        self.scissors = Scissors(stage, at, partial(self._cut, cut))
        stage.connect()
        stage.run(4.0)

    def _cut(self, cut: Callable[[Stage], object]) -> None:
        self.cut_at = self.stage.clock.monotonic()
        cut(self.stage)

    def expose(self) -> str:
        """The exposure that is cut; how it ended for the client."""
        self.scissors.arm()
        return self._ask()

    def _ask(self) -> str:
        self.client.expose(self.seconds)
        self.stage.settle()
        self.stage.until(lambda: self.client["CCD_EXPOSURE"].state != "Busy", 400.0)
        self.scissors.stop()
        return self.client["CCD_EXPOSURE"].state

    def go_on(self) -> None:
        """As a sequence does: the failed frame is asked for again at once, then the next one."""
        presses = max(self.stage.camera.presses, default=0)
        for _ in range(2):
            assert self._ask() == "Ok", self.client.texts[-6:]
            serial = self.client.frames[-1].serial
            assert serial is not None and serial > presses
            presses = serial

    def states(self, name: str) -> list[tuple[float, str]]:
        """When which state was told since the cut."""
        return [
            (at, e.attrib["state"]) for at, e in self.client.said
            if e.tag.startswith("set") and e.attrib.get("name") == name and at >= self.cut_at
        ]  # fmt: skip

    def words(self) -> str:
        """What was said since the cut."""
        return " ".join(text for at, _, text in self.client.messages if at >= self.cut_at)

    def assert_whole(self, ended: str, lost: tuple[int, ...] = ()) -> None:
        """One failure at the most, healed, and every photo somewhere; `lost`: those that the camera itself forgot."""
        stage, client = self.stage, self.client
        alerts = [state for _, state in self.states("CCD_EXPOSURE") if state == "Alert"]
        assert len(alerts) == (1 if ended == "Alert" else 0)
        at, state = self.states("CONNECTION")[0]
        assert state == "Alert" and at - self.cut_at <= ALERT_WITHIN_S
        connection = client["CONNECTION"]
        assert (connection.state, connection.chosen) == ("Ok", "CONNECT")
        assert [e.attrib["name"] for _, e in client.said if e.tag == "delProperty"] == []
        delivered = [frame.serial for frame in client.frames]
        saved = stage.saved()
        everywhere = [*delivered, *saved.values()]
        assert sorted(set(everywhere), key=str) == sorted(set(stage.camera.presses) - set(lost), key=str)
        assert len(everywhere) == len(set(everywhere)), "a frame twice"
        assert all(path.name in " ".join(client.texts) for path in saved)
        assert stage.camera.do("state")["counter"] == 0
        stage.assert_clean()


def pulled(stage: Stage) -> None:
    stage.camera.do("unplug", back_s=BACK_S)


def pulled_and_back_elsewhere(stage: Stage) -> None:
    stage.camera.do("unplug", back_s=BACK_S)
    stage.camera.key = "sim-9"


def switched_off(stage: Stage) -> None:
    """Its memory is gone with the power."""
    stage.camera.do("menu", item="keep_on_power_off", on=False)
    stage.camera.do("power", on=False)
    stage.later(BACK_S, lambda: stage.camera.do("power", on=True))


@pytest.mark.parametrize("version", BODIES)
def test_an_exposure_has_no_more_transfers(version: str) -> None:
    with Stage(BODIES[version]) as stage:
        night = Night(stage, 0, pulled)
        assert night.expose() == "Ok"
        stage.assert_clean()
        assert 40 < len(night.scissors.passed) <= MOST
        assert {name.split()[0] for name in night.scissors.passed} == {"out", "in", "event"}


@pytest.mark.quiet
@pytest.mark.parametrize("at", range(1, MOST + 1))
@pytest.mark.parametrize("version", BODIES)
def test_a_cable_pulled_at_any_transfer_loses_nothing(version: str, at: int) -> None:
    with Stage(BODIES[version]) as stage:
        night = Night(stage, at, pulled)
        ended = night.expose()
        if not night.scissors.is_cut:
            assert len(night.scissors.passed) < at and ended == "Ok"
            return
        if ended == "Alert":
            assert "The connection to the camera was lost." in night.words()
        night.go_on()
        night.assert_whole(ended)


@pytest.mark.quiet
@pytest.mark.parametrize("at", range(3, MOST + 1, 6))
@pytest.mark.parametrize("version", BODIES)
def test_a_cable_pulled_at_any_transfer_is_no_failure_with_the_drivers_own_retakes(version: str, at: int) -> None:
    """Before the press, with the shutter open, in the image: the client's first request is answered by a frame."""
    with Stage(BODIES[version], retakes=None) as stage:
        night = Night(stage, at, pulled)
        ended = night.expose()
        assert ended == "Ok" and len(stage.client.frames) == 1
        if not night.scissors.is_cut:
            return
        night.go_on()
        night.assert_whole("Ok")


@pytest.mark.quiet
@pytest.mark.parametrize("at", range(1, MOST + 1, 6))
@pytest.mark.parametrize("version", BODIES)
def test_a_cable_pulled_and_put_into_another_port_loses_nothing(version: str, at: int) -> None:
    with Stage(BODIES[version], serial=SERIAL) as stage:
        night = Night(stage, at, pulled_and_back_elsewhere)
        ended = night.expose()
        if not night.scissors.is_cut:
            return
        night.go_on()
        assert "plugged in at another place" in night.words()
        assert list(stage.face.devices) == ["Sony Alpha"]
        night.assert_whole(ended)
        kept = [path.name for path, serial in stage.saved().items() if serial == 1]
        assert all(name.startswith("kept_") for name in kept), "it is known whose image it is"


@pytest.mark.quiet
@pytest.mark.parametrize("at", range(1, MOST + 1, 6))
@pytest.mark.parametrize("version", BODIES)
def test_a_camera_switched_off_says_which_frame_is_lost(version: str, at: int) -> None:
    with Stage(BODIES[version]) as stage:
        night = Night(stage, at, switched_off)
        ended = night.expose()
        if not night.scissors.is_cut:
            return
        lost = tuple(stage.camera.lost)
        night.go_on()
        night.assert_whole(ended, lost)
        assert not lost or f"No image of the exposure of {BULB_S:g} s that began at 20" in night.words()


@pytest.mark.parametrize("after", [1, 100_000])
@pytest.mark.parametrize("version", BODIES)
def test_a_cable_pulled_within_the_image_loses_nothing(version: str, after: int) -> None:
    with Stage(BODIES[version]) as stage:
        night = Night(stage, 0, pulled)
        stage.camera.fault("unplug", {"operation": 0x1009}, after_bytes=after, back_s=BACK_S)
        ended = night.expose()
        assert ended == "Alert"
        night.cut_at = next(entry.t for entry in stage.camera.referee.entries if entry.kind == "unplug")
        night.go_on()
        night.assert_whole(ended)


@pytest.mark.parametrize("version", BODIES)
def test_an_image_that_is_gone_with_the_power_is_named_by_the_time_of_its_exposure(version: str) -> None:
    with Stage(BODIES[version]) as stage:
        night = Night(stage, 0, switched_off)
        assert night.expose() == "Ok"
        at = next(n for n, name in enumerate(night.scissors.passed, 1) if name.startswith("out 0x1008"))
    with Stage(BODIES[version]) as stage:
        night = Night(stage, at, switched_off)
        assert night.expose() == "Alert" and stage.camera.lost == {1}
        began = stage.camera.presses[1].opened_utc
        night.go_on()
        night.assert_whole("Alert", (1,))
        assert f"that began at {began:%Y-%m-%d %H:%M:%S} UTC" in night.words() and "is lost." in night.words()
