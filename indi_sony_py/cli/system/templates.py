"""Files that are text with facts of the package filled in: registration, udev rules, service, manual. Reads files.

A `@word@` of a file stands for a fact; one that is not known is a `KeyError`, so that none is left in.
"""

from __future__ import annotations

import re
from pathlib import Path

from indi_sony_py import __version__
from indi_sony_py.sony.bodies import UsbMode, all_bodies

__all__ = ["GROUP", "manual_of_driver", "registration", "rules", "service"]

GROUP = "plugdev"
"""Debian's group of those who may use what is plugged in."""
_FILES = Path(__file__).parent / "files"
_IN_A_LINE = 16


def registration() -> str:
    """By what KStars and INDI Web Manager find the driver (INDI's driversList)."""
    return _filled("indi_sony_py.xml.in")


def manual_of_driver() -> str:
    return _filled("indi_sony_py.1.in")


def rules(group: str = GROUP) -> str:
    """udev rules. `group`: who may use a camera beside those at the seat; "" where the system has no such group."""
    return _filled("61-indi-sony-py.rules.in", remote=_remote(), group=f'GROUP="{group}", ' if group else "")


def service(commands: str, group: str = GROUP) -> str:
    """The unit of a server with the driver. `commands`: the folder of its programs; `group`: as in the rules."""
    line = f"SupplementaryGroups={group}" if group else "# This system has no group for cameras."
    return _filled("indi-sony@.service.in", bin=commands, group=line)


def _remote() -> str:
    """One line of a rule for so many product ids of PC Remote mode."""
    ids = sorted({row.pid for body in all_bodies() for row in body.usb if row.mode is UsbMode.REMOTE})
    parts = [ids[start : start + _IN_A_LINE] for start in range(0, len(ids), _IN_A_LINE)]
    alternatives = ["|".join(f"{pid:04x}" for pid in part) for part in parts]
    return "\n".join(f'ATTR{{idProduct}}=="{pids}", GOTO="indi_sony_py_remote"' for pids in alternatives)


def _filled(name: str, **facts: str) -> str:
    known = {"version": __version__, **facts}
    return re.sub("@([a-z]+)@", lambda found: known[found[1]], (_FILES / name).read_text("utf-8"))
