"""The record of a night: what happened to frames and camera, line by line (does I/O: one short write a line).

`$XDG_STATE_HOME/indi_sony_py/nights/DATE.jsonl`, one JSON object a line; `DATE/` beside it has small pictures. A night
begins at noon, and DATE is the day of its evening, by the computer's local time. All cameras of a user share the file.

Rules kept here:

- A line is one write at the end of the file, so a process that dies leaves whole lines, and two never mix. Nothing is
  synced: if the machine fails, the last half minute may be missing, and no frame had to wait for a disk.
- A line that is cut off or cannot be read is passed over, and never swallows the one after it.
- Bounded: `MAX_BYTES` a night, with `RESERVE` more for what went wrong; `MAX_PICTURES` a night; `KEEP` nights.
- A record that cannot be written is logged once, and costs nothing else.
"""

from __future__ import annotations

import json
import logging
import os
import re
import shutil
import stat
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from indi_sony_py.errors import BadData
from indi_sony_py.hand.codec import parse

__all__ = ["FAULTS", "KEEP", "MAX_BYTES", "MAX_PICTURES", "RESERVE", "Nights", "nights", "read_night"]

MAX_BYTES = 6 << 20
RESERVE = 1 << 20
MAX_PICTURES = 600
KEEP = 30
FAULTS = frozenset(("failed", "told", "aborted", "camera"))
"""The kinds of lines that have the reserve."""

_LONGEST_TEXT = 600
_NAME = re.compile(r"\d{4}-\d\d-\d\d")
_NOON = timedelta(hours=12)
_log = logging.getLogger(__name__)


class Nights:
    """Writes for one camera. `folder` need not be there. Nothing here ever raises."""

    def __init__(self, folder: Path, camera: str) -> None:
        self._folder = folder
        self._camera = camera
        self._night = ""
        self._said = False

    def write(self, at: datetime, kind: str, fields: Mapping[str, object]) -> None:
        """Add a line: what happened at `at` (UTC, aware), with `fields` of plain values; None and "" are left out."""
        stamp = at.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
        kept = {name: _short(value) for name, value in fields.items() if value is not None and value != ""}
        line = {"at": stamp, "camera": self._camera, "kind": kind} | kept
        try:
            text = json.dumps(line, separators=(",", ":"), allow_nan=False).encode() + b"\n"
            self._append(_night_of(at), text, MAX_BYTES + (RESERVE if kind in FAULTS else 0))
        except (OSError, ValueError, TypeError) as error:
            if not self._said:
                self._said = True
                _log.warning("the record of the night cannot be written: %s", error)

    def picture(self, at: datetime, exposure_id: int) -> Path | None:
        """Where a small picture of a frame goes, without its ending; None where there are enough of them."""
        folder = self._folder / _night_of(at)
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            number = sum(1 for _ in os.scandir(folder))
        except OSError:
            return None
        return None if number >= MAX_PICTURES else folder / str(exposure_id)

    def _append(self, night: str, text: bytes, most: int) -> None:
        if night != self._night:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._forget_old(night)
            self._night = night
        path = self._folder / f"{night}.jsonl"
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            end = os.fstat(descriptor).st_size
            if end + len(text) > most:
                return
            if end and os.pread(descriptor, 1, end - 1) != b"\n":
                text = b"\n" + text
            os.write(descriptor, text)
        finally:
            os.close(descriptor)

    def _forget_old(self, night: str) -> None:
        """All but the newest nights, and `night` itself, go."""
        for name in [name for name in nights(self._folder) if name != night][: -(KEEP - 1)]:
            with suppress(OSError):
                (self._folder / f"{name}.jsonl").unlink()
            shutil.rmtree(self._folder / name, ignore_errors=True)


def nights(folder: Path) -> list[str]:
    """The nights that there are a record of, oldest first, as dates."""
    with suppress(OSError):
        return sorted(path.stem for path in folder.glob("*.jsonl") if _NAME.fullmatch(path.stem))
    return []


def read_night(folder: Path, night: str) -> list[dict[str, Any]]:
    """The lines of a night, in their order; none where there is no record. Each has "at", "camera" and "kind"."""
    if not _NAME.fullmatch(night):
        return []
    try:
        descriptor = os.open(folder / f"{night}.jsonl", os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        with open(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return []
            raw = file.read(MAX_BYTES + RESERVE)
    except OSError:
        return []
    found = []
    for text in raw.splitlines():
        with suppress(BadData):
            line = parse(text)
            if isinstance(line, dict) and all(isinstance(line.get(name), str) for name in ("at", "camera", "kind")):
                found.append(line)
    return found


def _night_of(at: datetime) -> str:
    return (at.astimezone() - _NOON).strftime("%Y-%m-%d")


def _short(value: object) -> object:
    return value[:_LONGEST_TEXT] if isinstance(value, str) else value
