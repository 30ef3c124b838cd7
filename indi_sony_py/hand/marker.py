"""What a hand leaves behind for the next one, should it die with the shutter open (does I/O: one small file a camera).

Rules kept here:

- Written before an exposure is handed to the engine, completed when the shutter opened, removed when its image came or
  none can come: so a file that is found means that an earlier hand did not finish.
- The next hand connects at once, releases the buttons first, and waits for the image that is owed.
- A camera that was plugged in at another place is another hand's: that one takes the marker over by the serial number.
- A marker that cannot be written is logged and nothing more: an exposure is not refused for it.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from indi_sony_py.engine.messages import ExposureRequest, Identity, Shot, ShutterMode
from indi_sony_py.errors import BadData
from indi_sony_py.hand.codec import MAX_FRAME, dump, load, parse
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
    """The file at `path`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def write(self, mark: Mark) -> None:
        """Put `mark` in the place of what was there. Raises `OSError`."""
        replace_file(self._path, json.dumps(dump(mark)))

    def read(self) -> Mark | None:
        """What an earlier hand left, or None. A file that cannot be read counts as None and is put aside."""
        try:
            with self._path.open("rb") as file:
                text = file.read(MAX_FRAME)
        except OSError:
            return None
        try:
            mark: Mark = load(Mark, parse(text))
        except BadData:
            with suppress(OSError):
                self._path.replace(self._path.with_suffix(".unreadable"))
            return None
        return mark

    def take_over(self, serial: str) -> Mark | None:
        """What another hand left of this camera, when its shutter had opened; that hand's marker is gone then."""
        try:
            others = [path for path in sorted(self._path.parent.glob("open-*.json")) if path != self._path]
        except OSError:
            return None
        for path in others if serial else ():
            other = Marker(path)
            mark = other.read()
            if mark is not None and mark.by.serial == serial and mark.mode is not None:
                other.remove()
                return mark
        return None

    def remove(self) -> None:
        with suppress(OSError):
            self._path.unlink()


def boot_id() -> str:
    """A text that is another one after each start of the machine; "" where the kernel does not tell."""
    with suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return ""
