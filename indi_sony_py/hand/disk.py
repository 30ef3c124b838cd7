"""The thread that writes frames to disk (does I/O), so that a slow disk holds up neither shutter nor client.

Rules kept here:

- A job names its places in order; the first that takes the frame wins, and what the others said comes back with it.
- A frame that a client may have got already is marked: a DUPLICAT card in its header, and a word in its name.
- The memory of a frame is only read here, never written: the server may be reading it.
- Below a folder that everybody may write to, only a folder of this very user is used.
"""

from __future__ import annotations

import errno
import mmap
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from indi_sony_py import texts
from indi_sony_py.errors import DiskError, DiskFull, NoFolder, NotWritable, SonyError, advise
from indi_sony_py.hand.jobs import Jobs
from indi_sony_py.image.files import save

__all__ = ["Disk", "Place", "SaveJob", "SaveResult", "is_own", "mark_duplicate", "own_folder", "room_for", "save_now"]

_CARD = 80
_BLOCK = 2880
_GROWTH = 2.2
"""A lossy RAW has one byte a pixel, its FITS two."""
_SPARE = 1 << 20


@dataclass(frozen=True, slots=True)
class Place:
    """A folder and the form of the name in it (`image.files.save`). `shared`: others may make folders beside it."""

    folder: str
    prefix: str
    shared: bool = False


@dataclass(frozen=True, slots=True)
class SaveJob:
    """Save a frame: `length` bytes of the memory behind `fd`, or `data`. `local` is the time for names."""

    frame_id: int
    places: tuple[Place, ...]
    suffix: str
    local: datetime
    fd: int | None = None
    length: int = 0
    data: bytes | bytearray | memoryview = b""
    duplicate: bool = False


@dataclass(frozen=True, slots=True)
class SaveResult:
    """Where it went, "" if nowhere. `reason`: what the places before it said."""

    frame_id: int
    path: str
    reason: str = ""


def mark_duplicate(header: bytes) -> bytes:
    """A FITS header, whole blocks, with a DUPLICAT card before its END. Other bytes come back unchanged."""
    for at in range(0, len(header), _CARD):
        if header[at : at + _CARD].rstrip() == b"END":
            card = b"DUPLICAT=                    T / this frame may have been delivered before"
            body = header[:at] + card.ljust(_CARD) + b"END".ljust(_CARD)
            return body.ljust(-(-len(body) // _BLOCK) * _BLOCK)
    return header


def save_now(job: SaveJob) -> SaveResult:
    """Save in the first place that takes it."""
    reasons: list[str] = []
    first = ""
    with _parts(job) as parts:
        for place in job.places:
            prefix = f"{place.prefix}_duplicate" if job.duplicate else place.prefix
            try:
                if place.shared:
                    own_folder(Path(place.folder))
                path = save(parts, place.folder, prefix, job.suffix, job.local)
            except DiskError as error:
                reasons.append(str(error))
                first = first or advise(error)
                continue
            return SaveResult(job.frame_id, str(path), first)
    return SaveResult(job.frame_id, "", " ".join(dict.fromkeys(reasons)))


def room_for(size: int, folders: Iterable[str | Path]) -> str:
    """Why none of `folders` has room for the frame of an image that comes with `size` bytes; "" if one has."""
    needed = int(size * _GROWTH) + _SPARE
    for folder in folders:
        place = Path(os.path.expanduser(str(folder))).absolute()
        while not os.path.lexists(place) and place != place.parent:
            place = place.parent
        try:
            found = os.statvfs(place)
        except OSError:
            continue
        if place.is_dir() and os.access(place, os.W_OK | os.X_OK) and found.f_bavail * found.f_frsize >= needed:
            return ""
    return texts.frames.NO_ROOM(megabytes=needed / 1e6)


@contextmanager
def _parts(job: SaveJob) -> Iterator[list[bytes | bytearray | memoryview]]:
    if job.fd is None:
        yield [job.data]
        return
    with mmap.mmap(job.fd, job.length, prot=mmap.PROT_READ) as memory, memoryview(memory) as whole:
        end = _header_length(whole) if job.duplicate and job.suffix == ".fits" else 0
        head = mark_duplicate(bytes(whole[:end]))
        with whole[end:] as rest:
            yield [head, rest] if head else [rest]


def _header_length(whole: memoryview) -> int:
    for end in range(_BLOCK, min(len(whole), 100 * _BLOCK) + 1, _BLOCK):
        block = bytes(whole[end - _BLOCK : end])
        if any(block[at : at + _CARD].rstrip() == b"END" for at in range(0, _BLOCK, _CARD)):
            return end
    return 0


class Disk(Jobs[SaveJob]):
    """Writes frames."""

    def __init__(self, report: Callable[[SaveResult], None]) -> None:
        super().__init__()
        self._report = report

    def _do(self, job: SaveJob) -> None:
        try:
            result = save_now(job)
        except (OSError, SonyError, ValueError, MemoryError) as error:
            result = SaveResult(job.frame_id, "", str(error) or type(error).__name__)
        self._report(result)


def own_folder(folder: Path) -> None:
    """Make a folder for this user alone, where anybody can make some. `NotWritable`, `NoFolder` or `DiskFull`.

    A folder of that name that is a link, or belongs to somebody else, is not used.
    """
    try:
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        found = folder.lstat()
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(texts.frames.NO_SPACE, path=folder) from error
        raise NoFolder(texts.frames.FOLDER_MISSING, path=folder, reason=error.strerror) from error
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise NotWritable(texts.frames.FOREIGN_FOLDER, path=folder)


def is_own(folder: Path) -> bool:
    """Whether it is there, and this user's: others can make one where everybody may."""
    with suppress(OSError):
        return folder.lstat().st_uid == os.getuid()
    return False
