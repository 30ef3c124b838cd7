"""Which cameras there are, and which one is meant (does I/O: asks USB and, on wish, the network).

The same search as the driver's: `transport.find`, `transport.discover`, `driver.choose`. Where several could be meant,
none is taken: what is set or shot at the wrong one costs more than a second try.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence

from indi_sony_py.cli.output import Output
from indi_sony_py.cli.status import NoCamera, Unclear
from indi_sony_py.clock import SystemClock
from indi_sony_py.driver.choose import in_another_mode, nothing_found, usable
from indi_sony_py.driver.events import Camera, CameraKind
from indi_sony_py.driver.link import BUS, as_camera, look_in_network
from indi_sony_py.driver.view import same_serial, shown_serial
from indi_sony_py.errors import CameraError
from indi_sony_py.texts import cable, network, tool
from indi_sony_py.transport.ipaddress import NetworkPlace, is_network_key

__all__ = ["add_camera", "chosen", "in_network", "look", "meant", "none_usable"]

_LEAST_DIGITS = 4


def add_camera(parser: argparse.ArgumentParser) -> None:
    """The arguments that say which camera is meant."""
    parser.add_argument("--camera", metavar="CAMERA", default="", help=tool.HELP_CAMERA())
    parser.add_argument("--bus", metavar="unix:/PATH", help=tool.HELP_BUS())


def look(bus: str | None = None, in_network: bool = False) -> list[Camera]:
    """All Sony devices on USB, or on the simulated `bus`; with those in the network on wish. `CameraError`.

    `bus` is put into the environment, so that the camera's own process looks there, too.
    """
    if bus:
        os.environ[BUS] = bus
    try:
        from indi_sony_py.transport.find import find_cameras
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "usb":
            raise
        raise CameraError(cable.NO_PYUSB) from error
    beside = look_in_network(SystemClock()) if in_network else ()
    return [*map(as_camera, find_cameras()), *beside]


def chosen(arguments: argparse.Namespace, out: Output) -> Camera:
    """The camera that `--camera` means, else the only one. `NoCamera` or `Unclear` with what to do, `CameraError`."""
    wanted: str = arguments.camera.strip()
    found = (_in_network(wanted),) if is_network_key(wanted) else meant(look(arguments.bus), wanted)
    if len(found) > 1:
        out.data(cameras=[_data(camera) for camera in found])
        raise Unclear(tool.SEVERAL, count=len(found), names="; ".join(map(_words, found)))
    (camera,) = found
    model = camera.model or tool.SOME_CAMERA()
    out.data(camera=_data(camera))
    out.fact(tool.CAMERA(), tool.CAMERA_AT(model=model, place=camera.key))
    return camera


def meant(cameras: Sequence[Camera], wanted: str, any_mode: bool = False) -> Sequence[Camera]:
    """Of `cameras` those at the place, or with the number (or its end), or of the model `wanted`; "" is any.

    What is none of these, and looks like an address, is a camera in the network. `any_mode`: where none can be
    controlled as it is, those that cannot. At least one, or `NoCamera`.
    """
    mine = [c for c in cameras if not wanted or _is(c, wanted)]
    if not mine and in_network(wanted):
        return (_in_network(wanted),)
    free = usable(mine) or (mine if any_mode else [])
    if free:
        return free
    if mine:
        raise NoCamera(in_another_mode(mine[0]))
    if not wanted or not cameras:
        raise NoCamera(none_usable(cameras))
    raise NoCamera(tool.NO_SUCH_CAMERA, wanted=wanted, names="; ".join(map(_words, cameras)))


def in_network(wanted: str) -> bool:
    """Whether `wanted` looks like the address of a camera in the network, or like its key."""
    return is_network_key(wanted) or "." in wanted or ":" in wanted


def none_usable(cameras: Sequence[Camera]) -> str:
    """What to do where none of `cameras` can be controlled."""
    if not cameras and (bus := os.environ.get(BUS, "").strip()):
        return tool.NO_SIMULATED(bus=bus)
    return nothing_found(cameras)


def _is(camera: Camera, wanted: str) -> bool:
    tail = shown_serial(camera.serial).upper().endswith(wanted.upper()) and len(wanted) >= _LEAST_DIGITS
    return camera.key == wanted or camera.model.upper() == wanted.upper() or tail or same_serial(camera.serial, wanted)


def _data(camera: Camera) -> dict[str, str]:
    return {"key": camera.key, "model": camera.model, "serial": shown_serial(camera.serial)}


def _words(camera: Camera) -> str:
    number = shown_serial(camera.serial) or cable.NO_NUMBER()
    return tool.CAMERA_WITH(place=camera.key, model=camera.model or tool.SOME_CAMERA(), number=number)


def _in_network(wanted: str) -> Camera:
    try:
        place = NetworkPlace.of_key(wanted) if is_network_key(wanted) else NetworkPlace.parse(wanted)
    except ValueError:
        raise NoCamera(network.BAD_PLACE, text=wanted) from None
    return Camera(place.key, kind=CameraKind.PTP)
