"""The cable of a stage's first camera, cut at any one transfer (bulk out, bulk in, event) from a half press on."""

from __future__ import annotations

import struct
from array import array
from collections.abc import Callable

from indi_sony_py.transport.bus import BusBackend, Port
from tests.stage import Stage

__all__ = ["Scissors", "command_of"]

_PRESS = (0x9207, 0xD2C1)


def command_of(data: bytes) -> tuple[int, int]:
    """Operation and first parameter of a command container; (0, 0) for what is none."""
    if len(data) < 12:
        return 0, 0
    _, kind, code = struct.unpack_from("<IHH", data)
    first = struct.unpack_from("<I", data, 12)[0] if len(data) >= 16 else 0
    return (code, first) if kind == 1 else (0, 0)


class Scissors(BusBackend):
    """The stage's bus, with a counter. `cut` is done just before transfer number `at`, from the half press on as 1.

    `passed` names each transfer that was counted.
    """

    def __init__(self, stage: Stage, at: int = 0, cut: Callable[[], None] = lambda: None) -> None:
        super().__init__(stage.backend._slots)
        stage.backend = self
        self._at = at
        self._cut = cut
        self._armed = self._counting = False
        self._operation = 0
        self.passed: list[str] = []
        self.is_cut = False

    def arm(self) -> None:
        """Count from the next half press on."""
        self._armed = True

    def stop(self) -> None:
        """Count no further."""
        self._armed = self._counting = False

    def bulk_write(self, dev_handle: Port, ep: int, intf: int, data: array[int], timeout: int) -> int:
        operation, first = command_of(data.tobytes())
        self._operation = operation or self._operation
        if (operation, first) == _PRESS and self._armed:
            self._armed, self._counting = False, True
        self._count(f"out 0x{self._operation:04X} {first:X}" if operation else f"out data 0x{self._operation:04X}")
        return super().bulk_write(dev_handle, ep, intf, data, timeout)

    def bulk_read(self, dev_handle: Port, ep: int, intf: int, buff: array[int], timeout: int) -> int:
        self._count(f"in 0x{self._operation:04X}")
        return super().bulk_read(dev_handle, ep, intf, buff, timeout)

    def intr_read(self, dev_handle: Port, ep: int, intf: int, buff: array[int], timeout: int) -> int:
        self._count("event")
        return super().intr_read(dev_handle, ep, intf, buff, timeout)

    def _count(self, name: str) -> None:
        if not self._counting:
            return
        self.passed.append(name)
        if len(self.passed) == self._at:
            self.stop()
            self.is_cut = True
            self._cut()
