"""The hand: joins worker, developer, disk and the pair. One loop owns it; others put messages into its inbox.

Rules kept here:

- The end of the pair means: finish as asked, save, leave. SIGTERM means: close the shutter now, collect, save, leave.
  A face that comes while the hand is leaving adopts what is under way.
- How long it outlives its face stands in `leaving`. What is in memory when that time is over is saved by whatever disk
  takes it, and the process ends.
- A hand that finds an exposure unfinished connects at once: the worker's first act is to release the buttons, then it
  waits for what is owed (`owed`).

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
    Identity,
    Leave,
    LiveFrame,
    LiveView,
    LiveViewStatus,
    Notice,
    Observed,
    Request,
    SettingsReport,
    SetupKept,
    Stage,
    Stay,
)
from indi_sony_py.hand.arrivals import Arrivals
from indi_sony_py.hand.crew import Crew, MakeWorker, Spawn, ThreadEnded
from indi_sony_py.hand.disk import SaveResult
from indi_sony_py.hand.door import Came, Door, Said, Went
from indi_sony_py.hand.frames import Frames
from indi_sony_py.hand.journal import Journal
from indi_sony_py.hand.launch import hello
from indi_sony_py.hand.leaving import Due, Leaving
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
from indi_sony_py.hand.staff import Staff
from indi_sony_py.hand.stargazer import Gazed
from indi_sony_py.hand.view import View
from indi_sony_py.image.developer import JobResult, Reserve, Tidy
from indi_sony_py.texts import Text

__all__ = ["Hand"]

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
        self._crew: Crew[_Item] = Crew(spawn, wake)
        self._staff = Staff(self._crew, make_worker)
        self._onlookers = Onlookers(clock, places, key, self._crew, lambda frame_id: self._frames.memory(frame_id))
        self._door = Door(clock, lambda: self._leaving.left_s, self._onlookers.overheard)
        self._spool = Spool(places, key)
        self._frames = Frames(
            clock, places, Journal(*places.journals), self._spool.put, self._staff.develop, self._staff.save,
            self._door.send, self._spool.clear,
        )  # fmt: skip
        self._arrivals = Arrivals(clock, self._spool, self._staff.develop)
        self._live = LiveDesk(clock, self._crew.post, self._crew.start, self._door.send)
        self._view = View()
        self._owed = Owed(Marker(places.marker(key), places.shared), self._view, clock, lambda: self._force_200)
        self._setups = Setups(places.state, key)
        self._lenses = Lenses(places.state)
        self._had_face = False
        self._wished: Connect | None = None
        self._leaving = Leaving(clock, self._owed.left_s)
        self._broken = False
        self._faults = 0
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
        wishes = (self._frames.next_retry(), *self._leaving.wishes, self._door.limit())
        return min((at for at in wishes if at is not None), default=None)

    def step(self) -> float | None:
        """`turn`, and what the threads would do, until nothing is left to do now. Returns the next wish of them all."""
        assert self._crew.stepped, "step is for a hand without threads"
        for _ in range(_MAX_TURNS):
            wish = self.turn()
            theirs = self._staff.step_worker()
            busy = self._staff.step_helpers() or self._onlookers.step()
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
            self._staff.tell(Leave(close_now=True))
            self._frames.save_all_now(texts.driver.FAILED())
            self._leaving.give_up()
        elif not self._door.closed:
            self._notice(texts.driver.PROCESS_FAILS, detail=f"{type(error).__name__}: {error}")
            self._end(texts.driver.FAILED_ENDING())

    def close(self) -> None:
        """End the pair and the helping threads. The worker's ends by itself, with its `Leave`."""
        self._door.close()
        self._staff.stop()
        self._onlookers.close()
        self._live.stop()
        self._frames.close()

    @property
    def alarm_s(self) -> float | None:
        """Seconds until the process must be gone whatever hangs; None while it may stay."""
        return self._leaving.left_s

    @property
    def finished(self) -> bool:
        """Nothing is left to do: the process may end."""
        return self._leaving.finished

    @property
    def overdue(self) -> bool:
        """The time limit was reached: threads may hang."""
        return self._leaving.overdue

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
        status, known = view.known(self._leaving.begun)
        self._door.send(HandState(status, view.exposure, view.held, frames.pending, frames.stuck, adopted))
        for report in known:
            self._door.send(report)
        if view.status.state == "offline":
            self._wished = None
        if self._leaving.face_came():
            self._ask(Stay())
        frames.face_came()
        self._spool.rescue(self._frames.rescued)

    def _from_face(self, message: Message) -> None:
        match message:
            case Connect():
                self._wished = replace(message, owed=None, owed_by=Identity())
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
                self._staff.tell(message)
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
        if isinstance(request, Connect):
            request = replace(request, changed=self._setups.read(), lenses=self._lenses.read())
        self._staff.ask(request)

    def _take(self, item: _Item | ThreadEnded) -> None:
        match item:
            case JobResult():
                self._frames.developed(item)
                self._staff.develop(Tidy())
            case SaveResult():
                self._frames.saved(item)
            case Looked():
                self._door.send(item)
            case Decoded() | RecordReport() | Gazed():
                self._live.helped(item)
            case ThreadEnded(name, error):
                self._thread_ended(name, error)
            case (number, report):
                if self._staff.is_worker(number):
                    self._report(report)
            case _:
                assert_never(item)

    def _thread_ended(self, name: str, error: str) -> None:
        match name:
            case "worker":
                self._staff.worker_gone()
                if error:
                    self._worker_broke(error)
                elif self._door.has_face and not self._leaving.begun and self._wished is not None:
                    # The new face came when the old worker had just finished.
                    self._ask(self._wished)
            case "developer" if error:
                self._staff.replace_developer()
                self._frames.developer_died(error)
            case "disk" if error:
                self._staff.replace_disk()
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
                self._arrivals.over()
                if report.shot is not None:
                    self._owed.collected(report.shot.request.id)
                return
            case ExposureStarted():
                self._started(report)
            case ExposureFailed(id=exposure_id, awaited=False):
                self._owed.collected(exposure_id)
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
            case ExposureProgress(id=exposure_id, stage=Stage.PREPARING):
                self._owed.began(exposure_id)
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
            self._staff.develop(Reserve(self._frames.last_length))
        self._leaving.opened()

    def _ready(self) -> None:
        """A session that only an earlier life's exposure wanted ends when that is settled."""
        self._owed.ready()
        if self._wished is None and not self._leaving.begun:
            self._ask(Disconnect())

    @property
    def _force_200(self) -> bool:
        return self._wished is not None and self._wished.force_200

    # --- the end ----------------------------------------------------------------------------------------------------

    def _begin_leaving(self, close_now: bool) -> None:
        self._spool.rescue(self._frames.rescued)
        self._leaving.begin()
        self._staff.tell(Leave(close_now))

    def _end(self, why: str) -> None:
        """Nobody is let in any more; what a face was offered it may still take, what comes goes to disk."""
        self._door.closed = why
        self._frames.face, self._frames.absent = False, why
        self._leaving.offer_last()
        self._begin_leaving(close_now=True)

    def _end_if_due(self) -> None:
        if self._leaving.offer_over():
            self._frames.face_went(self._door.closed)
        match self._leaving.due():
            case Due.STAY:
                pass
            case Due.LEAVE:
                self._begin_leaving(close_now=False)
            case Due.OVERDUE:
                _log.critical("the time limit is reached; images in memory: %s", self._frames.pending)
                self._frames.save_all_now(texts.driver.TIME_LIMIT())
                self._leaving.give_up()
            case Due.REST:
                if self._at_rest:
                    if not self._broken:
                        self._owed.forget()
                    self._leaving.finish()

    @property
    def _at_rest(self) -> bool:
        """Whether nothing is under way, and nobody has to hear or to take anything."""
        if self._staff.worker is not None or self._frames.pending or not self._crew.empty or self._live.busy:
            return False
        return not (self._door.has_guests or (self._frames.unheard and self._leaving.offering))
