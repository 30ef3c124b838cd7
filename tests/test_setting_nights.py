"""Nights in which a client changes the camera's settings at random: each exposure is its own and true all the same."""

from __future__ import annotations

import random

import pytest

from indi_sony_py.driver.rows.camera import FURTHER
from tests.stage import Stage

_EXPOSURES = 8
_OTHER_FRAME = frozenset({"APSC_CROP"})
"""What makes another frame of it is another test's."""
NAMES = frozenset(row.name for row in FURTHER) - _OTHER_FRAME


def change(stage: Stage, pick: random.Random) -> None:
    """A client chooses something, whatever it is and whatever the camera does at the moment."""
    if stage.client["CONNECTION"].state != "Ok":
        return
    rows = [m for (_, name), m in stage.client.vectors.items() if name in NAMES and m.permission == "rw"]
    mirror = pick.choice(sorted(rows, key=lambda each: each.name))
    stage.client.switch(mirror.name, pick.choice(sorted(mirror.values)))


@pytest.mark.parametrize(("model", "seed"), [("ILCE-7SM3", 1), ("ILCE-7SM3", 2), ("ILCE-7M5", 3), ("ILCE-6000", 4)])
def test_a_night_of_changes(model: str, seed: int) -> None:
    pick = random.Random(seed)
    with Stage(model) as stage:
        stage.connect()
        seen: list[int | None] = []
        for _ in range(_EXPOSURES):
            seconds = pick.choice((0.01, 1.0, 3.7, 8.0))
            for _ in range(pick.randrange(4)):
                stage.later(pick.choice((0.0, 0.1, 1.0, seconds, seconds + 0.5)), lambda: change(stage, pick))
            if pick.random() < 0.1:
                stage.later(pick.uniform(0.0, seconds), lambda: stage.kill_hand(stage.camera.key))
            stage.client.expose(seconds)
            stage.settle()
            stage.until(lambda: stage.client["CCD_EXPOSURE"].state != "Busy", 400)
            if stage.client["CCD_EXPOSURE"].state == "Ok":
                frame = stage.client.frames[-1]
                seen.append(frame.serial)
                assert abs(float(str(frame.header["EXPTIME"])) - seconds) < 0.05 * seconds + 0.01
            stage.run(pick.choice((0.0, 2.0, 10.0)))
        assert len(seen) == len(set(seen)) >= _EXPOSURES - 2, [text for _, _, text in stage.client.messages]
        stage.until(lambda: not [n for n in NAMES if stage.client.has(n) and stage.client[n].state == "Busy"], 200)
        stage.client.disconnect()
        stage.run(20)
        assert not list(stage.places.state.glob("setup-*"))
        stage.assert_clean()
