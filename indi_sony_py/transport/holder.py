"""Who holds a USB device (does I/O: reads /proc). Only what the user's own rights show; an unknown holder is None.

A program that has opened a device has a file descriptor on /dev/bus/usb/BUS/ADDRESS (Linux, usbfs).
"""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["holder", "node_of"]


def node_of(bus: int, address: int) -> str:
    """The device node that usbfs gives to a place on the bus."""
    return f"/dev/bus/usb/{bus:03d}/{address:03d}"


def holder(node: str, proc: Path = Path("/proc")) -> str | None:
    """`NAME (process ID)` of another process that has `node` open; None when none can be seen."""
    try:
        entries = sorted(int(name) for name in os.listdir(proc) if name.isdecimal())
    except OSError:
        return None
    for pid in entries:
        if pid != os.getpid() and _has_open(proc / str(pid) / "fd", node):
            return f"{_name(proc / str(pid))} (process {pid})"
    return None


def _has_open(folder: Path, node: str) -> bool:
    try:
        names = os.listdir(folder)
    except OSError:
        return False
    for name in names:
        try:
            if os.readlink(folder / name) == node:
                return True
        except OSError:
            continue
    return False


def _name(folder: Path) -> str:
    try:
        return (folder / "comm").read_text(errors="replace").strip() or "a program"
    except OSError:
        return "a program"
