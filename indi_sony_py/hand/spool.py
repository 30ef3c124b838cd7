"""The camera's own bytes of an image, on disk until it is in other hands (does I/O: two short-lived files an image).

A crash of the RAW library takes the whole process with it. The bytes left the camera, so the page cache keeps them:
nothing is synced, for it's the process that may die here, not the machine.

Rules kept here:

- A spooled frame is removed when it is in other hands: a file of its own, or memory that the face holds too. Where a
  disk keeps it, since it became read-only, another folder has the word that it is over, or it would come out twice.
- The next hand saves what it finds as the camera wrote it: developing it again might crash again.
- Where the first folder takes nothing (the disk is full), another one is used, the last of them in memory. A spool that
  no folder takes is logged and nothing more.
- Names are KEY-PID-RANDOM-NUMBER: the key of one camera may be the beginning of another's, whose frames are its own.
- What is spooled while it comes out of the camera has another name, which tells its length. In part it is nothing, for
  the camera still has it; whole, it is an image like others, for the camera forgot it with its last byte.
"""

from __future__ import annotations

import json
import logging
import mmap
import os
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from io import FileIO
from pathlib import Path

from indi_sony_py import texts
from indi_sony_py.engine.messages import Collected, Identity, Role, Shot
from indi_sony_py.errors import BadData, SonyError
from indi_sony_py.hand.codec import dump, load, parse
from indi_sony_py.hand.disk import is_own, own_folder
from indi_sony_py.hand.places import Places

__all__ = ["Spool"]

_MOST = 100
_PART = ".part"
_OVER = ".over"
_NAME = re.compile(r"[0-9]+-[0-9a-f]{6}-[0-9]+")
_log = logging.getLogger(__name__)

Image = bytes | bytearray | memoryview


@dataclass(frozen=True, slots=True)
class _Note:
    """What stands beside the bytes."""

    name: str
    format: int
    shot: Shot | None
    identity: Identity


@dataclass(eq=False)
class _Coming:
    """Memory that fills, and the file that follows it."""

    data: Image
    path: Path
    file: FileIO
    note: _Note | None = None
    written: int = 0

    @property
    def note_path(self) -> Path:
        return self.path.with_suffix(f".note{_PART}")

    def write_note(self, note: _Note) -> None:
        self.note_path.write_text(json.dumps(dump(note)))
        self.note = note

    def write(self, end: int) -> None:
        with memoryview(self.data).cast("B") as whole:
            while self.written < end:
                self.written += self.file.write(whole[self.written : end])


def _note(got: Collected) -> _Note:
    return _Note(got.name, got.format, got.shot, got.identity)


class Spool:
    """The spooled frames of the camera at `key`. `nonce` keeps this process's names from those of an earlier one."""

    def __init__(self, places: Places, key: str) -> None:
        self._stems = tuple(folder / places.spool(key).name for folder in places.spools)
        self._shared = places.shared
        self._nonce = f"{os.getpid()}-{os.urandom(3).hex()}"
        self._rescued: dict[int, str] | None = None
        self._coming: _Coming | None = None
        self._remove_what_is_over()
        self._take_up_whole_parts()

    def begin(self, got: Collected) -> None:
        """The memory of `got` begins to fill; most likely `put` will be given the same when it is whole."""
        for stem in self._stems:
            if self._begin_at(stem, got) is not None:
                return

    def _begin_at(self, stem: Path, got: Collected) -> _Coming | None:
        self.give_up()
        path = stem.with_name(f"{stem.name}-{self._nonce}-{len(got.data)}{_PART}")
        try:
            if path.parent in self._shared:
                own_folder(path.parent)
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._coming = _Coming(got.data, path, path.open("xb", buffering=0))
            self._coming.write_note(_note(got))
        except (OSError, SonyError) as error:
            _log.warning("not spooled while it comes: %s", error)
            self.give_up()
        return self._coming

    def more(self, arrived: int) -> None:
        """So many bytes are there, from the first on."""
        coming = self._coming
        if coming is None:
            return
        try:
            coming.write(arrived)
        except OSError as error:
            _log.warning("not spooled while it comes: %s", error)
            self.give_up()

    def give_up(self) -> None:
        """What was begun does not come."""
        coming, self._coming = self._coming, None
        if coming is not None:
            coming.file.close()
            for path in (coming.path, coming.note_path):
                with suppress(OSError):
                    path.unlink()

    def put(self, frame_id: int, got: Collected) -> None:
        """Keep the bytes of `got`."""
        coming = self._coming
        if coming is not None and coming.data is got.data and self._finish(frame_id, got, coming):
            return
        for stem in self._stems:
            coming = self._begin_at(stem, got)
            if coming is not None and self._finish(frame_id, got, coming):
                return

    def _finish(self, frame_id: int, got: Collected, coming: _Coming) -> bool:
        """Whether what was coming is there to the last byte, under its name."""
        data, note = _paths(coming.path.parent, self._file(f"{self._nonce}-{frame_id}"))
        try:
            coming.write(len(got.data))
            if coming.note != (told := _note(got)):
                coming.write_note(told)
            coming.path.rename(data)
            coming.note_path.rename(note)
        except (OSError, MemoryError, SonyError) as error:
            _log.warning("%s is not spooled: %s", got.name, error)
            self.give_up()
            self.clear(frame_id)
            return False
        coming.file.close()
        self._coming = None
        return True

    def clear(self, frame_id: int) -> None:
        """The frame is in other hands, one of this process's or one that was rescued."""
        name = self._rescued.pop(frame_id, None) if self._rescued is not None else None
        self._remove(f"{self._nonce}-{frame_id}" if name is None else name)

    def rescue(self, save: Callable[[Collected], int]) -> None:
        """Give what an earlier process was developing to `save`, which numbers the frames. Only the first call does."""
        if self._rescued is None:
            self._rescued = {}
            for path in self._mine(_PART):
                if self._nonce not in path.name:
                    with suppress(OSError):
                        path.unlink()
            for name, got in self.left_over():
                self._rescued[save(got)] = name

    def left_over(self) -> Iterator[tuple[str, Collected]]:
        """What an earlier process left: a name for `forget`, and the image as one that must be saved."""
        over = {path.stem for path in self._mine(_OVER)}
        for path in self._mine(".spool")[:_MOST]:
            name = path.name.removeprefix(self._file("")).removesuffix(".spool")
            if name.startswith(self._nonce) or path.stem in over:
                continue
            data, note = _paths(path.parent, self._file(name))
            try:
                told: _Note = load(_Note, parse(note.read_bytes()))
            except (OSError, BadData):
                told = _Note(f"{name}.ARW", 0, None, Identity())
            with suppress(OSError):
                shot = told.shot and replace(told.shot, request=replace(told.shot.request, transfer="native"))
                why = texts.frames.PROCESS_ENDED()
                yield name, Collected(Role.KEPT, told.name, told.format, _mapped(data), shot, told.identity, why)

    def holds(self, exposure_id: int) -> bool:
        """Whether an earlier process left the frame of this exposure: then the camera does not owe it any more."""
        for path in self._mine(".json"):
            with suppress(OSError, BadData):
                told: _Note = load(_Note, parse(path.read_bytes()))
                mine = told.shot is not None and told.shot.request.id == exposure_id
                if mine and path.with_suffix(".spool").exists():
                    return True
        return False

    def forget(self, name: str) -> None:
        """What `left_over` gave under `name` is in other hands."""
        self._remove(name)

    def _take_up_whole_parts(self) -> None:
        """What an earlier process had whole, and no time to say so."""
        for path in self._mine(_PART):
            length = path.stem.rpartition("-")[2]
            with suppress(OSError):
                if length.isdecimal() and path.stat().st_size == int(length) > 0:
                    data = path.with_suffix(".spool")
                    path.rename(data)
                    path.with_suffix(f".note{_PART}").rename(data.with_suffix(".json"))

    def _mine(self, ending: str) -> list[Path]:
        """Files of this camera and this user with this ending, of any process."""
        before = self._file("")
        folders = [stem.parent for stem in self._stems if is_own(stem.parent)]
        found = (path for folder in folders for path in sorted(folder.glob(f"{before}*{ending}")))
        return [path for path in found if _NAME.fullmatch(path.name.removeprefix(before).partition(".")[0])]

    def _file(self, name: str) -> str:
        return f"{self._stems[0].name}-{name}"

    def _remove(self, name: str) -> None:
        """A disk that became read-only keeps it: another one has the word that it is over."""
        if self._unlinked(name):
            return
        for stem in self._stems[1:]:
            with suppress(OSError, SonyError):
                own_folder(stem.parent)
                return (stem.parent / f"{self._file(name)}{_OVER}").touch(0o600)

    def _unlinked(self, name: str) -> bool:
        """Whether nothing is left of it."""
        folders = [stem.parent for stem in self._stems if is_own(stem.parent)]
        paths = [path for folder in folders for path in _paths(folder, self._file(name))]
        for path in paths:
            with suppress(OSError):
                path.unlink()
        return not any(path.exists() for path in paths)

    def _remove_what_is_over(self) -> None:
        """What could not be removed when it was."""
        for path in self._mine(_OVER):
            if self._unlinked(path.stem.removeprefix(self._file(""))):
                with suppress(OSError):
                    path.unlink()


def _paths(folder: Path, name: str) -> tuple[Path, Path]:
    data = folder / f"{name}.spool"
    return data, data.with_suffix(".json")


def _mapped(path: Path) -> Image:
    """What is in a file, read only as it is used: many of them at once need no memory."""
    with path.open("rb") as file:
        if not os.fstat(file.fileno()).st_size:
            return b""
        return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
