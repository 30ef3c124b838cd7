"""Hears when something is plugged in or out (does I/O: a netlink socket, in a thread of its own); posts `BusChanged`.

- The kernel tells each change on a netlink socket (uevents, Documentation/ABI; libudev listens to the same); listening
  needs no rights. udevd tells it again when the permissions are set, in a form of its own: both are heard.
- A simulated camera's socket appears and vanishes as a file: there is nothing to hear, so the paths are looked at once
  a second.
- What is heard is a hint and nothing more: whoever gets it looks for itself. A burst is one hint.
- Where the socket cannot be had, `start` says so, and the cameras must be looked for every few seconds.
"""

from __future__ import annotations

import errno
import logging
import os
import selectors
import socket
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress

from indi_sony_py.driver.events import BusChanged

__all__ = ["SOCKETS_S", "Hotplug", "concerns_cameras", "simulated_paths", "uevent_socket"]

SOCKETS_S = 1.0
"""So often the sockets of simulated cameras are looked at."""
_UEVENT = 15
"""NETLINK_KOBJECT_UEVENT (linux/netlink.h); Python has no name for it."""
_KERNEL, _UDEV = 1, 2
"""Multicast groups, as bits."""
_BURST_S = 0.2
_LONGEST_BURST_S = 1.0
_MESSAGE = 8192
_SONY = "54c"
_log = logging.getLogger(__name__)


def uevent_socket() -> socket.socket:
    """A socket that hears what is plugged in and out. Raises `OSError` where there is none (no Linux, a container)."""
    heard = socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC, _UEVENT)
    try:
        heard.bind((0, _KERNEL | _UDEV))
        heard.setblocking(False)
    except OSError:
        heard.close()
        raise
    return heard


def concerns_cameras(message: bytes) -> bool:
    """Whether a uevent may be about a camera: a USB device of Sony's, or one whose maker is not told.

    A message is a headline and NAME=VALUE pairs with zeros between them; udevd's has a binary headline.
    """
    pairs = (part.partition(b"=") for part in message.split(b"\0"))
    found = {name: value.decode("ascii", "replace") for name, _, value in pairs}
    if found.get(b"SUBSYSTEM") != "usb" or found.get(b"DEVTYPE", "usb_device") != "usb_device":
        return False
    product = found.get(b"PRODUCT", "")
    return not product or product.split("/")[0] == _SONY


def simulated_paths(bus: str) -> tuple[str, ...]:
    """The sockets that INDI_SONY_BUS names; what makes no sense is told elsewhere."""
    parts = (part.strip() for part in bus.split(","))
    return tuple(part.removeprefix("unix:") for part in parts if part.startswith("unix:/"))


class Hotplug:
    """One thread between `start` and `stop`. `bus`: the value of INDI_SONY_BUS, "" for USB."""

    def __init__(
        self,
        post: Callable[[BusChanged], None],
        bus: str = "",
        make: Callable[[], socket.socket] = uevent_socket,
    ) -> None:
        self._post = post
        self._paths = simulated_paths(bus)
        self._simulated = bool(bus.strip())
        self._make = make
        self._stop_read, self._stop_write = -1, -1
        self._thread: threading.Thread | None = None

    def start(self) -> bool:
        """Begin to listen. False: changes cannot be heard."""
        heard: socket.socket | None = None
        if not self._simulated:
            try:
                heard = self._make()
            except OSError as error:
                _log.info("what is plugged in cannot be heard (%s): it is looked for every few seconds", error)
                return False
        self._stop_read, self._stop_write = os.pipe2(os.O_CLOEXEC)
        there = _look(self._paths)
        self._thread = threading.Thread(target=self._run, args=(heard, there), name="hotplug", daemon=True)
        self._thread.start()
        return True

    def stop(self) -> None:
        """End the thread. Calling it again does nothing."""
        thread, self._thread = self._thread, None
        if thread is not None:
            os.close(self._stop_write)
            thread.join()
            os.close(self._stop_read)

    def _run(self, heard: socket.socket | None, seen: Mapping[str, tuple[int, int]]) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._stop_read, selectors.EVENT_READ)
            if heard is None:
                while not selector.select(SOCKETS_S):
                    now = _look(self._paths)
                    if now != seen:
                        seen = now
                        self._post(BusChanged())
                return
            with heard:
                selector.register(heard, selectors.EVENT_READ)
                while self._stop_read not in _ready(selector, None):
                    if _drain(heard):
                        if not self._burst(selector, heard):
                            return
                        self._post(BusChanged())

    def _burst(self, selector: selectors.BaseSelector, heard: socket.socket) -> bool:
        """Hear the rest of what comes at once. False: it is the end."""
        end = time.monotonic() + _LONGEST_BURST_S
        while (left := end - time.monotonic()) > 0:
            ready = _ready(selector, min(_BURST_S, left))
            if self._stop_read in ready:
                return False
            if not ready:
                break
            _drain(heard)
        return True


def _ready(selector: selectors.BaseSelector, seconds: float | None) -> set[int]:
    return {key.fd for key, _ in selector.select(seconds)}


def _drain(heard: socket.socket) -> bool:
    """Read all that is there. Whether any of it may be about a camera; what was lost counts as such."""
    found = False
    for _ in range(10_000):
        try:
            found = concerns_cameras(heard.recv(_MESSAGE)) or found
        except BlockingIOError:
            break
        except OSError as error:
            if error.errno != errno.ENOBUFS:
                raise
            found = True
    return found


def _look(paths: tuple[str, ...]) -> Mapping[str, tuple[int, int]]:
    """Which sockets are there; one that was made anew is another one."""
    found = {}
    for path in paths:
        with suppress(OSError):
            entry = os.stat(path)
            found[path] = (entry.st_ino, entry.st_ctime_ns)
    return found
