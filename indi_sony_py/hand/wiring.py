"""What a hand's worker is made of: the way to the camera, and the look into its files. Loads what it calls.

The engine knows neither transport nor image; the hand joins them here.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from indi_sony_py.clock import Clock, Deadline
from indi_sony_py.engine.arrival import Told
from indi_sony_py.errors import BadData
from indi_sony_py.hand.disk import room_for
from indi_sony_py.hand.places import Places
from indi_sony_py.hand.probes import Probes
from indi_sony_py.image.files import fallback_folder
from indi_sony_py.transport.ipaddress import NetworkPlace, is_network_key

if TYPE_CHECKING:
    from indi_sony_py.engine.moves import FileFacts
    from indi_sony_py.hand.crew import WorkerLike
    from indi_sony_py.transport.base import Transport

__all__ = ["camera_worker", "connect", "inspect", "room"]


def camera_worker(key: str, clock: Clock) -> Callable[[Callable[[Told], None]], WorkerLike]:
    """A maker of workers for the camera at `key`: on USB, on a simulated bus, or in the network."""

    def make(report: Callable[[Told], None]) -> WorkerLike:
        from indi_sony_py.engine.worker import Worker

        def way(deadline: Deadline) -> Transport:
            return connect(key, clock, deadline)

        log = logging.getLogger("indi_sony_py.engine.worker")
        places = Places.of()
        return Worker(way, clock, report, inspect, log, partial(room, places), Probes(places.state).of)

    return make


def connect(key: str, clock: Clock, deadline: Deadline) -> Transport:
    """Claim the camera at `key`. `CameraGone`, `WrongUsbMode`, `CameraInUse`, `CameraDenied` as they happen.

    With INDI_SONY_TRACE in the environment all that goes over the wire is written into the file that it names.
    """
    way = _connect(key, clock, deadline)
    path = os.environ.get("INDI_SONY_TRACE", "")
    if not path:
        return way
    from indi_sony_py.hand.trace import Traced

    return Traced(way, Path(path), clock)


def _connect(key: str, clock: Clock, deadline: Deadline) -> Transport:
    if is_network_key(key):
        return _connect_network(NetworkPlace.of_key(key), clock, deadline)
    from indi_sony_py.transport.usb import UsbTransport

    return UsbTransport.open(key, clock)


def _connect_network(place: NetworkPlace, clock: Clock, deadline: Deadline) -> Transport:
    from indi_sony_py.transport.discover import why_refused
    from indi_sony_py.transport.ip import Host, IpTransport
    from indi_sony_py.transport.ipidentity import host_name, machine_guid

    host = Host(machine_guid(Places.of().state), host_name())
    return IpTransport.open(place, clock, host, deadline, explain=partial(why_refused, place))


def room(places: Places, size: int, folder: str) -> str:
    """Whether any folder that a frame may go to has room for one of `size` bytes: "", or why not."""
    asked = (folder,) if folder else ()
    return room_for(size, (*asked, fallback_folder(), *places.last_resorts, *places.shared))


def inspect(data: bytes | bytearray | memoryview, arrived: int | None = None) -> FileFacts | None:
    """What the engine wants to know of a file; nothing of one that cannot be read. Never raises.

    `arrived`: only so many bytes are there yet; None where they do not tell.
    """
    from indi_sony_py.engine.moves import FileFacts
    from indi_sony_py.image.pipeline import facts

    try:
        known = facts(data, arrived)
    except BadData:
        return FileFacts() if arrived is None else None
    if known is None:
        return None
    return FileFacts(
        known.exposure_s, known.iso, known.long_exposure_nr, _seconds(known.captured_local or known.captured_utc)
    )


def _seconds(stamp: str | None) -> float | None:
    """An ISO 8601 time without a zone as seconds of a fixed epoch, the camera's zone being left out of account."""
    if stamp is None:
        return None
    try:
        return (datetime.fromisoformat(stamp).replace(tzinfo=None) - datetime(2000, 1, 1)).total_seconds()
    except ValueError:
        return None
