"""An image's way from the camera to the client's hands, or to a file whose path was announced.

Rules kept here:

- Every image that the engine collected is in exactly one `Stage`, and leaves this table only as: delivered, saved,
  discarded by name, or (last of all, said in the log) lost with the memory of the process.
- The engine never waits: it hands over bytes and goes on. At most `MAX_OFFERED` frames wait for a client; what comes
  over that goes to disk.
- A frame that was offered and not confirmed goes to disk when the face ends, marked as a possible duplicate.
- A frame that cannot be developed goes to disk as the camera wrote it, and its exposure fails with the path.
- A frame that no disk takes is offered to a face, else kept and tried again; this is said often at first, then rarely.

This module decides; `image.developer` and `hand.disk` do the work in threads of their own.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

from indi_sony_py import texts
from indi_sony_py.clock import Clock
from indi_sony_py.engine.messages import Collected, ExposureFailed, Notice, Role
from indi_sony_py.errors import NotInstalled, SonyError, UnknownImage, advise
from indi_sony_py.hand.disk import SaveJob, SaveResult, save_now
from indi_sony_py.hand.frame import (
    Frame,
    Stage,
    clock_step_s,
    develop_job,
    is_answer,
    is_raw,
    local_time,
    places_for,
    saved_of,
)
from indi_sony_py.hand.journal import Entry, Journal
from indi_sony_py.hand.messages import FrameReady, Message
from indi_sony_py.hand.places import Places
from indi_sony_py.image.developer import DevelopJob, JobResult
from indi_sony_py.image.files import fallback_folder
from indi_sony_py.image.pipeline import PACKED, DevelopedFrame
from indi_sony_py.texts import Text

__all__ = ["MAX_OFFERED", "Frames"]

MAX_OFFERED = 3
"""As many as a series of fast exposures may have on their way (`driver.series`)."""
MAX_UNHEARD = 100
_FIRST_RETRY_S = 5.0
_LAST_RETRY_S = 60.0
_SAID_EVERY = 10
_log = logging.getLogger(__name__)


class Frames:
    """All images that are in this process. One thread, the hand's loop, calls it.

    `keep` is given each image first, so that it outlives this process, and `in_other_hands` is told when it no longer
    depends on that. `develop` and `save` queue jobs; `send` sends to the face and says whether there is one.
    """

    def __init__(
        self,
        clock: Clock,
        places: Places,
        journal: Journal,
        keep: Callable[[int, Collected], None],
        develop: Callable[[DevelopJob], None],
        save: Callable[[SaveJob], None],
        send: Callable[[Message, int | None], bool],
        in_other_hands: Callable[[int], None] = lambda frame_id: None,
    ) -> None:
        self._clock = clock
        self._places = places
        self._journal = journal
        self._keep = keep
        self._develop = develop
        self._save = save
        self._send = send
        self._in_other_hands = in_other_hands
        self._frames: dict[int, Frame] = {}
        self._next = 1
        self._last_length = 0
        self._levels: tuple[int, int | None] | None = None
        self.face = False
        """Whether images may be offered to a client."""
        self.absent = texts.frames.DRIVER_GONE()
        """Why they may not."""

    # --- what the loop asks -----------------------------------------------------------------------------------------

    @property
    def pending(self) -> tuple[int, ...]:
        """Images that are not yet in anybody's hands."""
        return tuple(f.id for f in self._frames.values() if f.stage is not Stage.UNHEARD)

    @property
    def stuck(self) -> tuple[int, ...]:
        """Images that no disk would take."""
        return tuple(f.id for f in self._frames.values() if f.stage is Stage.STUCK)

    @property
    def unheard(self) -> bool:
        """Whether a face that was told of a file has not confirmed that yet."""
        return any(f.stage is Stage.UNHEARD for f in self._frames.values())

    @property
    def last_length(self) -> int:
        """Bytes of the last developed frame, 0 before it: what the next one will need."""
        return self._last_length

    def next_retry(self) -> float | None:
        return min((f.retry_at for f in self._frames.values() if f.stage is Stage.STUCK), default=None)

    # --- what happens -----------------------------------------------------------------------------------------------

    def memory(self, frame_id: int) -> tuple[int, str] | None:
        """The descriptor of a frame as it was developed, and its suffix; None where it is in no memory."""
        frame = self._frames.get(frame_id)
        return None if frame is None or frame.developed is None else (frame.developed.fd, frame.developed.suffix)

    def collected(self, got: Collected) -> None:
        """Take an image from the engine."""
        if got.role is Role.DROPPED:
            if self._notice(texts.frames.DROPPED, name=got.name, why=got.why) or not is_raw(got):
                return
            # An image goes without a file only if somebody hears its name.
            got = replace(got, role=Role.KEPT)
        if got.role is Role.COMPANION and got.shot is not None and got.shot.request.companions != "keep":
            _log.info("%s discarded: companions are not kept", got.name)
            return
        frame = Frame(self._next, replace(got, data=b""), Stage.SAVING, got.data, to_disk=True)
        self._next += 1
        self._keep(frame.id, got)
        if got.shot is not None and is_answer(got):
            self._put(replace(frame, stage=Stage.DEVELOPING))
            self._develop(develop_job(frame, got.shot, clock_step_s(got.shot, self._clock)))
        elif got.role is Role.COMPANION and self._leader(frame) is not None:
            self._put(replace(frame, stage=Stage.WAITING))
        else:
            rescue = "" if got.role in (Role.COMPANION, Role.FRAME) else got.why or texts.frames.UNASKED()
            self._put(replace(frame, rescue=rescue))
            self._to_disk(frame.id)

    def rescued(self, got: Collected) -> int:
        """Take an image that an earlier process left on disk, to be saved as it is. Returns its frame id."""
        frame = Frame(self._next, replace(got, data=b""), Stage.SAVING, got.data, to_disk=True, rescue=got.why)
        self._next += 1
        self._put(frame)
        self._to_disk(frame.id)
        return frame.id

    def developed(self, result: JobResult) -> None:
        """A frame's pixels are ready, or never will be."""
        frame = self._frames.get(result.key)
        if frame is None or frame.stage is not Stage.DEVELOPING:
            if result.frame is not None:
                result.frame.close()
            return
        if result.frame is None:
            self._undevelopable(frame, result.error)
            return
        self._last_length = result.frame.length
        request = frame.request
        frame = replace(frame, developed=self._compared(result.frame), data=b"")
        to_client = frame.got.role is Role.FRAME and self.face and request.upload in ("client", "both")
        to_disk = not to_client or request.upload == "both"
        rescue = ""
        if frame.got.role is Role.KEPT:
            rescue = frame.got.why or texts.frames.AFTER_REQUEST()
        elif not self.face:
            rescue = self.absent
        elif to_client and self._offered() >= MAX_OFFERED:
            to_client, to_disk, rescue = False, True, texts.frames.QUEUE_FULL()
        self._put(replace(frame, to_client=to_client, to_disk=to_disk, rescue=rescue))
        if to_disk:
            self._to_disk(frame.id)
        else:
            self._offer(frame.id)
        self._release_companions()

    def saved(self, result: SaveResult) -> None:
        """A file was written, or could not be."""
        frame = self._frames.get(result.frame_id)
        if frame is None or frame.stage is not Stage.SAVING:
            return
        if not result.path:
            self._not_saved(frame, result.reason)
            return
        rescue = frame.rescue
        if result.reason:
            rescue = f"{rescue}. {result.reason}" if rescue else result.reason
        _log.info("frame %d saved as %s%s", frame.id, result.path, f" ({rescue})" if rescue else "")
        self._in_other_hands(frame.id)
        frame = replace(frame, path=result.path, to_disk=False, rescue=rescue)
        if rescue:
            frame = self._write_journal(frame)
        self._put(frame)
        if frame.failed and frame.exposure_id is not None:
            # Before the word of the file: for an upload to a folder that word alone would mean success.
            text = texts.frames.RAW_IS_AT(reason=frame.failed, path=result.path)
            self._tell(ExposureFailed(frame.exposure_id, text, frame.again))
        told = self._tell(saved_of(frame))
        if frame.to_client and self.face:
            self._offer(frame.id)
        else:
            self._forget_image(frame.id, told)
        self._release_companions()

    def delivered(self, frame_id: int) -> None:
        """The client's server has the frame, or the user was told of the file."""
        frame = self._frames.get(frame_id)
        if frame is None:
            return
        if frame.stage is Stage.OFFERED:
            _log.info("frame %d delivered", frame_id)
        elif frame.stage is not Stage.UNHEARD:
            return
        if frame.entry_id:
            self._journal.mark([frame.entry_id])
        self._drop(frame_id)

    def declined(self, frame_id: int, text: str) -> None:
        """The face does not want a frame that it was offered."""
        frame = self._frames.get(frame_id)
        if frame is None or frame.stage is not Stage.OFFERED:
            return
        if frame.path:
            self._forget_image(frame_id, True)
            return
        rescue = text or texts.frames.NO_USE()
        self._put(replace(frame, declined=True, to_client=False, to_disk=True, rescue=rescue))
        self._to_disk(frame_id)

    def face_came(self) -> None:
        """Somebody is there again: what no disk takes is offered."""
        self.face = True
        for frame in list(self._frames.values()):
            if frame.stage is Stage.STUCK:
                self._offer_stuck(frame)

    def face_went(self, why: str = "") -> None:
        """Nobody takes a frame now: what was offered goes to disk, what was said without an answer into the journal.

        `why`: the reason, where it is not the face.
        """
        self.face = False
        for frame in list(self._frames.values()):
            if frame.stage is Stage.OFFERED:
                if frame.path:
                    self._forget_image(frame.id, False)
                    continue
                rescue = why or texts.frames.NOT_DELIVERED()
                self._put(replace(frame, to_client=False, to_disk=True, rescue=rescue))
                self._to_disk(frame.id)
        for frame in list(self._frames.values()):
            if frame.stage is Stage.UNHEARD:
                if not frame.entry_id:
                    self._write_journal(replace(frame, rescue=texts.frames.AS_ASKED()))
                self._drop(frame.id)

    def retry(self) -> None:
        """Try the disk again for what is due."""
        now = self._clock.monotonic()
        for frame in list(self._frames.values()):
            if frame.stage is Stage.STUCK and frame.retry_at <= now:
                self._to_disk(frame.id)

    def save_all_now(self, why: str) -> None:
        """The last resort: everything that is in memory goes to whatever disk takes it, in this thread."""
        for frame in list(self._frames.values()):
            if frame.stage in (Stage.UNHEARD,) or frame.path:
                continue
            frame = replace(frame, rescue=frame.rescue or why)
            try:
                result = save_now(self._save_job(frame))
            except (OSError, SonyError, ValueError, MemoryError) as error:
                result = SaveResult(frame.id, "", str(error))
            if result.path:
                self._put(replace(frame, stage=Stage.SAVING, to_client=False))
                self.saved(result)
            else:
                _log.critical("frame %d (%s) is lost: %s", frame.id, frame.got.name, result.reason)

    def developer_died(self, text: str) -> None:
        """What was being developed is saved as the camera wrote it."""
        for frame in list(self._frames.values()):
            if frame.stage is Stage.DEVELOPING:
                self._undevelopable(frame, None, text)

    def disk_died(self, text: str) -> None:
        """The thread that writes files failed: what it had goes to the next one at once, and a second time later."""
        for frame in list(self._frames.values()):
            if frame.stage is not Stage.SAVING:
                continue
            if frame.tries:
                self._not_saved(frame, text)
            else:
                self._put(replace(frame, tries=1))
                self._to_disk(frame.id)

    def close(self) -> None:
        """Let go of all memory."""
        for frame_id in list(self._frames):
            self._drop(frame_id)

    # --- steps ------------------------------------------------------------------------------------------------------

    def _compared(self, developed: DevelopedFrame) -> DevelopedFrame:
        """With a warning, if bits or white level are others than those of the frame before."""
        facts, before = developed.facts, self._levels
        if not facts.bits:
            return developed
        self._levels = facts.bits, facts.white
        if before is None or before == self._levels:
            return developed
        bits, white = before
        text = texts.frames.OTHER_LEVELS(bits=facts.bits, white=facts.white, old_bits=bits, old_white=white)
        return replace(developed, warnings=(*developed.warnings, text))

    def _undevelopable(self, frame: Frame, error: SonyError | None, text: str = "") -> None:
        why = advise(error) if error is not None else texts.frames.NOT_DEVELOPED(detail=text or "-")
        failed = why if frame.got.role is Role.FRAME else ""
        again = not isinstance(error, (NotInstalled, UnknownImage))
        frame = replace(frame, failed=failed, again=again, rescue=why)
        self._put(replace(frame, stage=Stage.SAVING, to_client=False, to_disk=True))
        self._to_disk(frame.id)
        self._release_companions()

    def _to_disk(self, frame_id: int) -> None:
        frame = replace(self._frames[frame_id], stage=Stage.SAVING)
        self._put(frame)
        self._save(self._save_job(frame))

    def _save_job(self, frame: Frame) -> SaveJob:
        fd, length = (frame.developed.fd, frame.developed.length) if frame.developed else (None, 0)
        when = frame.got.shot.pressed_utc if frame.got.shot is not None else ""
        own = (fallback_folder(), *self._places.last_resorts)
        where = places_for(frame, self._leader(frame), own, self._places.shared)
        duplicate = frame.offered and not frame.declined and not frame.path
        return SaveJob(frame.id, where, frame.suffix, local_time(when, self._clock), fd, length, frame.data, duplicate)

    def _not_saved(self, frame: Frame, reason: str) -> None:
        wait = min(_LAST_RETRY_S, _FIRST_RETRY_S * 2**frame.tries)
        frame = replace(frame, stage=Stage.STUCK, tries=frame.tries + 1, retry_at=self._clock.monotonic() + wait)
        self._put(frame)
        _log.error("frame %d cannot be saved (%d. time): %s", frame.id, frame.tries, reason)
        if frame.tries <= 3 or frame.tries % _SAID_EVERY == 0:
            self._notice(texts.frames.KEPT_IN_MEMORY, name=frame.got.name, reason=reason)
        if self.face:
            self._offer_stuck(frame)

    def _offer_stuck(self, frame: Frame) -> None:
        """A client is better than nothing, for the answer to a request: unasked images are nobody's frame."""
        if frame.got.role is Role.FRAME and frame.developed is not None and not frame.offered:
            self._put(replace(frame, rescue=texts.frames.SENT_INSTEAD()))
            self._offer(frame.id)

    def _offer(self, frame_id: int) -> None:
        frame = self._frames[frame_id]
        got = frame.developed
        assert got is not None and frame.exposure_id is not None
        fd, length = got.packed or (got.fd, got.length)
        suffix = f"{got.suffix}{PACKED}" if got.packed else got.suffix
        ready = FrameReady(
            frame.id, frame.exposure_id, suffix, length, got.width, got.height, got.pattern, got.facts,
            got.warnings, False, frame.rescue, got.area, frame.request.area,
        )  # fmt: skip
        self._put(replace(frame, stage=Stage.OFFERED, offered=True))
        if self._send(ready, fd):
            self._in_other_hands(frame.id)

    def _release_companions(self) -> None:
        for frame in list(self._frames.values()):
            if frame.stage is Stage.WAITING:
                leader = self._leader(frame)
                if leader is None or leader.path or not leader.to_disk:
                    self._to_disk(frame.id)

    def _leader(self, frame: Frame) -> Frame | None:
        """The RAW that a companion belongs to, while it is here."""
        if frame.got.role is not Role.COMPANION:
            return None
        for other in self._frames.values():
            same = other.exposure_id == frame.exposure_id and other.got.role in (Role.FRAME, Role.KEPT)
            if same and other.id != frame.id and (other.path or other.stage in (Stage.DEVELOPING, Stage.SAVING)):
                return other
        return None

    def _write_journal(self, frame: Frame) -> Frame:
        shot = frame.got.shot
        size = frame.developed.length if frame.developed is not None else len(frame.data)
        entry = Entry(
            path=frame.path,
            device=shot.request.device if shot is not None else "",
            model=frame.got.identity.model,
            taken=shot.pressed_utc if shot is not None else "",
            saved=self._clock.utc().strftime("%Y-%m-%dT%H:%M:%S"),
            exposure_id=frame.exposure_id,
            exposure_s=shot.request.duration_s if shot is not None else 0.0,
            size=size,
            why=frame.rescue,
        )
        try:
            self._journal.add(entry)
        except OSError as error:
            _log.error("the journal cannot be written: %s (%s)", error, entry.text)
            return frame
        return replace(frame, entry_id=entry.id)

    def _forget_image(self, frame_id: int, told: bool) -> None:
        """The file is there: its memory goes, its name stays until the face says that it was heard."""
        frame = self._frames[frame_id]
        if not told:
            if not frame.entry_id and frame.path:
                self._write_journal(replace(frame, rescue=texts.frames.AS_ASKED()))
            self._drop(frame_id)
            return
        if frame.developed is not None:
            frame.developed.close()
        self._put(replace(frame, stage=Stage.UNHEARD, developed=None, data=b""))
        unheard = [f.id for f in self._frames.values() if f.stage is Stage.UNHEARD]
        for old in unheard[:-MAX_UNHEARD]:
            self._drop(old)

    def _offered(self) -> int:
        return sum(1 for f in self._frames.values() if f.stage is Stage.OFFERED)

    def _tell(self, message: Message) -> bool:
        return self._send(message, None)

    def _notice(self, row: Text, /, **fields: object) -> bool:
        return self._tell(Notice(row.level, row(**fields)))

    def _put(self, frame: Frame) -> None:
        self._frames[frame.id] = frame

    def _drop(self, frame_id: int) -> None:
        frame = self._frames.pop(frame_id)
        if frame.developed is not None:
            frame.developed.close()
