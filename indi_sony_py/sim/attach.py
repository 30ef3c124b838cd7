"""Ways to reach a simulated camera: in this process, on any clock; `serve` does the same over sockets.

- In process nothing waits: a read looks, and where the camera has nothing yet, the clock goes on to its next
  change or to the read's time-out, whichever is first. On a virtual clock an hour's exposure takes no time.
- The camera cannot tell the ways apart: both go through `sim.hostside`.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Sequence

from indi_sony_py.clock import Clock
from indi_sony_py.sim.device import UsbDevice
from indi_sony_py.sim.hostside import HostSide
from indi_sony_py.sim.server import serve, stop_on_signals
from indi_sony_py.transport.bus import BusBackend
from indi_sony_py.transport.busframe import Identity

__all__ = ["LocalPort", "LocalSlot", "local_backend", "serve", "stop_on_signals"]

_DAY_S = 86400.0
_TICK_S = 0.001
"""The least that a wait moves the clock, whatever the camera says about its next change: no wait stands still."""


class LocalPort:
    """One program's way to a camera in this process (`transport.bus.Port`)."""

    def __init__(self, device: UsbDevice, clock: Clock, host: HostSide | None = None) -> None:
        """`host` is shared by all ports of one camera; without it this port is the only one."""
        self._host = host or HostSide(device)
        self._device = device
        self._clock = clock
        self.identity: Identity = self._host.identity

    def claim(self, interface: int) -> None:
        self._host.claim(self)

    def release(self, interface: int) -> None:
        self._host.leave(self)

    def bulk_write(self, data: bytes, timeout_s: float | None) -> int:
        return self._host.bulk_write(self, data)

    def bulk_read(self, buffer: memoryview, timeout_s: float | None) -> int:
        return self._wait(lambda got: self._host.bulk_read(self, buffer, got), timeout_s)

    def interrupt_read(self, buffer: memoryview, timeout_s: float | None) -> int:
        return self._wait(lambda got: self._host.interrupt_read(self, buffer, got), timeout_s)

    def control(
        self,
        request_type: int,
        request: int,
        value: int,
        index: int,
        data: bytes | int,
        timeout_s: float | None,
    ) -> bytes | int:
        return self._host.control(self, request_type, request, value, index, data)

    def clear_halt(self, endpoint: int) -> None:
        self._host.clear_halt(self, endpoint)

    def reset(self) -> None:
        self._host.reset(self)

    def close(self) -> None:
        self._host.leave(self)

    def _wait(self, read: Callable[[int], tuple[int, bool]], timeout_s: float | None) -> int:
        end = self._clock.monotonic() + (_DAY_S if timeout_s is None else timeout_s)
        got = 0
        while True:
            looked = self._clock.monotonic()
            got, complete = read(got)
            if complete:
                return got
            now = self._clock.monotonic()
            if now >= end:
                if got:
                    return got
                raise OSError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))
            change = self._device.next_change(looked)
            self._clock.sleep_until(end if change is None else min(end, max(change, now + _TICK_S)))


class LocalSlot:
    """A camera in this process, as something that is plugged in (`transport.bus.Slot`)."""

    def __init__(self, host: HostSide, clock: Clock, key: str) -> None:
        self._host = host
        self._clock = clock
        self.key = key
        self.identity = host.identity

    def open(self) -> LocalPort:
        port = LocalPort(self._host.device, self._clock, self._host)
        if not self._host.alive(self):
            raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))
        return port


def local_backend(devices: Sequence[UsbDevice], clock: Clock) -> BusBackend:
    """A pyusb backend that sees those of `devices` that are on the bus. Keys are `sim-0`, `sim-1`, … in their order."""
    hosts = [HostSide(device) for device in devices]

    def slots() -> list[LocalSlot]:
        for host in hosts:
            host.device.advance()
        return [LocalSlot(h, clock, f"sim-{n}") for n, h in enumerate(hosts) if h.device.present]

    return BusBackend(slots)
