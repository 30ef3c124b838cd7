"""The journal of frames that lie on disk because something went wrong (does I/O: files, appended to and locked).

`$XDG_STATE_HOME/indi_sony_py/rescued.jsonl`, one JSON object a line:

    {"frame": {"id": "…", "path": "…", "device": "…", …}}      a frame that was saved
    {"announced": "…"}                                          the user was told of the frame with this id

Rules kept here:

- A line is written under a lock, and synced: a frame that was saved is not forgotten by a crash.
- Where the first file cannot be written (the disk is full), another one is; all of them are read.
- Only files of this user are read or written: some of the folders are open to everybody.
- A line that is cut off or cannot be read is passed over, and never swallows the one after it.
- Bounded: above `MAX_BYTES` the file is written anew with the last `KEEP` frames, those not announced first.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from indi_sony_py import texts
from indi_sony_py.errors import BadData
from indi_sony_py.hand.codec import dump, load, parse

__all__ = ["KEEP", "MAX_BYTES", "Entry", "Journal"]

KEEP = 200
MAX_BYTES = 1 << 18
_MAX_READ = 4 << 20


@dataclass(frozen=True, slots=True)
class Entry:
    """A rescued frame. `taken` is the UTC of the press, `saved` that of the file, both ISO 8601; `size` in bytes.

    `exposure_s` is the time asked for, 0 when nobody asked. `why` is for the user.
    """

    path: str
    device: str
    model: str
    taken: str
    saved: str
    exposure_id: int | None
    exposure_s: float
    size: int
    why: str
    id: str = field(default_factory=lambda: os.urandom(8).hex())

    @property
    def text(self) -> str:
        """One sentence for a user."""
        when = (self.taken or self.saved).replace("T", " ")[:19]
        if self.exposure_s:
            return texts.frames.RESCUED_FRAME(seconds=self.exposure_s, when=when, path=self.path, why=self.why)
        return texts.frames.RESCUED_IMAGE(when=when, path=self.path, why=self.why)


class Journal:
    """The files at `paths`, best first. Several processes may use them at the same time.

    Raises `OSError` only from `add`.
    """

    def __init__(self, *paths: Path) -> None:
        self._files = tuple(_File(path) for path in paths)

    def add(self, entry: Entry) -> None:
        """Append a frame to the first file that takes it. Raises the first file's `OSError` if none does."""
        fault: OSError = FileNotFoundError("no journal")
        for number, file in enumerate(self._files):
            try:
                return file.append([{"frame": dump(entry)}])
            except OSError as error:
                fault = fault if number else error
        raise fault

    def mark(self, ids: Iterable[str]) -> None:
        """Note that the user was told of these. A journal that cannot be written tells a user twice, no more."""
        wanted = set(ids)
        for file in self._files:
            here = wanted & {entry.id for entry in file.read()[0]} if wanted else set()
            if here:
                with suppress(OSError):
                    file.append([{"announced": known} for known in sorted(here)])

    def unannounced(self) -> list[Entry]:
        """The frames that no user was told of, oldest first."""
        found = []
        for file in self._files:
            frames, told = file.read()
            found += [entry for entry in frames if entry.id not in told]
        return sorted(found, key=lambda entry: entry.saved)

    def entries(self) -> list[Entry]:
        """All frames that the journal still knows, oldest first."""
        return sorted((entry for file in self._files for entry in file.read()[0]), key=lambda entry: entry.saved)


class _File:
    """One file of a journal."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> tuple[list[Entry], set[str]]:
        """Frames, and the ids of those that were announced; nothing from a file that is not ours."""
        try:
            # Others can make a folder of this name where everybody may: no link is followed, no pipe is waited for.
            descriptor = os.open(self._path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
            with open(descriptor, "rb") as file:
                found = os.fstat(descriptor)
                if found.st_uid != os.getuid() or not stat.S_ISREG(found.st_mode):
                    return [], set()
                size = min(found.st_size, _MAX_READ)
                file.seek(found.st_size - size)
                lines = file.read(size).splitlines()
        except OSError:
            return [], set()
        frames: dict[str, Entry] = {}
        told: set[str] = set()
        for line in lines:
            with suppress(BadData):
                tree = parse(line)
                if not isinstance(tree, dict):
                    continue
                if isinstance(known := tree.get("announced"), str):
                    told.add(known)
                elif "frame" in tree:
                    entry: Entry = load(Entry, tree["frame"])
                    frames[entry.id] = entry
        return list(frames.values()), told

    def append(self, trees: Sequence[Mapping[str, object]]) -> None:
        """Write one line for each of `trees`. Raises `OSError`."""
        text = "".join(json.dumps(tree, separators=(",", ":")) + "\n" for tree in trees).encode()
        with self._locked():
            if self._size() + len(text) > MAX_BYTES:
                self._compact()
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            try:
                end = os.fstat(descriptor).st_size
                if end and os.pread(descriptor, 1, end - 1) != b"\n":
                    text = b"\n" + text
                while text:
                    text = text[os.write(descriptor, text) :]
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    def _compact(self) -> None:
        frames, told = self.read()
        kept = sorted(frames, key=lambda entry: entry.id not in told)[-KEEP:]
        keep = {entry.id for entry in kept}
        lines = [json.dumps({"frame": dump(entry)}) for entry in frames if entry.id in keep]
        lines += [json.dumps({"announced": known}) for known in sorted(told & keep)]
        fresh = self._path.with_suffix(".new")
        with fresh.open("w") as file:
            file.write("".join(f"{line}\n" for line in lines))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)

    def _size(self) -> int:
        with suppress(OSError):
            return self._path.stat().st_size
        return 0

    @contextmanager
    def _locked(self) -> Iterator[None]:
        folder = self._path.parent
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if folder.lstat().st_uid != os.getuid():
            raise PermissionError(errno.EPERM, f"{folder} belongs to somebody else")
        lock = os.open(self._path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)
