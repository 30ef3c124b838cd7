"""The thread that records live view into SER files (does I/O): decodes, writes, and tells how it stands.

Rules kept here:

- A file's head tells how many frames it holds, anew each second: what a killed process leaves can be read.
- A recording ends when it has what was asked for, when it is told to, when the picture changes its size, or when the
  disk takes no more. Each end leaves whole frames, their times, and a report; no file is ever overwritten.
- Each file that was asked for has one report of its end.
- Where no frame came, there is no file.
- A frame that is damaged is left out. While more than `buffer_mb` waits for the disk, frames are left out and counted.
"""

from __future__ import annotations

import logging
import os
import queue
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from indi_sony_py import texts
from indi_sony_py.clock import Clock
from indi_sony_py.engine.messages import LiveFrame
from indi_sony_py.errors import BadData, DiskError, SonyError, advise
from indi_sony_py.hand.messages import Record, RecordReport, RecordState
from indi_sony_py.image.section import Part
from indi_sony_py.image.ser import COUNT_AT, HEAD_BYTES, encode_head, encode_times

__all__ = ["Begin", "Recorder"]

TELL_S = 1.0
_SUFFIX = ".ser"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Begin:
    """`part`: what of each picture is recorded, None for all."""

    wish: Record
    part: Part | None


@dataclass(frozen=True, slots=True)
class _End:
    """`text`: why, where nobody asked for it."""

    text: str = ""


@dataclass(slots=True)
class _File:
    """What is being written. `moments`: the time of each frame, UTC; `first_at`, `told_at`: monotonic, of frames."""

    fd: int
    path: Path
    begin: Begin
    began: datetime
    size: tuple[int, int] = (0, 0)
    moments: list[datetime] = field(default_factory=list)
    first_at: float = 0.0
    last_at: float = 0.0
    told_at: float = 0.0

    @property
    def seconds(self) -> float:
        return self.last_at - self.first_at

    @property
    def enough(self) -> bool:
        wish = self.begin.wish
        by_count = bool(wish.frames) and len(self.moments) >= wish.frames
        return by_count or (bool(wish.duration_s) and bool(self.moments) and self.seconds >= wish.duration_s)


class Recorder:
    """Orders and frames in, reports out. `run` in a thread of its own, or `step` from a scheduler: never both."""

    def __init__(self, report: Callable[[RecordReport], None], clock: Clock) -> None:
        self._inbox: queue.SimpleQueue[Begin | LiveFrame | _End | None] = queue.SimpleQueue()
        self._report = report
        self._clock = clock
        self._file: _File | None = None
        self._missed = self._damaged = 0
        self._buffer_bytes = 0.0

    # --- from the hand's loop ---------------------------------------------------------------------------------------

    def begin(self, wish: Record, part: Part | None) -> None:
        """Open a file; a recording that runs is ended first."""
        self._missed = 0
        self._buffer_bytes = wish.buffer_mb * 1e6
        self._inbox.put(Begin(wish, part))

    def submit(self, frame: LiveFrame) -> None:
        """One more frame."""
        if self._inbox.qsize() * len(frame.jpeg) > self._buffer_bytes:
            self._missed += 1
        else:
            self._inbox.put(frame)

    def end(self, text: str = "") -> None:
        """Finish the file, after what was submitted before. `text`: why it ends too early."""
        self._inbox.put(_End(text))

    def stop(self) -> None:
        """End the thread, after everything that was queued before."""
        self._inbox.put(None)

    # --- the thread -------------------------------------------------------------------------------------------------

    def step(self) -> bool:
        """Do one thing; False where nothing waits."""
        with suppress(queue.Empty):
            return self._do(self._inbox.get_nowait())
        return False

    def run(self) -> None:
        """Do things until `stop`."""
        while self._do(self._inbox.get()):
            pass

    def _do(self, item: Begin | LiveFrame | _End | None) -> bool:
        match item:
            case Begin():
                self._finish()
                self._damaged = 0
                self._open(item)
            case LiveFrame():
                self._take(item)
            case _End(text):
                self._finish(text)
            case None:
                self._finish()
        return item is not None

    def _open(self, begin: Begin) -> None:
        from indi_sony_py.image.files import create
        from indi_sony_py.image.installed import missing_for_live_view

        try:
            if (row := missing_for_live_view()) is not None:
                self._report(RecordReport(RecordState.FAILED, text=row()))
                return
            name = begin.wish.name.removesuffix(_SUFFIX)
            fd, path = create(begin.wish.folder, name, _SUFFIX)
        except DiskError as error:
            self._report(RecordReport(RecordState.FAILED, text=advise(error)))
            return
        self._file = _File(fd, path, begin, self._clock.utc())
        self._report(RecordReport(RecordState.ON, str(path)))

    def _take(self, frame: LiveFrame) -> None:
        from indi_sony_py.image.livepicture import pixels

        file = self._file
        if file is None:
            return
        try:
            data, width, height = pixels(frame.jpeg, file.begin.part)
        except BadData as error:
            if not self._damaged:
                _log.warning("live view frame %d, and perhaps more, is not recorded: %s", frame.number, error)
            self._damaged += 1
            return
        except (SonyError, MemoryError) as error:
            self._finish(advise(error))
            return
        if file.moments and (width, height) != file.size:
            self._finish(texts.stream.SIZE_CHANGED())
            return
        try:
            self._write(file, frame, data, (width, height))
        except OSError as error:
            self._finish(self._why(error, file))
            return
        if file.enough:
            self._finish()

    def _write(self, file: _File, frame: LiveFrame, data: bytes, size: tuple[int, int]) -> None:
        if not file.moments:
            file.size, file.first_at, file.told_at = size, frame.at, frame.at
            self._put(file.fd, self._head(file), 0)
        self._put(file.fd, data, HEAD_BYTES + len(file.moments) * len(data))
        file.moments.append(self._clock.utc() - timedelta(seconds=max(0.0, self._clock.monotonic() - frame.at)))
        file.last_at = frame.at
        if frame.at >= file.told_at + TELL_S:
            file.told_at = frame.at
            self._put(file.fd, len(file.moments).to_bytes(4, "little"), COUNT_AT)
            self._report(RecordReport(RecordState.ON, str(file.path), len(file.moments), file.seconds))

    def _finish(self, text: str = "") -> None:
        """Times behind the frames, the count into the head; what was written of an unfinished frame is cut off."""
        file, self._file = self._file, None
        if file is None:
            return
        if not file.moments:
            return self._drop(file, text)
        try:
            end = HEAD_BYTES + len(file.moments) * file.size[0] * file.size[1] * 3
            self._put(file.fd, self._head(file), 0)
            os.ftruncate(file.fd, end)
            self._put(file.fd, encode_times(file.moments), end)
            os.fsync(file.fd)
        except OSError as error:
            text = text or self._why(error, file)
        finally:
            os.close(file.fd)
        state = RecordState.FAILED if text else RecordState.DONE
        self._report(
            RecordReport(state, str(file.path), len(file.moments), file.seconds, self._missed + self._damaged, text)
        )  # fmt: skip

    def _drop(self, file: _File, text: str) -> None:
        """No frame came: programs that read such files take none without."""
        os.close(file.fd)
        with suppress(OSError):
            file.path.unlink()
        state = RecordState.FAILED if text else RecordState.DONE
        self._report(RecordReport(state, missed=self._missed + self._damaged, text=text))

    def _head(self, file: _File) -> bytes:
        wish = file.begin.wish
        began = file.moments[0] if file.moments else file.began
        texts_of = (wish.observer, wish.instrument, wish.telescope)
        return encode_head(*file.size, len(file.moments), began, *texts_of)

    def _put(self, fd: int, data: bytes, at: int) -> None:
        left = memoryview(data)
        while left:
            done = os.pwrite(fd, left, at)
            left, at = left[done:], at + done

    def _why(self, error: OSError, file: _File) -> str:
        from indi_sony_py.image.files import translated

        return advise(translated(error, file.path))
