"""Live view of the simulated camera: when there is a frame, and what a wrong moment does to the body. Pure.

- Frames are there while 0xD221 is 1 and no photo is under way, from `start_s` after the handshake on, at most 30 a
  second. Before: 0x2009 (ZV-1: up to 1 s; libgphoto2 library.c). In between: 0x200F with a head that names no picture.
- Where a dump has 0xD221 at 0 ("off, but supported") it becomes 1 with the first frame (assumed).
- A body without 0xD221 whose row has no live view stops when the object is touched (an ILCE-6000: NegPy#621).
- `freezes`: "preview, capture, preview, capture" stops the body at the second photo (ILCE-7M2, ILCE-7M3:
  libgphoto2#981), when the host went from the frame to the button without looking at the settings, or without a
  pause; and at a frame that is asked for while a photo is under way. What exactly the body minds is not known: that
  this order is the wrong one is our reading of the record.
- `alone`: settings that are read between two frames stop the body (ILCE-6300: SonyCamera#3).
"""

from __future__ import annotations

from collections.abc import Callable

from indi_sony_py.ptp.codes import ObjectFormat, Response
from indi_sony_py.ptp.data import ObjectInfo
from indi_sony_py.sim.world import World
from indi_sony_py.sony.codes import Prop
from indi_sony_py.sony.liveview import encode_live_view
from indi_sony_py.sony.snapshot import Version

__all__ = ["INTERVAL_S", "QUIET_S", "LiveView", "Pictures"]

Pictures = Callable[[], bytes | None]
"""The JPEG that is seen now; None: it is not ready yet."""

INTERVAL_S = 1 / 30
QUIET_S = 0.3
"""So long after the last frame the stream counts as running (assumed)."""
_ESTIMATE = 0x80000
"""The size that ObjectInfo names: an upper estimate (Sony PTP2 ref); the number is assumed."""
_FREEZES_AT = 2
_NOTHING = bytes.fromhex("ffd8ffc0000b080008000801011100ffda0008010100003f00ffd9")


def _no_picture() -> bytes:
    return _NOTHING


class LiveView:
    """`status` tells 0xD221 (None: not listed), `busy` whether a photo is under way, `blamed` whether the host knew."""

    def __init__(
        self, world: World, status: Callable[[], int | None], busy: Callable[[], bool], blamed: Callable[[], bool]
    ) -> None:
        self._world = world
        self._status = status
        self._busy = busy
        self._blamed = blamed
        self.pictures: Pictures = _no_picture
        self.on_hang: Callable[[], None] = lambda: None
        self.on_ready: Callable[[], None] = lambda: None
        behaviour = world.profile.behaviour
        self.freezes = behaviour.live_view_freezes
        self.alone = behaviour.live_view_alone
        self._ready_at = float("inf")
        self._turn = -1
        self._seen = float("-inf")
        self._unorderly = 0

    @property
    def running(self) -> bool:
        """Whether the host counts as one that looks through the camera now."""
        return self._world.now - self._seen < QUIET_S

    def handshaken(self) -> None:
        """The handshake is through; `on_ready` is called when the first frame is there."""
        start_s = self._world.profile.behaviour.live_view_start_s
        self._ready_at = self._world.now + start_s
        self._world.agenda.after(start_s, self._ready)

    def _ready(self) -> None:
        if self._world.now >= self._ready_at:
            self.on_ready()

    def drop(self) -> None:
        """The session is over."""
        self._ready_at = float("inf")
        self._seen = float("-inf")
        self._unorderly = 0

    def settings_read(self) -> None:
        """The host reads the settings."""
        if self.running and self.alone:
            self._stop("the settings were read between two frames")

    def pressed(self, looked_at: float) -> None:
        """The host's full press goes down; it read the settings last at `looked_at`."""
        if self._seen == float("-inf"):
            return
        missing = ""
        if self.running:
            missing = f"{self._world.now - self._seen:.3f} s after the last frame"
        elif looked_at <= self._seen:
            missing = "the settings were not read since the last frame"
        self._seen = float("-inf")
        if not missing:
            return
        self._world.referee.rule("R-LIVE-VIEW-STOP", missing)
        self._unorderly += 1
        if self.freezes and self._unorderly >= _FREEZES_AT:
            self._stop("a photo out of live view")

    def info(self) -> tuple[int, bytes | None]:
        """GetObjectInfo: response and data."""
        refused = self._refusal()
        if refused is not None:
            return refused, None
        return Response.OK, ObjectInfo(format=ObjectFormat.EXIF_JPEG, size=_ESTIMATE, name="LiveView.jpg").encode()

    def frame(self, version: Version) -> tuple[int, bytes | None]:
        """GetObject: response and data."""
        refused = self._refusal()
        if refused is not None:
            return refused, None
        now = self._world.now
        self._seen = now
        turn = int(now / INTERVAL_S + 1e-6)
        picture = None if self._busy() or turn == self._turn else self.pictures()
        if picture is None:
            return Response.ACCESS_DENIED, encode_live_view(b"", version)
        self._turn = turn
        return Response.OK, encode_live_view(picture, version)

    def _refusal(self) -> int | None:
        """What is answered in place of live view; None while there is one."""
        if self._blamed():
            self._world.referee.rule("R-LIVE-VIEW", "a photo is under way")
            if self.freezes:
                self._stop("a frame was asked for while a photo was under way")
        status = self._status()
        if status is None and not self._world.profile.row.live_view:
            self._world.referee.rule("R-LIVE-VIEW-NONE", f"0x{Prop.LIVE_VIEW:04X} is not listed")
            if self._world.profile.row.live_view is False:
                self._stop("it has no live view")
            return Response.INVALID_OBJECT_HANDLE
        if status == 2:
            self._world.referee.rule("R-LIVE-VIEW-NONE", f"0x{Prop.LIVE_VIEW:04X} is 2")
        if status not in (None, 1) or self._world.now < self._ready_at:
            return Response.INVALID_OBJECT_HANDLE
        return None

    def _stop(self, why: str) -> None:
        self._world.referee.note("live view", f"the firmware stops: {why}")
        self.on_hang()
