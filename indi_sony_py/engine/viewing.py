"""Live view: frame after frame while nothing else wants the camera. The handler of VIEWING. Pure.

- A frame is asked for only while 0xD221 says that there is live view, and memory is empty: never while an image is on
  its way.
- The order before each photo is: stop, be quiet, empty the event endpoint, read the settings, drain, shoot. Bodies that
  went from a frame straight to the button were lost (libgphoto2#981).
- At most one frame for each look, at most 30 a second. The settings are read once a second meanwhile; where a body
  cannot bear that (`Body.live_view_alone`) it is given a pause for it once in a while.
- Live view that has no frame is no fault of the session: refusals, stalls and damaged frames are waited out.
"""

from __future__ import annotations

import math
from dataclasses import replace

from indi_sony_py import texts
from indi_sony_py.engine.liveview import RARE_S, has_live_view
from indi_sony_py.engine.messages import LiveState
from indi_sony_py.engine.moves import Look, Read, Viewed
from indi_sony_py.engine.phases import Phase
from indi_sony_py.engine.results import Results
from indi_sony_py.engine.step import MAX_MISSES
from indi_sony_py.sony.codes import Ev, Prop

__all__ = ["Viewing"]

FRAME_S = 0.033
"""Between two frames (Sony PTP2 ref)."""
RETRY_S = 0.02
"""No new frame yet: asked again after this (libgphoto2 library.c)."""
QUIET_S = 0.5
"""From the last look to anything else. What a body needs is not known; so long it is left alone."""
READ_S = 1.0
ALONE_S = 60.0
"""So long a body that cannot bear to be read meanwhile shows live view until its settings are looked at."""
PATIENCE_S = 10.0
"""So long without a frame until the user is told."""


class Viewing(Results):
    """VIEWING."""

    def _may_view(self) -> bool:
        s = self.s
        if not s.live or s.settings is None or s.camera is None or self._left_over():
            return False
        return has_live_view(s.settings, s.camera.body) and s.settings.number(Prop.LIVE_VIEW) in (None, 1)

    def _await_live(self) -> None:
        """In IDLE: it is wished for, and the camera says that it has none now, though nothing else keeps it away."""
        if not self.s.live or self._left_over():
            return
        if math.isinf(self.s.live_since):
            self._set(live_since=self.now)
        self._lose_patience(texts.camera.LIVE_VIEW_OFF())

    def _begin_viewing(self) -> None:
        alone = self._alone
        self._set(
            look_at=self.now,
            live_since=self.now,
            next_read=math.inf if alone else self.now + READ_S,
            view_until=self.now + ALONE_S if alone else math.inf,
        )
        self._enter(Phase.VIEWING)

    @property
    def _alone(self) -> bool:
        return self.s.camera is not None and self.s.camera.body.live_view_alone

    def _wanted_elsewhere(self) -> bool:
        s = self.s
        ending = s.disconnecting or s.leaving is not None or s.misses >= MAX_MISSES
        wished = s.held is not None or s.focus_wish is not None or s.changes or s.setup_due
        return bool(ending or wished or self._left_over())

    def _go_viewing(self) -> None:
        s = self.s
        if s.news:
            self._set(news=False, next_read=math.inf if self._alone else self.now + READ_S)
        elsewhere = self._wanted_elsewhere()
        if elsewhere or not self._may_view() or self.now >= s.view_until:
            quiet = s.looked_at + QUIET_S
            if self.now < quiet:
                return self._sleep(quiet)
            if elsewhere and s.live:
                self._show_live(LiveState.PAUSED)
            self._set(news=False, next_read=self.now, live_since=math.inf)
            return self._enter(Phase.IDLE)
        if self.now >= self.s.next_read:
            return self._do(Read())
        if self.now >= s.look_at:
            return self._do(Look(s.live_frames + 1))
        self._sleep(s.look_at, self.s.next_read, s.view_until)

    def _viewed(self, item: Viewed) -> None:
        s = self.s
        self._set(doing=None, trouble=0, looked_at=self.now)
        if item.frame is None:
            patient = self.now < s.live_since + PATIENCE_S
            self._set(look_at=self.now + (RETRY_S if patient else RARE_S))
            return self._lose_patience(item.why)
        at = max(self.now, item.at + FRAME_S)
        self._set(live_frames=item.frame.number, live_since=self.now, live_told=False, look_at=at)
        if s.live:
            self._show_live(LiveState.ON)
            magnifier = 0 if s.settings is None else s.settings.number(Prop.FOCUS_MAGNIFIER) or 0
            self._tell(replace(item.frame, magnifier=magnifier))

    def _lose_patience(self, why: str) -> None:
        if self.now >= self.s.live_since + PATIENCE_S and not self.s.live_told:
            self._set(live_told=True)
            self._show_live(LiveState.STARTING, texts.camera.NO_LIVE_FRAME(seconds=PATIENCE_S, why=why))

    def _hint_viewing(self, code: int) -> None:
        """Of all events only a new image is worth a look: bodies tell each change of a setting, many a second."""
        if code == Ev.OBJECT_ADDED:
            self._set(view_until=self.now) if self._alone else self._set(next_read=self.now)
