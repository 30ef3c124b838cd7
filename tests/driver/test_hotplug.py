"""What is plugged in and out is heard: the kernel's messages, bursts, what concerns no camera, sockets that appear."""

from __future__ import annotations

import errno
import os
import queue
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from indi_sony_py.driver.events import BusChanged
from indi_sony_py.driver.hotplug import Hotplug, concerns_cameras, simulated_paths, uevent_socket

LIMIT_S = 20.0
ADD = (
    b"add@/devices/pci0000:00/0000:00:14.0/usb1/1-2\0ACTION=add\0DEVPATH=/devices/pci0000:00/0000:00:14.0/usb1/1-2\0"
    b"SUBSYSTEM=usb\0MAJOR=189\0MINOR=5\0DEVNAME=bus/usb/001/006\0DEVTYPE=usb_device\0PRODUCT=54c/d9b/300\0"
    b"TYPE=0/0/0\0BUSNUM=001\0DEVNUM=006\0SEQNUM=4711\0"
)
REMOVE = ADD.replace(b"add", b"remove")
UDEV = b"libudev\0\xfe\xed\xca\xfe" + b"\x28\x00\x00\x00" * 7 + ADD[ADD.index(b"ACTION") :]
INTERFACE = ADD.replace(b"usb_device", b"usb_interface")
MOUSE = ADD.replace(b"54c/d9b", b"46d/c077")
BLOCK = ADD.replace(b"SUBSYSTEM=usb", b"SUBSYSTEM=block")


class Desk:
    """An inbox, and a socket in place of the kernel's."""

    def __init__(self) -> None:
        self.inbox: queue.SimpleQueue[BusChanged] = queue.SimpleQueue()
        self.kernel, ours = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        ours.setblocking(False)
        self.hotplug = Hotplug(self.inbox.put, make=lambda: ours)
        assert self.hotplug.start()

    def next(self) -> BusChanged:
        return self.inbox.get(timeout=LIMIT_S)

    def close(self) -> None:
        self.hotplug.stop()
        self.hotplug.stop()
        self.kernel.close()


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk()
    yield made
    made.close()


@pytest.mark.parametrize("message", [ADD, REMOVE, UDEV, ADD.replace(b"PRODUCT", b"OTHER")])
def test_a_device_of_sony_or_of_nobody_known_concerns_us(message: bytes) -> None:
    assert concerns_cameras(message)


@pytest.mark.parametrize("message", [INTERFACE, MOUSE, BLOCK, b"", b"\0\0=", b"\xff" * 100, b"SUBSYSTEM=usb=x"])
def test_everything_else_does_not(message: bytes) -> None:
    assert not concerns_cameras(message)


def test_a_burst_is_one_hint_and_the_next_change_another(desk: Desk) -> None:
    for _ in range(5):
        for message in (REMOVE, INTERFACE, MOUSE, ADD, UDEV):
            desk.kernel.send(message)
    assert desk.next() == BusChanged()
    assert desk.inbox.empty()
    desk.kernel.send(ADD)
    assert desk.next() == BusChanged()


def test_what_concerns_no_camera_is_no_hint(desk: Desk) -> None:
    for message in (MOUSE, BLOCK, INTERFACE):
        desk.kernel.send(message)
    desk.kernel.send(ADD)
    desk.next()
    assert desk.inbox.empty()


class Overrun(socket.socket):
    """The kernel had more to say than fits: it says so once."""

    told = False

    def recv(self, size: int, flags: int = 0) -> bytes:
        if not self.told:
            self.told = True
            super().recv(size, flags)
            raise OSError(errno.ENOBUFS, os.strerror(errno.ENOBUFS))
        return super().recv(size, flags)


def test_messages_that_were_lost_are_a_hint() -> None:
    kernel, ours = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    inbox: queue.SimpleQueue[BusChanged] = queue.SimpleQueue()
    heard = Overrun(fileno=ours.detach())
    heard.setblocking(False)
    hotplug = Hotplug(inbox.put, make=lambda: heard)
    assert hotplug.start()
    kernel.send(MOUSE)
    inbox.get(timeout=LIMIT_S)
    hotplug.stop()
    kernel.close()


def test_where_nothing_can_be_heard_it_says_so() -> None:
    def make() -> socket.socket:
        raise OSError(errno.EPROTONOSUPPORT, "no such protocol")

    hotplug = Hotplug(lambda event: None, make=make)
    assert not hotplug.start()
    hotplug.stop()


def test_the_kernels_own_socket_can_be_had_without_rights() -> None:
    try:
        heard = uevent_socket()
    except OSError as error:
        pytest.skip(f"no uevents here: {error}")
    with heard, pytest.raises(BlockingIOError):
        heard.recv(1)


@pytest.mark.parametrize("group", [1, 2], ids=["kernel", "udevd"])
def test_what_is_told_on_the_real_socket_is_heard(group: int) -> None:
    """Only who may administer the network may speak there; everybody may listen."""
    inbox: queue.SimpleQueue[BusChanged] = queue.SimpleQueue()
    hotplug = Hotplug(inbox.put)
    if not hotplug.start():
        pytest.skip("no uevents here")
    try:
        with socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, 15) as speaker:
            speaker.sendto(UDEV if group == 2 else ADD, (0, group))
    except OSError as error:
        pytest.skip(f"not allowed to speak there: {error}")
    else:
        inbox.get(timeout=LIMIT_S)
    finally:
        hotplug.stop()


@pytest.mark.parametrize(
    ("bus", "paths"),
    [("", ()), ("unix:/a", ("/a",)), (" unix:/a , unix:/b/c ", ("/a", "/b/c")), ("tcp:host, unix:relative", ())],
)
def test_the_sockets_of_a_simulated_bus(bus: str, paths: tuple[str, ...]) -> None:
    assert simulated_paths(bus) == paths


def test_a_socket_that_appears_is_made_anew_or_vanishes_is_a_hint_each(tmp_path: Path) -> None:
    inbox: queue.SimpleQueue[BusChanged] = queue.SimpleQueue()
    path = tmp_path / "bus"

    def make() -> socket.socket:
        raise AssertionError("a simulated bus needs no word of the kernel")

    hotplug = Hotplug(inbox.put, f"unix:{path}", make)
    assert hotplug.start()
    path.touch()
    inbox.get(timeout=LIMIT_S)
    path.rename(tmp_path / "old")
    path.touch()
    inbox.get(timeout=LIMIT_S)
    path.unlink()
    inbox.get(timeout=LIMIT_S)
    hotplug.stop()
