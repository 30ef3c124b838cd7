"""The loop that serves simulated cameras (does I/O): one thread, no waiting but in select.

- Each way to a camera is a `Front` of its own; a camera's Unix socket is `plug`, the control socket `console`.
- A socket that somebody listens at is never taken over; one that was left behind is replaced. The sockets are
  removed at the end.
"""

from __future__ import annotations

import selectors
import signal
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from indi_sony_py.clock import Clock, ScaledClock
from indi_sony_py.sim.console import Console
from indi_sony_py.sim.device import UsbDevice
from indi_sony_py.sim.front import Front, MakeFront
from indi_sony_py.sim.hostside import HostSide
from indi_sony_py.sim.plug import Plug

__all__ = ["serve", "stop_on_signals"]


class HasFileno(Protocol):
    def fileno(self) -> int: ...


@contextmanager
def stop_on_signals(*signals: signal.Signals) -> Iterator[socket.socket]:
    """Something for `serve`'s `stop` that becomes readable at SIGTERM and SIGINT (or those named). Main thread only."""
    reader, writer = socket.socketpair()
    writer.setblocking(False)
    wanted = signals or (signal.SIGTERM, signal.SIGINT)
    before = {number: signal.signal(number, lambda *_: None) for number in wanted}
    wakeup = signal.set_wakeup_fd(writer.fileno())
    try:
        yield reader
    finally:
        signal.set_wakeup_fd(wakeup)
        for number, handler in before.items():
            signal.signal(number, handler)
        reader.close()
        writer.close()


def serve(
    devices: Sequence[UsbDevice | HostSide],
    paths: Sequence[Path],
    clock: Clock,
    *,
    more: Sequence[MakeFront] = (),
    stop: HasFileno,
    control: Callable[[str], str] | None = None,
    control_path: Path | None = None,
    ready: Callable[[], None] | None = None,
    linger_s: float | None = None,
) -> None:
    """Serve each device at its path until `stop` is readable. `ready` is called once everything listens.

    `more`: other ways to the same cameras; one that shares a camera with a path is given that camera's `HostSide`.
    `linger_s`: also until no program has been connected for so many real seconds. `clock` is the devices' clock.
    Raises OSError EADDRINUSE when somebody listens at a path, EEXIST when something else than a socket is there, and
    what the file system says otherwise.
    """
    if len(devices) != len(paths):
        raise ValueError("each device needs a path of its own")
    with selectors.DefaultSelector() as selector:
        plugs: list[Front] = []
        console = None
        try:
            selector.register(stop, selectors.EVENT_READ, None)
            for device, path in zip(devices, paths, strict=True):
                plugs.append(Plug(_host(device), path, selector))
            for make in more:
                plugs.append(make(selector))
            for plug in plugs:
                plug.follow()
            if control is not None and control_path is not None:
                console = Console(control_path, _followed(control, plugs), selector)
            if ready is not None:
                ready()
            _loop(plugs, selector, clock, linger_s)
        finally:
            for plug in plugs:
                plug.close()
            if console is not None:
                console.close()


def _followed(control: Callable[[str], str], plugs: Sequence[Front]) -> Callable[[str], str]:
    """What a line did has happened on the bus, too, when its answer goes out."""

    def handle(line: str) -> str:
        answer = control(line)
        for plug in plugs:
            plug.follow()
        return answer

    return handle


def _loop(plugs: Sequence[Front], selector: selectors.BaseSelector, clock: Clock, linger_s: float | None) -> None:
    speed = clock.speed if isinstance(clock, ScaledClock) else 1.0
    used_at = time.monotonic()
    while True:
        looked = clock.monotonic()
        for plug in plugs:
            plug.follow()
        waits = [wait for plug in plugs if (wait := plug.wait(clock, speed, looked)) is not None]
        if any(plug.used for plug in plugs):
            used_at = time.monotonic()
        elif linger_s is not None:
            left = used_at + linger_s - time.monotonic()
            if left <= 0:
                return
            waits.append(left)
        for key, mask in selector.select(min(waits) if waits else None):
            if key.data is None:
                return
            key.data(mask)


def _host(device: UsbDevice | HostSide) -> HostSide:
    return device if isinstance(device, HostSide) else HostSide(device)
