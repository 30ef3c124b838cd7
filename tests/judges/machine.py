"""Several judges in one virtual machine: a script in parts, and what came of each. Starts QEMU; skips without it."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tools.guest import Camera, Unavailable, run
from tools.guestroot import prepared
from tools.rig import Rig, Simulator

__all__ = ["ROOT", "Part", "in_machine", "parts_of", "plugged", "skip_without_machine"]

ROOT = Path(__file__).resolve().parents[2]
_LIMIT_S = 300

_PRELUDE = f"""
share=$(dirname "$0")
python={sys.executable}
cd {ROOT}
# Only what is needed of libgphoto2: by emulation all of its sixty camera libraries take 20 s to load, each time.
mkdir -p /run/home /run/camlibs /run/iolibs /run/work
cp /usr/lib/*/libgphoto2/*/ptp2.so /run/camlibs 2>/dev/null
cp /usr/lib/*/libgphoto2_port/*/usb1.so /run/iolibs 2>/dev/null
export ONLY_PTP=1 CAMLIBS=/run/camlibs IOLIBS=/run/iolibs LC_ALL=C
part() {{
    part=$1; shift; echo "@@ $part"
    timeout "${{limit:-{_LIMIT_S}}}" "$@" 2>&1 </dev/null; status=$?
    echo; echo "@@ $part $status"
}}
tell() {{
    control=$1; shift
    for order; do printf '%s\\n' "$order" >&3; head -n 1 <&3; done 3<>"/dev/control$control"
}}
place() {{
    for device in /sys/bus/usb/devices/*; do
        [ "$(cat "$device/product" 2>/dev/null)" = "$1" ] || continue
        printf 'usb:%03d,%03d\\n' "$(cat "$device/busnum")" "$(cat "$device/devnum")"
    done
}}
"""


@dataclass(frozen=True, slots=True)
class Part:
    """One command of a machine's script."""

    status: int
    text: str


def parts_of(output: str) -> dict[str, Part]:
    """By name, in the order in which they ran. Progress bars are left out."""
    found = {}
    for match in re.finditer(r"^@@ (\S+)\n(.*?)^@@ \1 (\d+)$", output, re.M | re.S):
        lines = [line.rpartition("\r")[2] for line in match[2].splitlines()]
        found[match[1]] = Part(int(match[3]), "\n".join(lines).strip())
    return found


def skip_without_machine() -> None:
    """Skips the test, with the reason, where no virtual machine can be had."""
    try:
        prepared()
    except Unavailable as why:
        pytest.skip(str(why))


def plugged(rig: Rig, body: str, speed: str = "super", **options: Any) -> Simulator:
    """A camera for a machine; it keeps its files in `rig.folder / "kept" / <its name>`."""
    name = f"camera{len(rig.cameras) + 1}"
    kept = rig.folder / "kept" / name
    kept.mkdir(parents=True)
    return rig.camera(name, body=body, redir="tcp:127.0.0.1:0", usb_speed=speed, keep=str(kept), **options)


def in_machine(rig: Rig, cameras: Sequence[Simulator], script: str, limit_s: float) -> dict[str, Part]:
    """Runs `script` (sh) in a machine with these cameras. `part NAME COMMAND…` runs a part of it, `place MODEL` tells a
    camera's port as gphoto2 names it, `tell N JSON…` sends commands to the control socket of camera N."""
    skip_without_machine()
    places = [Camera(camera.redir_port, camera.control_path) for camera in cameras]
    result = run(_PRELUDE + script, rig.folder, places, limit_s)
    found = parts_of(result.output)
    assert result.status == 0 and found, result.output[-4000:]
    print(result.output)
    return found
