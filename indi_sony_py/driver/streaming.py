"""Live view of one device, as clients see it: CCD_VIDEO_STREAM and what says in which form its frames come.

- A stream is a wish: it stays while photos are taken, settings change or the camera is lost, and goes on by itself.
- The hand sends one frame at a time, the newest; the next one comes when the server has taken that.
- Clients made with libindi put each BLOB of a vector into the same memory, and may still read the one when the next
  comes: KStars 3.6.2 copied a photo out of memory that had just been made as small as a frame, and crashed. How long a
  client takes nobody can know, so frames have a vector of their own (`STREAM_BLOB`).
- From the request of a photo on no frame is sent; where they share a vector, not until `PHOTO_S` after the server
  has it.
- Live view is wished for by the stream, by a recording, or by whoever else calls `want`; the camera is asked once.
  Where it is given up, each of them is told and its wish is over: the next one asks anew.
- STREAM_ON is Busy, STREAM_OFF Idle, as with libindi's cameras; both may be written again at any time.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from indi_sony_py.driver.exposure import Phase
from indi_sony_py.driver.magnifier import Magnifier
from indi_sony_py.driver.recording import Recording
from indi_sony_py.driver.rows.stream import LEAST_PART
from indi_sony_py.driver.upload import Delivery, Upload
from indi_sony_py.engine.messages import Level, LiveState, LiveView, LiveViewStatus
from indi_sony_py.hand.messages import LiveFrameReady, LiveFrameTaken, StreamForm
from indi_sony_py.image.section import Part, Size
from indi_sony_py.indi.messages import State
from indi_sony_py.indi.vectors import Accepted, Value, Vector

if TYPE_CHECKING:
    from indi_sony_py.driver.device import Device
    from indi_sony_py.driver.events import LinkLike
    from indi_sony_py.driver.row import Row

__all__ = ["Stream"]

TELL_S = 0.5
"""So often FPS and STREAM_DELAY are told."""
WINDOW_S = 1.0
PHOTO_S = 2.0
"""So long no frame of the stream follows a photo."""
_NAME = "CCD_VIDEO_STREAM"
_FRAME = "CCD_STREAM_FRAME"
_SIDES = ("X", "Y", "WIDTH", "HEIGHT")


class Stream:
    """Of one device. `recording`: RECORD_STREAM and what belongs to it."""

    def __init__(self, device: Device, upload: Upload) -> None:
        self._device = device
        self._board = device.board
        self._upload = upload
        self._on = False
        self._wishes: set[str] = set()
        self._seen: list[tuple[float, int]] = []
        self._tell_at = 0.0
        self._goes_on_at = 0.0
        self.recording = Recording(device, self)
        magnifier = Magnifier(device)
        self._handlers: dict[str, Callable[[Row, Accepted], None]] = {
            _NAME: self._switch,
            _FRAME: self._part,
            "RECORD_STREAM": self.recording.switch,
            "RECORD_FILE": self.recording.file,
            "RECORD_OPTIONS": self.recording.options,
            "FOCUS_MAGNIFIER": magnifier.zoom,
            "FOCUS_MAGNIFIER_POSITION": magnifier.move,
        }

    # --- the client -------------------------------------------------------------------------------------------------

    def write(self, row: Row, new: Accepted) -> None:
        """A write of a vector of live view."""
        self._handlers.get(row.name, self.keep)(row, new)

    def keep(self, row: Row, new: Accepted) -> None:
        """Take the values over; they hold from the next frame on."""
        self._board.tell(row.name, State.OK, new.values)
        self._device.choices.changed(row)
        self.tell_form()

    def _switch(self, row: Row, new: Accepted) -> None:
        on = new.values["STREAM_ON"] is True
        self._set(on)
        self._board.choose(_NAME, "STREAM_ON" if on else "STREAM_OFF", State.BUSY if on else State.IDLE)

    def _part(self, row: Row, new: Accepted) -> None:
        """CCD_STREAM_FRAME: what reaches beyond the picture is cut off, as libindi does."""
        size = self._device.view.live_size
        if self.recording.on:
            self.recording.refuse(_FRAME)
            return
        if size is None:
            self._board.tell(_FRAME, State.OK if not any(new.values.values()) else State.ALERT)
            return
        part = _within(tuple(int(float(str(new.values[side]))) for side in _SIDES), size)
        if part is None:
            self._board.tell(_FRAME, State.ALERT)
            return
        self._device.view = replace(self._device.view, live_part=None if part == (0, 0, *size) else part)
        values: dict[str, Value] = {side: float(value) for side, value in zip(_SIDES, part, strict=True)}
        self._board.tell(_FRAME, State.OK, values)
        self.tell_form()

    # --- who wants it -----------------------------------------------------------------------------------------------

    def want(self, who: str, on: bool) -> None:
        """Somebody of this device wants live view, or does not any more."""
        before = bool(self._wishes)
        (self._wishes.add if on else self._wishes.discard)(who)
        if bool(self._wishes) is not before:
            self._device.connection.send(LiveView(not before))
        if not on and not self._on:
            self._hush()

    def _set(self, on: bool) -> None:
        self._on = on
        if not on and self._device.connection.link is not None:
            for delivery in self._upload.withdraw(self, self._device.connection.link):
                self._taken(delivery.link, delivery.frame)
        self.tell_form()
        self.want("stream", on)

    def tell_form(self) -> None:
        """How frames are to come, and which of them are recorded: a new hand does not know."""
        self._device.connection.send(self._form())

    def _form(self) -> StreamForm:
        board = self._board
        return StreamForm(
            wanted=self._on,
            raw=board["CCD_STREAM_ENCODER"].chosen() == "RAW",
            part=self._device.view.live_part,
            most_per_s=board["LIMITS"].number("LIMITS_PREVIEW_FPS"),
            every=round(board["STREAMING_EXPOSURE"].number("STREAMING_DIVISOR_VALUE")),
            apart_s=board["STREAMING_EXPOSURE"].number("STREAMING_EXPOSURE_VALUE"),
        )

    # --- the hand ---------------------------------------------------------------------------------------------------

    def camera_ready(self) -> None:
        """The camera is there (again), perhaps by another hand."""
        if self._wishes:
            self.tell_form()
            self._device.connection.send(LiveView(True))

    def camera_off(self) -> None:
        """The device is being disconnected: without a word, the vectors are going."""
        self._set(False)
        self.recording.reset()
        self._wishes.clear()
        self._board[_NAME].choose("STREAM_OFF")
        self._board[_NAME].state = State.IDLE

    def status(self, report: LiveViewStatus) -> None:
        """Live view began, stands still for something else, or cannot be."""
        ended = report.state in (LiveState.OFF, LiveState.MISSING)
        if report.text and self._wishes:
            self._board.say(Level.ERROR if ended else Level.WARNING, report.text)
        if ended and report.text:
            if self._on:
                self._set(False)
                self._board.choose(_NAME, "STREAM_OFF", State.ALERT)
            self._device.star_watch.given_up()
        if report.state is not LiveState.ON:
            self._hush()
            self._device.star_watch.waits()

    def frame_ready(self, link: LinkLike, frame: LiveFrameReady, fd: int) -> None:
        """The newest frame. The descriptor is taken over."""
        if all(frame.whole) and frame.whole != self._device.view.live_size:
            self._resized(frame.whole)
        self._count(frame)
        if self._on and self._upload.idle and self._no_photo:
            self._upload.offer(self, link, frame, fd, passing=True)
            return
        os.close(fd)
        self._taken(link, frame)

    @property
    def _no_photo(self) -> bool:
        """Whether none is under way, and none has just gone."""
        quiet = self._own or self._device.clock.monotonic() >= self._goes_on_at
        return self._device.exposure.phase is Phase.NONE and quiet

    @property
    def _own(self) -> bool:
        """Whether frames come by a vector of their own."""
        return self._board["STREAM_BLOB"].chosen() != "IMAGE"

    def photo_arrived(self) -> None:
        """The server has a photo: clients get the time to take it out of the vector that the stream comes by, too."""
        self._goes_on_at = self._device.clock.monotonic() + PHOTO_S

    def _resized(self, size: Size) -> None:
        """A client must know how large the picture is, before it gets it."""
        part = self._device.view.live_part
        part = None if part is None or _within(part, size) != part else part
        self._device.view = replace(self._device.view, live_size=size, live_part=part)
        self._device.refresh()
        self.tell_form()

    def _taken(self, link: LinkLike, frame: LiveFrameReady) -> None:
        if link is self._device.connection.link:
            self._device.connection.send(LiveFrameTaken(frame.number))

    # --- the frame's recipient --------------------------------------------------------------------------------------

    def blob_vector(self) -> Vector:
        if not self._own:
            return self._device.photos.blob_vector()
        vector = self._board["CCD_STREAM"]
        vector.state = State.OK
        return vector

    def frame_left(self, delivery: Delivery[LiveFrameReady]) -> None:
        """Nothing waits for it."""

    def frame_arrived(self, delivery: Delivery[LiveFrameReady]) -> None:
        self._taken(delivery.link, delivery.frame)
        now = self._device.clock.monotonic()
        if now >= self._tell_at and self._on:
            self._tell_at = now + TELL_S
            self._tell_rate()
            self._board.tell("STREAM_DELAY", State.IDLE, {"STREAM_DELAY_TIME": max(0.0, now - delivery.frame.at)})

    # --- how many come ----------------------------------------------------------------------------------------------

    def _count(self, frame: LiveFrameReady) -> None:
        self._seen.append((frame.at, 1 + frame.skipped))
        while len(self._seen) > 2 and self._seen[1][0] <= frame.at - WINDOW_S:
            del self._seen[0]

    def _tell_rate(self) -> None:
        """FPS: by the last frame and the one before, and by those of the last second."""
        if len(self._seen) < 2:
            return
        last = self._seen[-1][0]
        instant = self._seen[-1][1] / max(last - self._seen[-2][0], 1e-3)
        average = sum(count for _, count in self._seen[1:]) / max(last - self._seen[0][0], 1e-3)
        self._board.tell("FPS", State.IDLE, {"EST_FPS": min(instant, 999.0), "AVG_FPS": min(average, 999.0)})

    def rate(self, frames_a_second: float) -> None:
        """Nobody streams, and a recording tells how many pictures it gets."""
        if not self._on:
            self._board.tell("FPS", State.IDLE, {"EST_FPS": frames_a_second, "AVG_FPS": frames_a_second})

    def _hush(self) -> None:
        """No frames come now."""
        self._seen.clear()
        if any(self._board["FPS"].values.values()):
            self._board.tell("FPS", State.IDLE, {"EST_FPS": 0.0, "AVG_FPS": 0.0})


def _within(asked: tuple[int, ...], size: Size) -> Part | None:
    """What of a part lies in the picture; None where that is too little."""
    x, y = (max(0, value) for value in asked[:2])
    width, height = min(asked[2], size[0] - x), min(asked[3], size[1] - y)
    if width < min(LEAST_PART, size[0]) or height < min(LEAST_PART, size[1]):
        return None
    return x, y, width, height
