"""Frames on disk (this module does I/O): names, folders, and files that are whole or not there.

Rules kept here:

- A file appears under its name only when all of it is on the disk: written beside it, synced, then linked.
- No file is ever overwritten: with XXX in the prefix the next free index is taken, without it a suffix `_1`, `_2` …
- A name from a client or a camera never leaves the folder; sub-folders below it are made, at most `MOST_FOLDERS`.
- An error of the system becomes a `DiskFull`, `NotWritable` or `NoFolder`, once, here.

Source of the names: INDI `indiccd.cpp` (ISO8601 in local time, XXX with three digits, the index one above the largest).
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from indi_sony_py import texts
from indi_sony_py.errors import DiskError, DiskFull, NoFolder, NotWritable

__all__ = ["MOST_FOLDERS", "Saved", "create", "fallback_folder", "save", "save_somewhere", "translated"]

Buffer = bytes | bytearray | memoryview

MOST_FOLDERS = 64
"""So many folders are made for a frame, one in the other: a path of thousands exhausts the interpreter's stack."""
_MOST_TRIES = 10000
_LONGEST_NAME = 240
_WRITE_BYTES = 8 << 20


@dataclass(frozen=True, slots=True)
class Saved:
    """Where a frame went; `reason` says why it is not where it was asked for (else empty)."""

    path: Path
    reason: str = ""


def fallback_folder(environment: Mapping[str, str] | None = None) -> Path:
    """Where frames go that have no other place: `$XDG_DATA_HOME/indi_sony_py/frames`."""
    known = os.environ if environment is None else environment
    base = known.get("XDG_DATA_HOME", "")
    if not base.startswith("/"):
        base = os.path.join(known.get("HOME") or os.path.expanduser("~"), ".local/share")
    return Path(base) / "indi_sony_py" / "frames"


def save(parts: Iterable[Buffer], folder: str | Path, prefix: str, suffix: str, local: datetime) -> Path:
    """Write `parts`, one after the other, below `folder`; give back the path.

    `prefix` may hold ISO8601 (becomes `local`), XXX (an index) and sub-folders; `suffix` is ".fits" and alike. Raises
    `DiskFull`, `NotWritable` or `NoFolder`.
    """
    pieces = [memoryview(part).cast("B") for part in parts]
    needed = sum(len(piece) for piece in pieces)
    base = Path(os.path.expanduser(str(folder))).absolute()
    stem = _stem(prefix, local)
    home = base.joinpath(*stem[:-1])
    _make_folder(home)
    temporary = _write_beside(home, pieces, needed)
    try:
        return _link(temporary, home, stem[-1], prefix, suffix)
    finally:
        with suppress(OSError):
            os.unlink(temporary)


def save_somewhere(
    parts: Iterable[Buffer],
    folder: str | Path,
    prefix: str,
    suffix: str,
    local: datetime,
    fallback: Path | None = None,
) -> Saved:
    """As `save`; where that fails, into the fall-back folder. Raises the first error if that fails too."""
    kept = list(parts)
    try:
        return Saved(save(kept, folder, prefix, suffix, local))
    except DiskError as fault:
        name = re.sub(r"[^A-Za-z0-9._-]", "_", prefix.rsplit("/", 1)[-1]) or "IMAGE_XXX"
        try:
            return Saved(save(kept, fallback or fallback_folder(), name, suffix, local), str(fault))
        except DiskError:
            raise fault from None


def create(folder: str | Path, name: str, suffix: str) -> tuple[int, Path]:
    """A new, empty file `name` in `folder`, for what grows: its descriptor and its path. A name that is taken gets
    `_1`, `_2` … Raises `DiskFull`, `NotWritable` or `NoFolder`.
    """
    home = Path(os.path.expanduser(str(folder))).absolute()
    stem = _stem(name.replace("/", "-"), datetime.min)[-1]
    _make_folder(home)
    for number in range(_MOST_TRIES):
        path = home / f"{_numbered(stem, number)}{suffix}"
        try:
            return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666), path
        except FileExistsError:
            continue
        except OSError as fault:
            raise translated(fault, path, 0) from fault
    raise NotWritable(texts.frames.NO_FREE_NAME, name=stem + suffix, path=home)


def _stem(prefix: str, local: datetime) -> list[str]:
    named = prefix.replace("ISO8601", local.strftime("%Y-%m-%dT%H-%M-%S"))
    named = "".join(character if character.isprintable() else "_" for character in named)
    if named.startswith("/"):
        raise NotWritable(texts.frames.NAME_IS_PATH, name=named)
    pieces = [piece for piece in named.split("/") if piece not in ("", ".")]
    if ".." in pieces:
        raise NotWritable(texts.frames.NAME_LEAVES, name=named)
    if not pieces or named.endswith("/"):
        pieces.append("IMAGE_XXX")
    if len(pieces) > MOST_FOLDERS:
        raise NotWritable(texts.frames.NAME_TOO_DEEP, name=named[:40], most=MOST_FOLDERS)
    return [piece.encode()[:_LONGEST_NAME].decode(errors="ignore") for piece in pieces]


def _make_folder(folder: Path) -> None:
    above = folder.parents[MOST_FOLDERS - 1 :]
    try:
        if above and not above[0].is_dir():
            raise NoFolder(texts.frames.FOLDER_TOO_DEEP, path=str(folder)[:80], most=MOST_FOLDERS)
        folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    except OSError as fault:
        raise translated(fault, folder, 0, making=True) from fault


def _write_beside(folder: Path, pieces: list[memoryview], needed: int) -> Path:
    descriptor = -1
    for number in range(_MOST_TRIES):
        temporary = folder / f".indi_sony_py.{os.getpid()}.{number}.part"
        try:
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
            break
        except FileExistsError:
            continue
        except OSError as fault:
            raise translated(fault, folder, needed) from fault
    else:
        raise NotWritable(texts.frames.FULL_OF_PARTS, path=folder)
    try:
        try:
            for piece in pieces:
                _write_all(descriptor, piece)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as fault:
        with suppress(OSError):
            os.unlink(temporary)
        raise translated(fault, folder, needed) from fault
    return temporary


def _write_all(descriptor: int, piece: memoryview) -> None:
    done = 0
    while done < len(piece):
        done += os.write(descriptor, piece[done : done + _WRITE_BYTES])


def _link(temporary: Path, folder: Path, stem: str, prefix: str, suffix: str) -> Path:
    index = _next_index(folder, prefix) if "XXX" in stem else 0
    for number in range(index, index + _MOST_TRIES):
        path = folder / f"{_numbered(stem, number)}{suffix}"
        try:
            _appear(temporary, path)
        except FileExistsError:
            continue
        except OSError as fault:
            raise translated(fault, path, 0) from fault
        _sync_folder(folder)
        return path
    raise NotWritable(texts.frames.NO_FREE_NAME, name=stem + suffix, path=folder)


def _numbered(stem: str, number: int) -> str:
    """The name with its number, never longer than a file system takes."""
    name = stem.replace("XXX", f"{number:03d}")
    if name != stem and len(name.encode()) <= _LONGEST_NAME:
        return name
    tail = f"_{number}" if number else ""
    return stem.encode()[: _LONGEST_NAME - len(tail)].decode(errors="ignore") + tail


def _appear(temporary: Path, path: Path) -> None:
    """Give the file its name, only if nothing has it."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise
    except OSError as fault:
        if fault.errno not in (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EINVAL):
            raise
        # A file system without links (FAT): take the name with an empty file, then put the whole one in its place.
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666))
        try:
            os.rename(temporary, path)
        except OSError:
            with suppress(OSError):
                os.unlink(path)
            raise


def _sync_folder(folder: Path) -> None:
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _next_index(folder: Path, prefix: str) -> int:
    part = re.sub("_?(ISO8601|XXX)", "", prefix.rsplit("/", 1)[-1])
    largest = 0
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if part not in entry.name or entry.name.startswith("."):
                continue
            number = re.search(r"(\d{1,9})(?=\.[^.]*$)", entry.name)
            if number is not None:
                largest = max(largest, int(number.group(1)))
    return largest + 1


def translated(fault: OSError, path: Path, needed: int = 0, making: bool = False) -> DiskError:
    """An error of the system in words. `needed`: so many bytes were to be written; `making`: a folder, to be made."""
    match fault.errno:
        case errno.ENOSPC | errno.EDQUOT | errno.EFBIG:
            if needed:
                return DiskFull(texts.frames.NO_SPACE_FOR, path=path, megabytes=needed / 1e6)
            return DiskFull(texts.frames.NO_SPACE, path=path)
        case errno.EACCES | errno.EPERM | errno.EROFS | errno.ENAMETOOLONG if not making:
            return NotWritable(texts.frames.NOT_WRITABLE, path=path, reason=fault.strerror)
        case errno.EACCES | errno.EPERM | errno.EROFS:
            return NotWritable(texts.frames.FOLDER_DENIED, path=path, reason=fault.strerror)
        case errno.ENOENT | errno.ENOTDIR | errno.EEXIST | errno.ELOOP | errno.ENAMETOOLONG:
            return NoFolder(texts.frames.FOLDER_MISSING, path=path, reason=fault.strerror)
        case _:
            return DiskError(texts.frames.NOT_WRITTEN, path=path, reason=fault.strerror or fault)
