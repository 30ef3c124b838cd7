"""What there is to be seen through the camera, for pictures of live view. Pure, no numpy."""

from __future__ import annotations

from typing import NamedTuple

from indi_sony_py.sim.night import Night
from indi_sony_py.sony.magnifier import Window

__all__ = ["Scene"]


class Scene(NamedTuple):
    """`scene` as in `Menu`, the ISO, the night, and the part of the picture that live view shows."""

    scene: str
    iso: int
    night: Night
    window: Window = Window()
