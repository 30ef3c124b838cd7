"""The operations on objects: the image in the camera's memory, and live view. Pure.

The image handle stands for the oldest image; touching it before one is ready is what hangs real bodies.
"""

from __future__ import annotations

from collections.abc import Callable

from indi_sony_py.ptp.codes import Response
from indi_sony_py.ptp.data import ObjectInfo
from indi_sony_py.sim.liveview import LiveView
from indi_sony_py.sim.memory import Memory, Stored
from indi_sony_py.sim.panel import Panel
from indi_sony_py.sim.transaction import Answer, Command, refuse
from indi_sony_py.sim.world import World
from indi_sony_py.sony.codes import HANDLE_IMAGE, HANDLE_LIVE_VIEW, Ev

__all__ = ["Objects"]


class Objects:
    """`on_crash` is called when the image handle is touched while an image is being prepared."""

    def __init__(
        self, world: World, panel: Panel, memory: Memory, live: LiveView, on_crash: Callable[[], None]
    ) -> None:
        self._world = world
        self._panel = panel
        self._memory = memory
        self._live = live
        self._on_crash = on_crash

    def _touch(self) -> Stored | Answer:
        """The image handle is touched: the oldest file, or what happens in its place."""
        if self._memory.shown is not None and self._memory.shown & 0x8000:
            return Answer(data=b"")
        found = self._memory.oldest()
        if found is not None:
            return found
        self._world.referee.rule("R-HANDLE-EARLY", f"0xD215 is 0x{self._memory.counter():04X}")
        if self._memory.preparing and self._world.menu.early_touch_hangs:
            self._on_crash()
            return Answer(silent=True)
        return refuse(Response.INVALID_OBJECT_HANDLE)

    def info(self, command: Command) -> Answer:
        """GetObjectInfo."""
        handle = command.param(0)
        if handle == HANDLE_LIVE_VIEW:
            code, data = self._live.info()
            return Answer(code, data=data)
        if handle != HANDLE_IMAGE:
            return refuse(Response.INVALID_OBJECT_HANDLE)
        found = self._touch()
        if isinstance(found, Answer):
            return found
        info = ObjectInfo(
            format=found.format,
            size=len(found.data),
            width=found.width,
            height=found.height,
            sequence=found.sequence,
            name=found.name,
            captured=found.captured,
        )
        return Answer(data=info.encode())

    def get(self, command: Command) -> Answer:
        """GetObject: an image leaves the memory once it was read."""
        handle = command.param(0)
        if handle == HANDLE_LIVE_VIEW:
            code, data = self._live.frame(self._panel.version)
            return Answer(code, data=data)
        if handle != HANDLE_IMAGE:
            return refuse(Response.INVALID_OBJECT_HANDLE)
        found = self._touch()
        if isinstance(found, Answer):
            return found
        self._world.referee.note("sending", f"{found.name}, serial {found.serial}")
        return Answer(data=found.data, sent=lambda: self._taken(found))

    def _taken(self, stored: Stored) -> None:
        if self._memory.remove(stored):
            self._world.referee.note("fetched", f"{stored.name}, serial {stored.serial}")
            self._world.emit(Ev.OBJECT_REMOVED, (HANDLE_IMAGE,))
