"""Live view, focuser, magnifier and photos asked for in any order, while things happen to camera, cable and hand.

Whatever came: once nothing is asked for any more every vector comes to rest, photos are made again, and no rule of the
camera was broken.
"""

from __future__ import annotations

import os
import random

import pytest

from tests.looking import show
from tests.stage import Stage

SEEDS = range(int(os.environ.get("INDI_SONY_VIEWING_SEEDS", "3")))
STEPS = 40
REST_S = 400.0
_MAY_BE_BUSY = {"CCD_VIDEO_STREAM", "RECORD_STREAM", "FOCUS_STAR"}
"""Busy is what they are while they are on."""


def _asked(stage: Stage, dice: random.Random) -> None:
    """One thing that a client asks for."""
    client = stage.client
    wishes = {
        "stream": ("CCD_VIDEO_STREAM", dice.choice(["STREAM_ON", "STREAM_ON", "STREAM_OFF"])),
        "record": ("RECORD_STREAM", dice.choice(["RECORD_ON", "RECORD_FRAME_ON", "RECORD_OFF"])),
        "encoder": ("CCD_STREAM_ENCODER", dice.choice(["RAW", "MJPEG"])),
        "assist": ("FOCUS_ASSIST", dice.choice(["INDI_ENABLED", "INDI_DISABLED"])),
        "zoom": ("FOCUS_MAGNIFIER", dice.choice(["OFF", "X2_1", "X4_1"])),
        "measure": ("LENS_MEASURE", "MEASURE"),
        "home": ("FOCUS_HOME", "GO"),
        "stop": ("FOCUS_ABORT_MOTION", "ABORT"),
        "abort": ("CCD_ABORT_EXPOSURE", "ABORT"),
    }
    numbers: dict[str, tuple[str, dict[str, float]]] = {
        "go": ("ABS_FOCUS_POSITION", {"FOCUS_ABSOLUTE_POSITION": dice.randint(0, 3000)}),
        "step": ("REL_FOCUS_POSITION", {"FOCUS_RELATIVE_POSITION": dice.randint(1, 400)}),
        "place": ("FOCUS_MAGNIFIER_POSITION", {"X": dice.randint(0, 4000), "Y": dice.randint(0, 2800)}),
        "expose": ("CCD_EXPOSURE", {"CCD_EXPOSURE_VALUE": dice.choice([0.01, 0.5, 1.3, 3.0])}),
    }
    wish = dice.choice([*wishes, *numbers, "expose", "go", "stream"])
    if wish in wishes and client.has(wishes[wish][0]):
        client.switch(*wishes[wish])
    elif wish in numbers and client.has(numbers[wish][0]):
        name, values = numbers[wish]
        client.number(name, **values)


def _happens(stage: Stage, dice: random.Random) -> None:
    """One thing that nobody asked for."""
    match dice.choice(
        ["lens off", "lens on", "auto", "manual", "ring", "unplug", "hand", "reconnect", "press", "menu"]
    ):
        case "lens off":
            stage.camera.do("lens", on=False)
        case "lens on":
            stage.camera.do("lens", on=True, kind=dice.choice(["standard", "tele", "three-steps", "manual"]))
        case "auto":
            stage.camera.do("focus", mode="auto")
        case "manual":
            stage.camera.do("focus", mode="manual")
        case "ring":
            stage.camera.do("ring", steps=float(dice.randint(-300, 300)))
        case "unplug":
            stage.camera.do("unplug", back_s=2.0)
        case "hand":
            if stage.hands:
                stage.kill_hand()
        case "reconnect":
            stage.client.disconnect()
            stage.run(dice.choice([0.05, 3.0]))
            stage.client.connect()
        case "press":
            stage.camera.do("press", hold_s=0.2)
        case "menu":
            stage.camera.fault("live-view-freezes")


def _restless(stage: Stage) -> list[str]:
    found = [
        f"{name} {mirror.state}"
        for (_, name), mirror in stage.client.vectors.items()
        if mirror.state == "Busy" and name not in _MAY_BE_BUSY
    ]
    return found if stage.client["CONNECTION"].state == "Ok" else [*found, "CONNECTION"]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("model", ["ILCE-7SM3", "ILCE-7M3"])
def test_it_comes_to_rest(model: str, seed: int) -> None:
    dice = random.Random(f"{model} {seed}")
    with Stage(model, keep=4000, pace_s=0.02) as stage:
        show(stage)
        stage.connect()
        for _ in range(STEPS):
            _happens(stage, dice) if dice.random() < 0.15 else _asked(stage, dice)
            stage.run(dice.choice([0.0, 0.05, 0.3, 1.0, 4.0]))
        stage.camera.do("focus", mode="manual")
        stage.camera.do("lens", on=True, kind="standard")
        stage.client.connect()
        for name, element in (("RECORD_STREAM", "RECORD_OFF"), ("LENS_MEASURE", "MEASURE")):
            if stage.client.has(name):
                stage.client.switch(name, element, state="On" if name == "RECORD_STREAM" else "Off")
        stage.until(lambda: not _restless(stage), REST_S)
        taken = stage.camera.camera.body.serial
        assert (stage.expose(1.0).serial or 0) > taken
        stage.assert_clean()
