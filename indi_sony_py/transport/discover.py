"""Looks for cameras in the network, and reads what one says of itself (does I/O: UDP, HTTP). Only when asked to.

- The question goes out on every network of this computer; what answers within the deadline is asked for its
  descriptions.
- A description is fetched only from the address that answered, with a cap and a deadline: nobody makes this computer
  ask somewhere else.
"""

from __future__ import annotations

import fcntl
import logging
import select
import socket
import struct
from collections.abc import Iterable
from dataclasses import dataclass

from indi_sony_py.clock import Deadline
from indi_sony_py.errors import CameraDenied, CameraError, CameraGone, CameraSilent
from indi_sony_py.texts import network as texts
from indi_sony_py.transport import ssdp
from indi_sony_py.transport.ipaddress import NetworkPlace
from indi_sony_py.transport.ipstream import dial

__all__ = ["DESCRIPTION_PORT", "NetworkCamera", "describe", "find_network_cameras", "why_refused"]

DESCRIPTION_PORT = 64321
"""Where Sony's bodies have their descriptions (dd.xml)."""
_DEVICE_PATH = "/dd.xml"
_WAIT_S = 2.0
_REPEAT_S = 0.7
_MOST = 32
_FETCH_S = 2.0
_READ = 16 * 1024
_SIOCGIFADDR = 0x8915
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class NetworkCamera:
    """A camera that was found, and what it says of itself."""

    place: NetworkPlace
    description: ssdp.Description


def find_network_cameras(
    deadline: Deadline, group: tuple[str, int] = ssdp.GROUP, interfaces: Iterable[str] | None = None
) -> list[NetworkCamera]:
    """Cameras that answer within two seconds, in the order of their addresses. No network is no error."""
    found: dict[str, NetworkCamera] = {}
    for host, location in _search(deadline.within(_WAIT_S), group, interfaces).items():
        description = _of_location(location, deadline)
        if description is not None:
            found[host] = NetworkCamera(NetworkPlace(host), description)
    return [found[host] for host in sorted(found)]


def describe(host: str, deadline: Deadline, port: int = DESCRIPTION_PORT) -> ssdp.Description | None:
    """What the camera at an address says of itself, where no search told it; None when it says nothing."""
    return _of_location(ssdp.Location(host, port, _DEVICE_PATH), deadline)


def why_refused(place: NetworkPlace, deadline: Deadline, port: int = DESCRIPTION_PORT) -> CameraError | None:
    """Access authentication or a missing pairing, if the camera's description says so."""
    known = describe(place.host, deadline, port)
    if known is None or not (known.ssh or known.pairing):
        return None
    row = texts.AUTHENTICATION if known.ssh else texts.PAIRING
    return CameraDenied(row, model=known.model or "camera", place=place)


def _search(deadline: Deadline, group: tuple[str, int], interfaces: Iterable[str] | None) -> dict[str, ssdp.Location]:
    found: dict[str, ssdp.Location] = {}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as asker:
        asker.setblocking(False)
        asker.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 2)
        again = deadline.clock.monotonic()
        while not deadline.expired and len(found) < _MOST:
            if deadline.clock.monotonic() >= again:
                again += _REPEAT_S
                _ask(asker, group, _addresses() if interfaces is None else interfaces)
            if not select.select([asker], [], [], min(_REPEAT_S, deadline.remaining()))[0]:
                continue
            try:
                datagram, (host, _) = asker.recvfrom(65536)
            except OSError:
                continue
            location = ssdp.parse_answer(datagram)
            if location is not None and location.host == host:
                found[host] = location
    return found


def _ask(asker: socket.socket, group: tuple[str, int], interfaces: Iterable[str]) -> None:
    for address in interfaces:
        try:
            asker.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(address))
            asker.sendto(ssdp.search_message(1), group)
        except OSError as error:
            _log.info("no search on %s: %s", address, error.strerror or error)


def _addresses() -> list[str]:
    """The IPv4 address of each network interface that has one."""
    found = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as asked:
        for _, name in socket.if_nameindex():
            try:
                answer = fcntl.ioctl(asked, _SIOCGIFADDR, struct.pack("256s", name.encode()[:15]))
            except OSError:
                continue
            found.append(socket.inet_ntoa(answer[20:24]))
    return found


def _of_location(location: ssdp.Location, deadline: Deadline) -> ssdp.Description | None:
    device = _fetch(location, deadline)
    if device is None:
        return None
    name, service = ssdp.parse_device(device, location)
    said = _fetch(service, deadline) if service is not None else None
    return ssdp.parse_service(said or b"", name) if said is not None else None


def _fetch(location: ssdp.Location, deadline: Deadline) -> bytes | None:
    """The body of a plain HTTP answer, whole; None when it is not had within the deadline."""
    limit = deadline.within(_FETCH_S)
    try:
        stream = dial(NetworkPlace(location.host, location.port), limit)
    except CameraError as error:
        _log.info("%s says nothing of itself: %s", location.host, error)
        return None
    data = b""
    try:
        stream.send(f"GET {location.path} HTTP/1.0\r\nHost: {location.host}\r\n\r\n".encode(), limit)
        while len(data) <= ssdp.LARGEST:
            part = stream.receive(_READ, limit)
            if not part:
                return None
            data += part
            if (page := ssdp.parse_page(data, ended=False)) is not None:
                return page
    except CameraGone:
        return ssdp.parse_page(data)
    except CameraSilent as error:
        _log.info("%s says nothing of itself: %s", location.host, error)
    finally:
        stream.close()
    return None
