"""Makes the page of a night (does I/O: reads the record and pictures, looks at frames, writes one file).

Rules kept here:

- Frames that were not looked at in the night, and still lie where they were saved, are looked at now. What is seen then
  goes into the record, so that it is done once.
- Frames that went to a client alone are found by their number (FRAMESER) in the folders that are named.
- The page appears under its name only when it is whole.
"""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path

from indi_sony_py.cli.page.sheet import MOST_CARDS, page
from indi_sony_py.cli.page.story import Frame, Night, tell
from indi_sony_py.errors import BadData
from indi_sony_py.hand.nights import Nights, nights, read_night
from indi_sony_py.texts import tool

__all__ = ["latest", "look", "make", "missing", "night_of"]

_MOST_PICTURE = 400_000
_MOST_FILES = 20_000
_HEAD = 200 * 2880
_LOOKABLE = (".fits", ".xisf", ".arw")


def latest(folder: Path) -> str:
    """The newest night that there is a record of; "" if there is none."""
    found = nights(folder)
    return found[-1] if found else ""


def night_of(folder: Path, date: str, others: Iterable[Path] = ()) -> Night:
    """The story of a night. `others`: folders in which frames of it may lie that went to a client."""
    night = tell(date, read_night(folder, date))
    wanted = {frame.exposure for frame in night.frames if not frame.path and frame.exposure > 0}
    found = _by_number(others, wanted) if wanted else {}
    frames = tuple(
        replace(frame, path=str(found[frame.exposure])) if frame.exposure in found and not frame.path else frame
        for frame in night.frames
    )
    return replace(night, frames=frames)


def missing(night: Night) -> list[Frame]:
    """The frames that nobody has looked at, and that are there to be looked at."""
    return [
        frame
        for frame in night.frames
        if frame.glance is None and frame.path.lower().endswith(_LOOKABLE) and Path(frame.path).is_file()
    ]  # fmt: skip


def look(folder: Path, frame: Frame) -> None:
    """Look at a frame now, and put what is seen into the record of its night."""
    from indi_sony_py.hand.looker import LookJob
    from indi_sony_py.hand.lookprocess import look_here

    kept = Nights(folder, frame.camera)
    picture = kept.picture(frame.at, abs(frame.exposure))
    stars = frame.type in ("Light", "")
    try:
        seen = look_here(LookJob(frame.exposure, path=frame.path, stars=stars, picture=str(picture or "")))
    except OSError:
        return
    told = asdict(seen)
    kept.write(frame.at, "looked", {"exposure": told.pop("exposure_id")} | told)


def make(night: Night, target: Path) -> int:
    """Write the page; its length in bytes. Raises `OSError`."""
    pictures = {}
    for frame in night.frames[-MOST_CARDS:]:
        path = Path(frame.picture) if frame.picture else None
        if path is not None and path.suffix in (".jpg", ".png"):
            with suppress(OSError), path.open("rb") as file:
                pictures[frame.picture] = file.read(_MOST_PICTURE)
    # The name of a file may hold what is no text.
    data = page(night, pictures).encode(errors="backslashreplace")
    target = target.resolve()
    if target.exists() and not target.is_file():
        # A device would be replaced by the page.
        raise FileExistsError(errno.EEXIST, tool.NOT_A_FILE())
    handle, fresh = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with open(handle, "wb") as file:
            file.write(data)
        os.chmod(fresh, 0o644)
        os.replace(fresh, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(fresh)
        raise
    return len(data)


def _by_number(folders: Iterable[Path], wanted: set[int]) -> dict[int, Path]:
    from indi_sony_py.image.pixels import read_cards

    found: dict[int, Path] = {}
    for path in _files(folders):
        with suppress(OSError, BadData, ValueError):
            with path.open("rb") as file:
                number = int(read_cards(memoryview(file.read(_HEAD))).get("FRAMESER", ""))
            if number in wanted:
                found.setdefault(number, path)
    return found


def _files(folders: Iterable[Path]) -> Iterator[Path]:
    left = _MOST_FILES
    for folder in folders:
        for base, _, names in os.walk(folder):
            for name in sorted(names):
                if name.lower().endswith((".fits", ".fit")) and left > 0:
                    left -= 1
                    yield Path(base) / name
