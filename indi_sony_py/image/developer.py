"""The pixel thread: jobs in, frames out.

- The developer owns the pixels and nothing else; jobs come through one inbox, results go through one callback.
- A frame may be begun while its file arrives (`Begin`, `Arrived`); it is handed out only for the `DevelopJob` of the
  same memory, which comes when the file is whole.
- What a frame was made with is let go of when somebody says that the frame was taken (`Tidy`), or with the next one: it
  takes the system as long as to develop a part of the frame, and whoever is to hear of it may have to wait so long.
- A fault of the file, of the memory or of what is installed is the job's result, with the reason; the thread goes on.
"""

from __future__ import annotations

import queue
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import assert_never

from indi_sony_py import texts
from indi_sony_py.errors import NoMemory, NotInstalled, OutsideError, SonyError
from indi_sony_py.image.ahead import Ahead
from indi_sony_py.image.arw import Bytes
from indi_sony_py.image.installed import absent
from indi_sony_py.image.memory import FrameMemory
from indi_sony_py.image.pipeline import DevelopedFrame, Form, develop_to_memfd, native_to_memfd, packed
from indi_sony_py.image.record import FrameRecord

__all__ = ["Arrived", "Begin", "DevelopJob", "Developer", "Forget", "Job", "JobResult", "Reserve", "Tidy"]


@dataclass(frozen=True, eq=False)
class DevelopJob:
    """Develop `data`; `key` comes back with the result. `pack`: for the client, what can be packed."""

    key: int
    data: Bytes
    record: FrameRecord
    form: Form = Form.FITS
    visible: tuple[int, int] | None = None
    crop: tuple[int, int] | None = None
    pack: bool = False


@dataclass(frozen=True, eq=False)
class Begin:
    """The data of `job`, its memory, begin to arrive. It is not the job yet, and may never be."""

    job: DevelopJob


@dataclass(frozen=True, slots=True)
class Arrived:
    """So many bytes of what was begun are there, from the first on."""

    count: int


@dataclass(frozen=True, slots=True)
class Forget:
    """What was begun will not be whole."""


@dataclass(frozen=True, slots=True)
class Reserve:
    """Have memory for a frame of `length` bytes ready: sent while the shutter is open."""

    length: int


@dataclass(frozen=True, slots=True)
class Tidy:
    """The last result was taken: let go of what it was made with."""


@dataclass(frozen=True, slots=True)
class _Stop:
    pass


@dataclass(frozen=True, slots=True)
class JobResult:
    """What became of a job: a frame, or the error that says why not."""

    key: int
    frame: DevelopedFrame | None
    error: SonyError | None


Job = DevelopJob | Begin | Arrived | Forget | Reserve | Tidy


class Developer:
    """Jobs in, results out. `run` in a thread of its own, or `step` from a test's scheduler: never both."""

    def __init__(self, report: Callable[[JobResult], None]) -> None:
        self._inbox: queue.SimpleQueue[Job | _Stop] = queue.SimpleQueue()
        self._report = report
        self._reserved: FrameMemory | None = None
        self._ahead: Ahead | None = None
        self._spent: list[FrameMemory | Ahead] = []
        self._packs_not = False
        self._ended = False

    def submit(self, job: Job) -> None:
        """Queue a job. Any thread may call this."""
        self._inbox.put(job)

    def stop(self) -> None:
        """End after everything that was queued before. Any thread may call this."""
        self._inbox.put(_Stop())

    def drop_all(self) -> None:
        """Let go of all memory: the end of its own thread, or what is left to do where that has failed."""
        self._tidy()
        self._forget()
        self._release()

    def step(self) -> bool:
        """Do one job; False where none waits or the developer has ended."""
        if self._ended:
            return False
        try:
            job = self._inbox.get_nowait()
        except queue.Empty:
            return False
        self._do(job)
        return True

    def run(self) -> None:
        """Do jobs until `stop`: the body of the pixel thread."""
        while not self._ended:
            self._do(self._inbox.get())

    def _do(self, job: Job | _Stop) -> None:
        match job:
            case DevelopJob():
                self._tidy()
                result = self._develop(job)
                self._spent += [each for each in (self._ahead, self._reserved) if each is not None]
                self._ahead = self._reserved = None
                self._report(result)
                if result.frame is None:
                    self._tidy()
            case Begin(begun):
                self._tidy()
                self._forget()
                self._ahead = Ahead(begun.data, begun.record, begun.visible, begun.crop, begun.form, self._lend)
            case Arrived(count):
                if self._ahead is not None:
                    self._ahead.more(count)
            case Forget():
                self._forget()
            case Reserve():
                self._tidy()
                self._reserve(job.length)
            case Tidy():
                self._tidy()
            case _Stop():
                self.drop_all()
                self._ended = True
            case _:
                assert_never(job)

    def _develop(self, job: DevelopJob) -> JobResult:
        try:
            match job.form:
                case Form.FITS | Form.XISF:
                    frame = self._begun(job) or develop_to_memfd(
                        job.data, job.record, job.visible, job.crop, self._reserved, job.form
                    )
                    if job.pack and job.form is Form.FITS:
                        frame = packed(frame, self._packs_not)
                        self._packs_not = frame.packed is None
                case Form.NATIVE:
                    self._forget()
                    self._release()
                    frame = native_to_memfd(job.data, job.record, job.visible, job.crop)
                case _:
                    assert_never(job.form)
        except SonyError as fault:
            return JobResult(job.key, None, fault)
        except ImportError as fault:
            row = absent(fault)
            if row is not None:
                return JobResult(job.key, None, NotInstalled(row))
            reason = str(fault).strip().splitlines()[-1:]
            return JobResult(job.key, None, NoMemory(texts.frames.NOT_LOADED, reason="".join(reason)))
        except MemoryError:
            return JobResult(job.key, None, NoMemory(texts.frames.NO_MEMORY))
        except OSError as fault:
            return JobResult(job.key, None, OutsideError(texts.frames.NOT_HANDED_OVER, reason=fault.strerror))
        return JobResult(job.key, frame, None)

    def _begun(self, job: DevelopJob) -> DevelopedFrame | None:
        """The frame that was begun with the very memory of `job`."""
        frame = None
        if self._ahead is not None and self._ahead.data is job.data:
            frame = self._ahead.finish(job.record, job.visible, job.crop, job.form)
        if frame is None:
            # Before there is other memory: a frame is at most twice in memory.
            self._forget()
        return frame

    def _lend(self, length: int) -> FrameMemory:
        memory, self._reserved = self._reserved, None
        if memory is not None and memory.length == length:
            return memory
        if memory is not None:
            memory.close()
        return FrameMemory(length, ready=True)

    def _forget(self) -> None:
        if self._ahead is not None:
            self._ahead.close()
            self._ahead = None

    def _reserve(self, length: int) -> None:
        if self._reserved is not None and self._reserved.length == length:
            return
        self._release()
        # Too little of anything now is not an error yet: the frame itself will say so.
        with suppress(NoMemory, OSError, MemoryError):
            self._reserved = FrameMemory(length, ready=True)

    def _tidy(self) -> None:
        while self._spent:
            self._spent.pop().close()

    def _release(self) -> None:
        if self._reserved is not None:
            self._reserved.close()
            self._reserved = None
