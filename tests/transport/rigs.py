"""The same camera on two ways: in this process on a virtual clock, and behind sockets in real time."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from indi_sony_py.clock import Clock, Deadline, SystemClock, VirtualClock
from indi_sony_py.ptp.transaction import Reply, Request
from indi_sony_py.sim.attach import local_backend, serve
from indi_sony_py.sim.device import UsbDevice
from indi_sony_py.transport.bus import BusBackend, backend_from_environment
from indi_sony_py.transport.usb import UsbTransport, find_cameras
from tests.transport.scripted_device import ScriptedDevice, identity

LONG_S = 20.0
SHORT_S = 0.15


@dataclass
class Rig:
    """Cameras, a clock, and a backend that reaches them."""

    clock: Clock
    devices: list[ScriptedDevice]
    backend: BusBackend
    do: Callable[[Callable[[], object]], None] = lambda act: cast(None, act())
    transports: list[UsbTransport] = field(default_factory=list)

    @property
    def device(self) -> ScriptedDevice:
        return self.devices[0]

    def open(self, number: int = 0) -> UsbTransport:
        transport = UsbTransport.open(find_cameras(self.backend)[number], self.clock, self.backend)
        self.transports.append(transport)
        return transport

    def session(self) -> UsbTransport:
        transport = self.open()
        self.ask(transport, 0x1002, 1)
        return transport

    def ask(
        self, transport: UsbTransport, operation: int, *params: int, data: bytes | None = None, s: float = LONG_S
    ) -> Reply:
        return transport.transact(Request(operation, params, data), self.within(s))

    def within(self, seconds: float) -> Deadline:
        return Deadline.after(self.clock, seconds)


@contextmanager
def local_rig(count: int = 1) -> Iterator[Rig]:
    clock = VirtualClock()
    devices = [ScriptedDevice(clock, identity(n)) for n in range(count)]
    rig = Rig(clock, devices, local_backend(as_devices(devices), clock))
    try:
        yield rig
    finally:
        close_all(rig)


@contextmanager
def socket_rig(folder: Path, count: int = 1) -> Iterator[Rig]:
    clock = SystemClock()
    devices = [ScriptedDevice(clock, identity(n)) for n in range(count)]
    paths = [folder / f"camera{n}" for n in range(count)]
    with served(devices, paths, clock, folder / "control") as do:
        backend = backend_from_environment({"INDI_SONY_BUS": ",".join(f"unix:{path}" for path in paths)})
        assert backend is not None
        rig = Rig(clock, devices, backend, do)
        try:
            yield rig
        finally:
            close_all(rig)


@contextmanager
def served(
    devices: Sequence[Any], paths: Sequence[Path], clock: Clock, control: Path
) -> Iterator[Callable[[Callable[[], object]], None]]:
    """A server in a thread. What is yielded runs an act in that thread, and returns when it is done."""
    acts: list[Callable[[], object]] = []

    def on_line(line: str) -> str:
        acts.pop()()
        return line

    ready = threading.Event()
    ours, theirs = socket.socketpair()
    failures: list[BaseException] = []

    def run() -> None:
        try:
            serve(
                as_devices(devices),
                paths,
                clock,
                stop=theirs,
                control=on_line,
                control_path=control,
                ready=ready.set,
            )
        except BaseException as error:
            failures.append(error)
        finally:
            ready.set()

    thread = threading.Thread(target=run)
    thread.start()
    ready.wait(LONG_S)

    def do(act: Callable[[], object]) -> None:
        acts.append(act)
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(LONG_S)
            client.connect(str(control))
            client.sendall(b"act\n")
            assert client.recv(100) == b"act\n"

    try:
        yield do
    finally:
        ours.send(b"x")
        thread.join(LONG_S)
        ours.close()
        theirs.close()
        assert not thread.is_alive()
        assert not failures, failures


def as_devices(devices: Sequence[Any]) -> list[UsbDevice]:
    return cast(list[UsbDevice], list(devices))


def close_all(rig: Rig) -> None:
    for transport in rig.transports:
        transport.close()
