"""The wish for live view: who may have it, what is told of it, and when it is given up. Pure.

Live view is a wish beside exposures. It has the camera only while nothing else wants it (`viewing`), and goes on by
itself afterwards; a disconnect ends it. Sony's remote mode has no command that starts or stops it: a camera gives
frames to who asks, so to stop is to ask no more.
"""

from __future__ import annotations

import math

from indi_sony_py import texts
from indi_sony_py.engine.messages import LiveState, LiveView, LiveViewStatus
from indi_sony_py.engine.phases import Phase
from indi_sony_py.engine.step import Step
from indi_sony_py.sony.bodies import Body
from indi_sony_py.sony.codes import Prop
from indi_sony_py.sony.snapshot import Settings

__all__ = ["RARE_S", "LiveWish", "has_live_view"]

RARE_S = 1.0
"""A frame that fails to come for long is asked for so often."""

LOSSES_S = 300.0
"""A camera that was lost in the middle of live view twice within this time is asked for none any more."""


def has_live_view(settings: Settings, body: Body) -> bool:
    """What the body says (0xD221: 0 off, but supported; 1 on; 2 not supported); its row where it says nothing."""
    status = settings.number(Prop.LIVE_VIEW)
    return body.live_view is True if status is None else status in (0, 1)


class LiveWish(Step):
    """What requests and losses do to it."""

    def _live_view(self, item: LiveView) -> None:
        s = self.s
        if not item.on:
            return self._end_live()
        if s.camera is None or s.settings is None or s.disconnecting or s.leaving is not None:
            return self._refuse_live(LiveState.OFF, texts.camera.NOT_CONNECTED())
        if not has_live_view(s.settings, s.camera.body):
            return self._refuse_live(LiveState.MISSING, texts.camera.NO_LIVE_VIEW(model=s.camera.identity.model))
        if not s.live:
            self._set(live=True, live_since=math.inf, live_lost_at=-math.inf)
            self._show_live(LiveState.STARTING)
            if s.phase is Phase.IDLE:
                self._set(next_read=self.now)
            elif s.phase is Phase.VIEWING:
                # It was taken back a moment ago, and had not ended yet.
                self._set(live_since=self.now)

    def _refuse_live(self, state: LiveState, text: str) -> None:
        self._set(live=False, live_state=LiveState.OFF)
        self._tell(LiveViewStatus(state, text))

    def _end_live(self, text: str = "") -> None:
        self._set(live=False)
        self._show_live(LiveState.OFF, text)

    def _show_live(self, state: LiveState, text: str = "") -> None:
        if self.s.live_state is not state or text:
            self._set(live_state=state)
            self._tell(LiveViewStatus(state, text))

    def _look_failed(self) -> None:
        self._set(looked_at=self.now, look_at=self.now + RARE_S)

    def _live_lost(self) -> None:
        """The camera went in the middle of live view: once may be chance."""
        if self.now - self.s.live_lost_at < LOSSES_S:
            self._end_live(texts.camera.LIVE_VIEW_GIVEN_UP())
        self._set(live_lost_at=self.now)
