"""What a hand leaves behind for the next one, should it die with the shutter open (does I/O: one small file a camera).

Rules kept here:

- Written before an exposure is handed to the engine, completed when the shutter opened, removed when its image came or
  none can come: so a file that is found means that an earlier hand did not finish.
- The next hand connects at once, releases the buttons first, and waits for the image that is owed.
- A camera that was plugged in at another place is another hand's: that one takes the marker over by the serial number.
- Where its folder cannot be written, another one is used. A marker that cannot be written at all is logged and nothing
  more: an exposure is not refused for it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from indi_sony_py.engine.messages import ExposureRequest, Identity, Shot, ShutterMode
from indi_sony_py.errors import BadData, DiskError
from indi_sony_py.hand.codec import MAX_FRAME, dump, load, parse
from indi_sony_py.hand.disk import is_own, own_folder
from indi_sony_py.hand.smallfile import replace_file

__all__ = ["Mark", "Marker", "boot_id"]


@dataclass(frozen=True, slots=True)
class Mark:
    """An exposure that was begun. `mode` is None until the shutter opened; `boot` tells whose monotonic time it is.

    `by`: the camera, as far as it is known.
    """

    request: ExposureRequest
    force_200: bool
    boot: str
    mode: ShutterMode | None = None
    pressed_at: float = 0.0
    pressed_utc: str = ""
    duration_s: float = 0.0
    by: Identity = field(default_factory=Identity)

    def owed(self, boot: str, now: float) -> Shot | None:
        """The shot whose image may still come, None if the shutter never opened. After a new boot: pressed now."""
        if self.mode is None:
            return None
        timed = self.mode is ShutterMode.TIMED
        at = self.pressed_at if boot == self.boot else now
        return Shot(self.request, self.mode, self.duration_s if timed else None, at, self.pressed_utc)


class Marker:
    """The file at `path`. `spare`: folders for it, made where everybody may, while that of `path` cannot be written.

    A disk that became read-only keeps the marker of an exposure that is long over: what is in a spare folder is newer.
    """

    def __init__(self, path: Path, spare: Sequence[Path] = ()) -> None:
        self._spare = spare
        self._paths = (path, *(folder / path.name for folder in spare))

    def write(self, mark: Mark) -> None:
        """Put `mark` in the place of what was there. Raises the first folder's `OSError` when none takes it."""
        fault: OSError | None = None
        for path in self._paths:
            try:
                if path is not self._paths[0]:
                    own_folder(path.parent)
                replace_file(path, json.dumps(dump(mark)))
            except OSError as error:
                fault = fault or error
            except DiskError:
                pass
            else:
                self._unlink(each for each in self._readable() if each != path)
                return
        assert fault is not None
        raise fault

    def read(self) -> Mark | None:
        """What an earlier hand left, or None. A file that cannot be read counts as None and is put aside."""
        return next((mark for path in self._readable() if (mark := _read(path)) is not None), None)

    def take_over(self, serial: str) -> Mark | None:
        """What another hand left of this camera, when its shutter had opened; that hand's marker is gone then."""
        folders = [path.parent for path in self._readable()]
        try:
            names = {path.name for folder in folders for path in folder.glob("open-*.json")} - {self._paths[0].name}
        except OSError:
            return None
        for name in sorted(names) if serial else ():
            other = Marker(self._paths[0].with_name(name), self._spare)
            mark = other.read()
            if mark is not None and mark.by.serial == serial and mark.mode is not None:
                other.remove()
                return mark
        return None

    def remove(self) -> None:
        """Nothing is owed any more."""
        if not self._unlink(self._readable()) and (left := self.read()) is not None and left.mode is not None:
            with suppress(OSError):
                self.write(replace(left, mode=None))

    def _readable(self) -> list[Path]:
        """Newest first."""
        return [path for path in self._paths[:0:-1] if is_own(path.parent)] + [self._paths[0]]

    @staticmethod
    def _unlink(paths: Iterable[Path]) -> bool:
        """Whether they are gone."""
        gone = True
        for path in paths:
            try:
                path.unlink(missing_ok=True)
            except OSError:
                gone = False
        return gone


def _read(path: Path) -> Mark | None:
    try:
        with path.open("rb") as file:
            text = file.read(MAX_FRAME)
    except OSError:
        return None
    try:
        mark: Mark = load(Mark, parse(text))
    except BadData:
        with suppress(OSError):
            path.replace(path.with_suffix(".unreadable"))
        return None
    return mark


def boot_id() -> str:
    """A text that is another one after each start of the machine; "" where the kernel does not tell."""
    with suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return ""
