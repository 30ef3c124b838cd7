"""The hand: joins worker, developer, disk and the pair. One loop owns it; others put messages into its inbox.

Rules kept here:

- The end of the pair means: finish as asked, save, leave. SIGTERM means: close the shutter now, collect, save, leave.
  A face that comes while the hand is leaving adopts what is under way.
- It outlives its face at most by `lifetime_s`: the rest of the exposure, the same again (the body's own dark frame),
  30 s and the transfer. Then what is in memory is saved by whatever disk takes it, and the process ends.
- A hand that finds an exposure unfinished connects at once: the worker's first act is to release the buttons, then it
  waits for what is owed (`owed`).
- The worker is made when it is first needed, after the face was greeted: its imports take a while.

`turn` handles what is there and never waits. `step` does the same for the threads too, for tests on a virtual clock.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import assert_never

from indi_sony_py import texts
from indi_sony_py.clock import Clock
from indi_sony_py.engine.arrival import Coming, Grown, Lost, Told
from indi_sony_py.engine.focusmessages import FocusEnded, FocusReport, LensKept, MoveFocus, StopFocus, UseLens
from indi_sony_py.engine.messages import (
    Abort,
    Aborted,
    CameraStatus,
    Change,
    ChangeResult,
    Collected,
    Connect,
    Disconnect,
    Expose,
    ExposureFailed,
    ExposureHeld,
    ExposureProgress,
    ExposureStarted,
    Leave,
    LiveFrame,
    LiveView,
    LiveViewStatus,
    Notice,
    Observed,
    Request,
    SettingsReport,
    SetupKept,
    Stay,
)
from indi_sony_py.hand.arrivals import Arrivals
from indi_sony_py.hand.crew import Crew, MakeWorker, Spawn, ThreadEnded, WorkerLike
from indi_sony_py.hand.disk import Disk, SaveJob, SaveResult
from indi_sony_py.hand.door import Came, Door, Said, Went
from indi_sony_py.hand.frames import Frames
from indi_sony_py.hand.journal import Journal
from indi_sony_py.hand.launch import hello
from indi_sony_py.hand.lenses import Lenses
from indi_sony_py.hand.livedecoder import Decoded
from indi_sony_py.hand.livedesk import LiveDesk, Outcome
from indi_sony_py.hand.marker import Marker
from indi_sony_py.hand.messages import (
    Declined,
    Delivered,
    HandState,
    LiveFrameTaken,
    Looked,
    Message,
    Record,
    RecordReport,
    StopRecord,
    StreamForm,
    WatchStar,
)
from indi_sony_py.hand.onlookers import Onlookers
from indi_sony_py.hand.owed import Owed
from indi_sony_py.hand.pair import Connection
from indi_sony_py.hand.places import Places
from indi_sony_py.hand.setups import Setups
from indi_sony_py.hand.spool import Spool
from indi_sony_py.hand.stargazer import Gazed
from indi_sony_py.hand.view import View
from indi_sony_py.image.developer import Developer, Job, JobResult, Reserve
from indi_sony_py.texts import Text

__all__ = ["FIRST_FACE_S", "GRACE_S", "TRANSFER_S", "Hand"]

GRACE_S = 30.0
TRANSFER_S = 60.0
"""An image of 120 MB and its JPEG over USB 2, with room."""
FIRST_FACE_S = 15.0
LAST_OFFER_S = 5.0
"""While the hand ends, a face has so long to take what it was offered."""
_MAX_TURNS = 10000
_MAX_FAULTS = 10
_log = logging.getLogger(__name__)


_Item = tuple[int, Told] | JobResult | SaveResult | Looked | Outcome


class Hand:
    """One camera's hand. `make_worker` is given the callback for reports; `spawn` runs a body in a thread by a name.

    Without `spawn` there are no threads: `step` does their work. `wake` is called after something came into the inbox.
    """

    def __init__(
        self,
        key: str,
        clock: Clock,
        places: Places,
        make_worker: MakeWorker,
        spawn: Spawn | None = None,
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        self._clock = clock
        self._make_worker = make_worker
        self._crew: Crew[_Item] = Crew(spawn, wake)
        self._onlookers = Onlookers(clock, places, key, self._crew, lambda frame_id: self._frames.memory(frame_id))
        self._door = Door(clock, lambda: self.alarm_s, self._onlookers.overheard)
        self._spool = Spool(places, key)
        self._developer = Developer(self._crew.post)
        self._disk = Disk(self._crew.post)
        self._frames = Frames(
            clock, places, Journal(*places.journals), self._spool.put, self._develop, self._save, self._door.send,
            self._spool.clear,
        )  # fmt: skip
        self._arrivals = Arrivals(clock, self._spool, self._develop)
        self._live = LiveDesk(clock, self._crew.post, self._crew.start, self._door.send)
        self._view = View()
        self._owed = Owed(Marker(places.marker(key)), self._view, clock, lambda: self._force_200)
        self._setups = Setups(places.state, key)
        self._lenses = Lenses(places.state)
        self._worker: WorkerLike | None = None
        self._generation = 0
        self._had_face = False
        self._wished: Connect | None = None
        self._leave_by: float | None = clock.monotonic() + FIRST_FACE_S
        self._leaving = False
        self._last_offer: float | None = None
        self._broken = False
        self._faults = 0
        self.finished = False
        """Nothing is left to do: the process may end."""
        self.overdue = False
        """The time limit was reached: threads may hang."""
        if (claim := self._owed.from_earlier(self._spool.holds)) is not None:
            self._ask(claim)

    # --- the loop ---------------------------------------------------------------------------------------------------

    def attach(self, connection: Connection) -> None:
        """Somebody connected, and may be a face."""
        self._door.attach(connection)

    def connections(self) -> tuple[Connection, ...]:
        """Everybody that is connected, to wait for their bytes."""
        return self._door.connections()

    def turn(self) -> float | None:
        """Handle all that is there. Returns the monotonic time of the next own wish, None for "only when asked"."""
        for event in self._door.poll():
            match event:
                case Came(pid):
                    self._adopt(pid)
                case Said(message):
                    self._from_face(message)
                case Went(why):
                    self._face_gone(why)
                case _:
                    assert_never(event)
        for _ in range(_MAX_TURNS):
            item = self._crew.take()
            if item is None:
                break
            self._take(item)
        self._frames.retry()
        self._door.flush()
        self._end_if_due()
        if self._door.lost:
            return self._clock.monotonic()
        wishes = (self._frames.next_retry(), self._leave_by, self._last_offer, self._door.limit())
        return min((at for at in wishes if at is not None), default=None)

    def step(self) -> float | None:
        """`turn`, and what the threads would do, until nothing is left to do now. Returns the next wish of them all."""
        assert self._crew.stepped, "step is for a hand without threads"
        for _ in range(_MAX_TURNS):
            wish = self.turn()
            theirs = None
            if self._worker is not None:
                theirs = self._worker.step()
                if self._worker.finished:
                    self._crew.post(ThreadEnded("worker"))
            busy = self._developer.step() or self._disk.step() or self._onlookers.step()
            busy = any([step() for step in self._live.steps.values()]) or busy
            if not busy and self._crew.empty:
                return min((at for at in (wish, theirs) if at is not None), default=None)
        raise RuntimeError("the hand finds no rest")

    def terminate(self) -> None:
        """The machine goes down: close the shutter now, collect, save, leave."""
        if self._door.closed:
            return
        _log.warning("told to end")
        self._notice(texts.driver.TOLD_TO_END)
        self._end(texts.driver.ENDING())

    def failed(self, error: Exception) -> None:
        """A `turn` raised what it must not: close the shutter, collect, save, leave. A loop that fails again and again
        saves what is in memory and ends; the next process finds the marker and releases.
        """
        self._faults += 1
        if self._faults > _MAX_FAULTS:
            if self._worker is not None:
                self._worker.post(Leave(close_now=True))
            self._frames.save_all_now(texts.driver.FAILED())
            self.overdue = self.finished = True
        elif not self._door.closed:
            self._notice(texts.driver.PROCESS_FAILS, detail=f"{type(error).__name__}: {error}")
            self._end(texts.driver.FAILED_ENDING())

    def close(self) -> None:
        """End the pair and the helping threads. The worker's ends by itself, with its `Leave`."""
        self._door.close()
        self._developer.stop()
        self._disk.stop()
        self._onlookers.close()
        self._live.stop()
        if self._crew.stepped:
            self._developer.step()
        self._frames.close()

    @property
    def alarm_s(self) -> float | None:
        """Seconds until the process must be gone whatever hangs; None while it may stay."""
        return None if self._leave_by is None else max(0.0, self._leave_by - self._clock.monotonic())

    @property
    def running(self) -> frozenset[str]:
        """The names of the threads at work."""
        return self._crew.running

    # --- the face ---------------------------------------------------------------------------------------------------

    def _adopt(self, pid: int) -> None:
        _log.info("face %d attached", pid)
        adopted, self._had_face = self._had_face, True
        view, frames = self._view, self._frames
        self._door.send(hello("hand"))
        status, known = view.known(self._leaving)
        self._door.send(HandState(status, view.exposure, view.held, frames.pending, frames.stuck, adopted))
        for report in known:
            self._door.send(report)
        if view.status.state == "offline":
            self._wished = None
        self._leave_by = None
        if self._leaving:
            self._leaving = False
            self._ask(Stay())
        frames.face_came()
        self._spool.rescue(self._frames.rescued)

    def _from_face(self, message: Message) -> None:
        match message:
            case Connect():
                self._wished = replace(message, owed=None, owed_by="")
                self._ask(self._wished)
            case Disconnect():
                self._wished = None
                self._live.stop_record()
                self._ask(message)
            case Expose(request):
                self._owed.asked(request)
                self._view.asked(request)
                self._ask(message)
            case Observed():
                self._view.observed(message)
                if self._worker is not None:
                    self._worker.post(message)
            case Abort() | Change() | MoveFocus() | StopFocus() | UseLens() | LiveView():
                self._ask(message)
            case LiveFrameTaken() | StreamForm() | Record() | StopRecord() | WatchStar():
                self._live.ordered(message)
            case Delivered(frame_id):
                self._frames.delivered(frame_id)
            case Declined(frame_id, text):
                self._frames.declined(frame_id, text)
            case _:
                _log.warning("%s from a face has no meaning here", type(message).__name__)

    def _face_gone(self, why: str) -> None:
        _log.info("the face is gone: %s", why)
        self._frames.face_went()
        self._live.forget()
        if not self._door.closed:
            self._begin_leaving(close_now=False)

    def _notice(self, row: Text, /, **fields: object) -> None:
        self._door.send(Notice(row.level, row(**fields)))

    # --- the threads ------------------------------------------------------------------------------------------------

    def _ask(self, request: Request) -> None:
        if self._worker is None:
            self._generation += 1
            generation = self._generation
            self._worker = self._make_worker(lambda report: self._crew.post((generation, report)))
            # The helpers too: when a frame is here there may be no memory left for another thread.
            self._crew.start("developer", self._developer.run)
            self._crew.start("disk", self._disk.run)
            self._crew.start("worker", self._worker.run)
        if isinstance(request, Connect):
            request = replace(request, changed=self._setups.read(), lenses=self._lenses.read())
        self._worker.post(request)

    def _develop(self, job: Job) -> None:
        self._crew.start("developer", self._developer.run)
        self._developer.submit(job)

    def _save(self, job: SaveJob) -> None:
        self._crew.start("disk", self._disk.run)
        self._disk.submit(job)

    def _take(self, item: _Item | ThreadEnded) -> None:
        match item:
            case JobResult():
                self._frames.developed(item)
            case SaveResult():
                self._frames.saved(item)
            case Looked():
                self._door.send(item)
            case Decoded() | RecordReport() | Gazed():
                self._live.helped(item)
            case ThreadEnded(name, error):
                self._thread_ended(name, error)
            case (generation, report):
                if generation == self._generation:
                    self._report(report)
            case _:
                assert_never(item)

    def _thread_ended(self, name: str, error: str) -> None:
        match name:
            case "worker":
                self._worker = None
                if error:
                    self._worker_broke(error)
                elif self._door.has_face and not self._leaving and self._wished is not None:
                    # The new face came when the old worker had just finished.
                    self._ask(self._wished)
            case "developer" if error:
                self._developer = Developer(self._crew.post)
                self._frames.developer_died(error)
            case "disk" if error:
                self._disk = Disk(self._crew.post)
                self._frames.disk_died(error)
            case _ if error:
                self._live.thread_ended(name, error)
            case _:
                pass

    def _worker_broke(self, error: str) -> None:
        """The camera's thread is gone: what is here is saved; the next process finds the marker and releases."""
        self._broken = True
        self._notice(texts.driver.PROCESS_REPLACED, detail=error)
        self._end(texts.driver.FAILED_ENDING())

    # --- what the worker reports ------------------------------------------------------------------------------------

    def _report(self, report: Told) -> None:
        if isinstance(report, Coming | Grown | Lost):
            self._arrivals.came(report)
            return
        self._view.saw(report, self._clock.monotonic())
        match report:
            case Collected():
                self._frames.collected(report)
                if report.shot is not None:
                    self._owed.collected(report.shot.request.id)
                return
            case ExposureStarted():
                self._started(report)
            case ExposureFailed(id=exposure_id) | Aborted(id=exposure_id):
                self._owed.came_to_nothing(exposure_id)
            case CameraStatus(state="warming"):
                setup = "leave" if self._wished is None else self._wished.setup
                if (claim := self._owed.take_over(report.identity.serial, setup)) is not None:
                    self._ask(claim)
            case CameraStatus(state="ready"):
                self._ready()
            case Notice(text=text):
                _log.info("told: %s", text)
            case SetupKept(identity, changed):
                self._setups.keep(identity, changed)
                return
            case LensKept(table):
                self._lenses.keep(table)
                return
            case LiveFrame():
                self._live.came(report)
                return
            case LiveViewStatus():
                self._live.status(report)
            case CameraStatus() | SettingsReport() | ExposureProgress() | ExposureHeld() | ChangeResult():
                pass
            case FocusReport() | FocusEnded():
                pass
            case _:
                assert_never(report)
        self._door.send(report)

    def _started(self, report: ExposureStarted) -> None:
        self._owed.opened(report)
        if self._frames.last_length:
            self._develop(Reserve(self._frames.last_length))
        if self._leave_by is not None:
            self._leave_by = max(self._leave_by, self._clock.monotonic() + self.lifetime_s())

    def _ready(self) -> None:
        """A session that only an earlier life's exposure wanted ends when that is settled."""
        self._owed.ready()
        if self._wished is None and not self._leaving:
            self._ask(Disconnect())

    @property
    def _force_200(self) -> bool:
        return self._wished is not None and self._wished.force_200

    # --- the end ----------------------------------------------------------------------------------------------------

    def lifetime_s(self) -> float:
        """How long a hand without a face may stay, from now: seconds."""
        return self._owed.left_s() + GRACE_S + TRANSFER_S

    def _begin_leaving(self, close_now: bool) -> None:
        self._spool.rescue(self._frames.rescued)
        self._leaving = True
        self._leave_by = self._clock.monotonic() + self.lifetime_s()
        if self._worker is not None:
            self._worker.post(Leave(close_now))

    def _end(self, why: str) -> None:
        """Nobody is let in any more; what a face was offered it may still take, what comes goes to disk."""
        self._door.closed = why
        self._frames.face, self._frames.absent = False, why
        self._last_offer = self._clock.monotonic() + LAST_OFFER_S
        self._begin_leaving(close_now=True)

    def _end_if_due(self) -> None:
        now = self._clock.monotonic()
        if self.finished or self._leave_by is None:
            return
        if self._last_offer is not None and now >= self._last_offer:
            self._last_offer = None
            self._frames.face_went(self._door.closed)
        if now >= self._leave_by and not self._leaving:
            self._begin_leaving(close_now=False)
        elif now >= self._leave_by:
            _log.critical("the time limit is reached; images in memory: %s", self._frames.pending)
            self._frames.save_all_now(texts.driver.TIME_LIMIT())
            self.overdue = self.finished = True
        elif self._leaving and self._worker is None and not self._frames.pending and self._crew.empty:
            if self._live.busy:
                return
            if self._door.has_guests or (self._frames.unheard and self._last_offer is not None):
                return
            if not self._broken:
                self._owed.forget()
            self.finished = True
