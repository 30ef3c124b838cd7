"""Ekos' align module: a picture is taken, solved, and the mount told where it points. Driven over KStars' message bus.

It looks for stars with a solver of its own (StellarSolver) in astrometry.net's index files (`INDEXES`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from jeepney import DBusAddress

from tools.desktop import Desktop
from tools.kstars import INDI
from tools.processes import Late, until

__all__ = ["INDEXES", "MOUNT", "Solution", "align", "align_settings", "sync_mount"]

INDEXES = Path("/usr/share/astrometry")
MOUNT = "Telescope Simulator"
"""The device and label of INDI's simulated mount, `indi_simulator_telescope`."""
_ALIGN = DBusAddress("/KStars/Ekos/Align", "org.kde.kstars", "org.kde.kstars.Ekos.Align")
_SYNC = 0
# Of Ekos' states: idle (again, after a sync), complete, failed, aborted, then those of work under way.
_IDLE, _COMPLETE, _LAST = 0, 1, 3


@dataclass(frozen=True)
class Solution:
    """`ra_deg`, `dec_deg`: the middle of the picture, J2000. `angle_deg`: of the picture with its first row below."""

    angle_deg: float
    ra_deg: float
    dec_deg: float


def align_settings(exposure_s: float) -> str:
    """What kstarsrc needs."""
    return f"\n[Align]\nastrometryIndexFolderList={INDEXES}\nalignExposure={exposure_s:g}\n"


def sync_mount(desktop: Desktop, ra_deg: float, dec_deg: float) -> None:
    """Tells the mount that it points there (of date)."""
    for name, element in (("TELESCOPE_PARK", "UNPARK"), ("ON_COORD_SET", "SYNC")):
        desktop.call(INDI, "setSwitch", "ssss", MOUNT, name, element, "On")
        desktop.call(INDI, "sendProperty", "ss", MOUNT, name)
    for element, value in (("RA", ra_deg / 15), ("DEC", dec_deg)):
        desktop.call(INDI, "setNumber", "sssd", MOUNT, "EQUATORIAL_EOD_COORD", element, value)
    desktop.call(INDI, "sendProperty", "ss", MOUNT, "EQUATORIAL_EOD_COORD")


def align(desktop: Desktop, limit_s: float) -> Solution:
    """Capture, solve, sync. Raises `Late`, with what the module wrote, where nothing was found."""
    desktop.call(_ALIGN, "setSolverAction", "i", _SYNC)
    if not desktop.call(_ALIGN, "captureAndSolve"):
        raise Late(f"no capture: {_log(desktop)}")
    state = until(partial(_state, desktop), lambda state: state <= _LAST, limit_s, "end of solving")
    if state not in (_IDLE, _COMPLETE):
        raise Late(f"not solved (state {state}): {_log(desktop)}")
    return Solution(*desktop.call(_ALIGN, "getSolutionResult"))


def _state(desktop: Desktop) -> int:
    found = desktop.read(_ALIGN, "status")
    return int(found[0] if isinstance(found, tuple) else found)


def _log(desktop: Desktop) -> list[str]:
    return list(desktop.read(_ALIGN, "logText"))[:6]
