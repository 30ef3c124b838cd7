"""What tests of records share on the stage: the camera's own log of presses, and what a client was told."""

from __future__ import annotations

import pytest

from tests.stage import Client, Stage, StageCamera

__all__ = [
    "BODIES",
    "alert",
    "change_iso",
    "choose_iso",
    "iso_element",
    "open_times",
    "presses",
    "shown_iso",
    "texts_since",
]

BODIES = pytest.mark.parametrize("model", ["ILCE-7SM3", "ILCE-6000"], ids=["3.00", "2.00"])
"""One body of each protocol version."""


def presses(camera: StageCamera) -> list[str]:
    """The speed of each press of the host that the camera took: "bulb", or seconds as "1/60 s"."""
    notes = (e.detail for e in camera.referee.entries if e.kind == "press" and "by the host" in e.detail)
    return [note.split(", ")[1].removesuffix(" s") for note in notes]


def open_times(camera: StageCamera) -> list[float]:
    """True open time of each photo, seconds."""
    notes = (e.detail for e in camera.referee.entries if e.kind == "photo")
    return [float(note.split("open ")[1].removesuffix(" s")) for note in notes]


def alert(stage: Stage, seconds: float, limit_s: float = 400.0) -> str:
    """An exposure that must fail: all that was said about it."""
    before, frames = len(stage.client.messages), len(stage.client.frames)
    stage.client.expose(seconds)
    stage.settle()
    mirror = stage.client["CCD_EXPOSURE"]
    stage.until(lambda: mirror.state != "Busy", limit_s)
    assert mirror.state == "Alert", f"{mirror.state}: {stage.client.texts[before:]}"
    assert len(stage.client.frames) == frames, "an Alert is no frame"
    return texts_since(stage, before)


def texts_since(stage: Stage, place: int) -> str:
    """The messages from a place in their list on, one a line."""
    return "\n".join(stage.client.texts[place:])


def iso_element(client: Client, label: str) -> str:
    """The element of CCD_ISO that a user sees as `label`."""
    found = client["CCD_ISO"].attributes.items()
    return next(name for name, attributes in found if attributes["label"] == label)


def choose_iso(stage: Stage, label: str, client: Client | None = None) -> None:
    """Click on a value of CCD_ISO."""
    client = client or stage.client
    client.switch("CCD_ISO", iso_element(client, label))


def change_iso(stage: Stage, label: str, limit_s: float = 200.0) -> str:
    """Click on a value of CCD_ISO and wait for its final state."""
    choose_iso(stage, label)
    stage.settle()
    stage.until(lambda: stage.client["CCD_ISO"].state != "Busy", limit_s)
    return stage.client["CCD_ISO"].state


def shown_iso(stage: Stage) -> str:
    """The label of the value that is chosen."""
    mirror = stage.client["CCD_ISO"]
    return mirror.attributes[mirror.chosen]["label"]
