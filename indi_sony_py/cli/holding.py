"""Who holds a camera now (does I/O: reads /proc, asks the address of its hand). Disturbs nobody.

A hand of this user is found by its address; those of other users stand in the kernel's list of sockets; any other
program that has opened a camera on USB is seen by its descriptor, as far as this user may see it.
"""

from __future__ import annotations

import re
from pathlib import Path

from indi_sony_py.driver.events import Camera
from indi_sony_py.errors import CameraInUse
from indi_sony_py.hand.launch import is_alive
from indi_sony_py.hand.places import safe_name
from indi_sony_py.texts import tool
from indi_sony_py.transport.holder import holder, node_of

__all__ = ["check_others", "users_hands", "who_holds"]

_HAND = re.compile(r" @indi_sony_py/(\d+)/(\S+)$", re.MULTILINE)
_BUS = re.compile(r"usb-(\d+)-")


def who_holds(camera: Camera, proc: Path = Path("/proc")) -> str:
    """A clause that says who, "" for nobody that can be seen."""
    if is_alive(camera.key):
        return tool.HELD_BY_HAND()
    return _others(camera, proc)


def check_others(camera: Camera) -> None:
    """`CameraInUse` if somebody else than a hand of this user holds it: this tool never fights over a camera."""
    who = "" if is_alive(camera.key) else _others(camera, Path("/proc"))
    if who:
        raise CameraInUse(tool.HELD, key=camera.key, who=who)


def _others(camera: Camera, proc: Path) -> str:
    others = users_hands(camera.key, proc)
    if others:
        return tool.HELD_BY_OTHERS_HAND(user=others[0])
    found = _BUS.match(camera.key)
    who = holder(node_of(int(found[1]), camera.address), proc) if found else None
    return tool.HELD_BY_PROGRAM(who=who) if who else ""


def users_hands(key: str, proc: Path = Path("/proc")) -> list[int]:
    """The users (ids) whose hands hold the camera at `key`."""
    try:
        sockets = (proc / "net" / "unix").read_text(errors="replace")
    except OSError:
        return []
    return sorted({int(uid) for uid, name in _HAND.findall(sockets) if name == safe_name(key)})
