"""Who may talk to a camera: one thread, the first that calls, until the camera is let go of. Pure."""

from __future__ import annotations

import threading

from indi_sony_py.errors import CameraGone, RuleBroken
from indi_sony_py.texts import Text

__all__ = ["Owner"]


class Owner:
    """Of one transport. `let_go`: what a call is told after the end."""

    def __init__(self, let_go: Text) -> None:
        self.closed = False
        self._let_go = let_go
        self._thread: int | None = None

    def check(self) -> None:
        """Raises `RuleBroken` for a call from another thread, `CameraGone` for one after the end."""
        me = threading.get_ident()
        self._thread = self._thread or me
        if self._thread != me:
            raise RuleBroken("a second thread talks to the camera")
        if self.closed:
            raise CameraGone(self._let_go)
