"""`indi-sony list`: which Sony cameras are there, what they show themselves as, who holds them. Does I/O."""

from __future__ import annotations

import argparse

from indi_sony_py.cli.cameras import look, none_usable
from indi_sony_py.cli.holding import who_holds
from indi_sony_py.cli.output import Output
from indi_sony_py.cli.status import Status
from indi_sony_py.driver.choose import in_another_mode, usable
from indi_sony_py.driver.events import Camera
from indi_sony_py.driver.view import shown_serial
from indi_sony_py.texts import tool

__all__ = ["add", "run"]


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--bus", metavar="unix:/PATH", help=tool.HELP_BUS())
    parser.add_argument("--network", action="store_true", help=tool.HELP_NETWORK())


def run(arguments: argparse.Namespace, out: Output) -> int:
    """Show them; `NO_CAMERA` if none can be controlled."""
    cameras = look(arguments.bus, arguments.network)
    holders = {camera.key: who_holds(camera) for camera in cameras}
    out.data(cameras=[_data(camera, holders[camera.key]) for camera in cameras])
    if cameras:
        heads = tool.MODEL(), tool.SERIAL(), tool.PLACE(), tool.SHOWS_AS(), tool.HOLDER()
        out.table(heads, [_cells(camera, holders[camera.key]) for camera in cameras])
    if usable(cameras):
        return Status.DONE
    out.say(none_usable(cameras))
    return Status.NO_CAMERA


def _cells(camera: Camera, holder: str) -> tuple[str, ...]:
    return camera.model or "-", shown_serial(camera.serial) or "-", camera.key, camera.kind.value, holder or "-"


def _data(camera: Camera, holder: str) -> dict[str, object]:
    return {
        "key": camera.key,
        "model": camera.model,
        "serial": shown_serial(camera.serial),
        "kind": camera.kind.value,
        "product": f"054c:{camera.product:04x}" if camera.product else "",
        "usable": bool(usable((camera,))),
        "text": in_another_mode(camera),
        "held_by": holder,
    }
