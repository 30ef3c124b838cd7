"""Events out of what an interrupt endpoint gives: several in one transfer, one in several, or junk. Pure.

Events are hints (Sony calls them unreliable on bodies before 2019, libgphoto2 saw losses): bytes that are none are
thrown away with a line in the log, never an error, and the next transfer is looked at afresh.
"""

from __future__ import annotations

import logging

from indi_sony_py.errors import BadData
from indi_sony_py.ptp.codes import ContainerType
from indi_sony_py.ptp.container import parse
from indi_sony_py.transport.base import Event

__all__ = ["EventParser"]

_log = logging.getLogger(__name__)


class EventParser:
    """Feed it transfers; it keeps the beginning of an event whose rest has not come yet."""

    def __init__(self) -> None:
        self._half = b""

    def feed(self, transfer: bytes) -> list[Event]:
        half, self._half = self._half, b""
        try:
            return self._parse(half + transfer)
        except BadData as error:
            _log.warning("no event: %s", error)
        try:
            return self._parse(transfer) if half else []
        except BadData:
            return []

    def clear(self) -> None:
        self._half = b""

    def _parse(self, data: bytes) -> list[Event]:
        events: list[Event] = []
        while data:
            try:
                parsed = parse(data)
            except BadData:
                if events:
                    break
                raise
            if parsed is None:
                if len(data) >= 12 and data[4:6] != b"\x04\x00":
                    raise BadData("container type", 4, "no event")
                self._half = data
                break
            container, used = parsed
            data = data[used:]
            if container.type is ContainerType.EVENT:
                events.append(Event(container.code, container.params))
        return events
