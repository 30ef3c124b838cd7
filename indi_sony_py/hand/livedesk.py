"""What the hand does with live view: frames for the face, recordings, stars, and the threads that help with them.

Rules kept here:

- A recording ends with the face, with the connection, and with live view itself; its file is finished in each case
  before the hand's process ends. A slow disk takes its time for that: the next recording may be asked for before.
- The threads are started when there is work for them; one that failed is made anew, and what it had is told as lost.
"""

from __future__ import annotations

from collections.abc import Callable

from indi_sony_py import texts
from indi_sony_py.clock import Clock
from indi_sony_py.engine.messages import Level, LiveFrame, LiveState, LiveViewStatus, Notice
from indi_sony_py.hand.livedecoder import Decoded, DecodeJob, LiveDecoder
from indi_sony_py.hand.liveframes import LiveFrames
from indi_sony_py.hand.messages import (
    LiveFrameTaken,
    Message,
    Record,
    RecordReport,
    RecordState,
    StopRecord,
    StreamForm,
    WatchStar,
)
from indi_sony_py.hand.recorder import Recorder
from indi_sony_py.hand.stargazer import Gazed, Stargazer

__all__ = ["HELPERS", "LiveDesk", "Order", "Outcome"]

Order = LiveFrameTaken | StreamForm | Record | StopRecord | WatchStar
"""What the face says."""
Outcome = Decoded | RecordReport | Gazed
"""What the threads say."""
DECODER, RECORDER, STARGAZER = "decoder", "recorder", "stargazer"
HELPERS = frozenset({DECODER, RECORDER, STARGAZER})
"""Names of the threads."""


class LiveDesk:
    """One thread, the hand's loop, calls it. `post` takes what the threads say; `start` runs a body in a thread."""

    def __init__(
        self,
        clock: Clock,
        post: Callable[[Outcome], None],
        start: Callable[[str, Callable[[], None]], None],
        send: Callable[[Message, int | None], bool],
    ) -> None:
        self._clock = clock
        self._post = post
        self._start = start
        self._send = send
        self._form = StreamForm()
        self._recording = False
        self._unfinished = 0
        self._decoder = LiveDecoder(post)
        self._recorder = Recorder(post, clock)
        self._stargazer = Stargazer(clock, post, lambda: start(STARGAZER, self._stargazer.run))
        self._frames = LiveFrames(send, self._decode, self._record, self._tell)

    @property
    def busy(self) -> bool:
        """Whether a file is not finished yet."""
        return self._unfinished > 0

    # --- the face ---------------------------------------------------------------------------------------------------

    def ordered(self, order: Order) -> None:
        """The face wants something."""
        match order:
            case LiveFrameTaken(number):
                self._frames.taken(number)
            case StreamForm():
                self._form = order
                self._frames.shape(order)
            case Record():
                self._recording = True
                self._unfinished += 1
                self._recorder.begin(order, self._form.part)
                self._start(RECORDER, self._recorder.run)
            case StopRecord():
                self.stop_record()
            case WatchStar(on):
                self._stargazer.watch(on)

    def stop_record(self, text: str = "") -> None:
        """End a recording, if there is one. `text`: why, where nobody asked for that."""
        if self._recording:
            self._recording = False
            self._recorder.end(text)

    def forget(self) -> None:
        """The face is gone."""
        self.stop_record()
        self._stargazer.watch(False)
        self._form = StreamForm()
        self._frames.forget()

    # --- the camera -------------------------------------------------------------------------------------------------

    def came(self, frame: LiveFrame) -> None:
        """One more frame."""
        self._frames.came(frame)
        self._stargazer.came(frame)

    def status(self, report: LiveViewStatus) -> None:
        """What became of live view. An end that somebody asked for has no text; a recording knows of it already."""
        self._frames.status(report)
        if report.text and report.state in (LiveState.OFF, LiveState.MISSING):
            self.stop_record(report.text)

    # --- the threads ------------------------------------------------------------------------------------------------

    def helped(self, outcome: Outcome) -> None:
        """A thread has done something."""
        if isinstance(outcome, Decoded):
            self._frames.decoded(outcome)
            return
        if isinstance(outcome, Gazed):
            star, text = self._stargazer.gazed(outcome)
            if star is not None:
                self._send(star, None)
            if text:
                self._tell(text)
            return
        if self._unfinished > 1:
            self._of_earlier(outcome)
            return
        if outcome.state is not RecordState.ON:
            self._recording, self._unfinished = False, 0
        self._send(outcome, None)

    def _of_earlier(self, report: RecordReport) -> None:
        """A recording that is still being finished while the next one was asked for: its end is not the next one's."""
        if report.state is RecordState.ON:
            return
        self._unfinished -= 1
        if report.text:
            self._send(Notice(Level.ERROR, report.text), None)
        if report.path:
            row = texts.stream.RECORDED
            self._send(Notice(row.level, row(path=report.path, frames=report.frames, seconds=report.seconds)), None)

    def thread_ended(self, name: str, error: str) -> None:
        """One of ours ended, and should not have."""
        if name == DECODER:
            self._decoder = LiveDecoder(self._post)
            self._frames.forget_way()
        elif name == STARGAZER:
            self._stargazer.thread_ended()
        elif name == RECORDER:
            self._recorder = Recorder(self._post, self._clock)
            if self.busy:
                self._unfinished = 1
                self.helped(RecordReport(RecordState.FAILED, text=texts.stream.RECORDER_FAILED(detail=error)))

    @property
    def steps(self) -> dict[str, Callable[[], bool]]:
        """What the threads would do, one thing at a time, for a scheduler without threads."""
        return {DECODER: self._decoder.step, RECORDER: self._recorder.step, STARGAZER: self._stargazer.step}

    def stop(self) -> None:
        """End the threads, after what they have to do."""
        self._decoder.stop()
        self._recorder.stop()
        self._stargazer.stop()

    def _tell(self, text: str) -> None:
        self._send(Notice(Level.WARNING, text), None)

    def _decode(self, job: DecodeJob) -> None:
        self._start(DECODER, self._decoder.run)
        self._decoder.submit(job)

    def _record(self, frame: LiveFrame) -> None:
        if self._recording:
            self._recorder.submit(frame)
