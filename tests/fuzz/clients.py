"""A face on a virtual clock for targets: what it is told comes from a camera or a client without sense."""

from __future__ import annotations

import tempfile
from functools import cache

from indi_sony_py.engine.messages import CameraStatus, Identity, SettingsReport
from tests.driver.scripted import Rig

__all__ = ["home", "show"]


@cache
def home() -> str:
    """A folder for whatever a target saves; it goes with the process."""
    return _folder().name


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="fuzz-")


def show(model: str, version: str, told: SettingsReport) -> None:
    """Connect a camera with these settings, and show them to a client."""
    rig = Rig({"HOME": home()})
    try:
        rig.client("<getProperties version='1.7'/>")
        rig.new("Switch", "CONNECTION", CONNECT="On")
        identity = Identity(model, "0123456789", "1.00", version)
        rig.hand.say(CameraStatus("warming", identity), told, CameraStatus("ready", identity))
        rig.client("<getProperties version='1.7'/>")
    finally:
        rig.close()
