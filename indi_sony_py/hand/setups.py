"""What was changed on a camera and is to be put back, kept over a crash, a cable, another port (does I/O: small files).

Rules kept here:

- One file a camera, named after its serial number; a camera without one (a number of zeros is none) has its place's.
- It is written before the hand goes on, and removed when there is nothing left to put back.
- A file that cannot be written is logged and nothing more; one that cannot be read is put aside.
"""

from __future__ import annotations

import json
import logging
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from indi_sony_py.engine.messages import Changed, Identity
from indi_sony_py.errors import BadData
from indi_sony_py.hand.codec import MAX_FRAME, dump, load, parse
from indi_sony_py.hand.places import safe_name
from indi_sony_py.hand.smallfile import replace_file

__all__ = ["Setups"]

_BY_SERIAL, _BY_PLACE = "setup-camera-", "setup-place-"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Kept:
    changed: tuple[Changed, ...]


class Setups:
    """Files in the folder `state`; `key` is the camera's place."""

    def __init__(self, state: Path, key: str) -> None:
        self._state = state
        self._place = state / f"{_BY_PLACE}{safe_name(key)}.json"

    def read(self) -> tuple[Changed, ...]:
        """All that may be of the camera at this place: the engine knows which of it is, by model and serial number."""
        found: list[Changed] = []
        paths = [self._place]
        with suppress(OSError):
            paths += sorted(self._state.glob(f"{_BY_SERIAL}*.json"))
        for path in paths:
            found += self._read(path)
        return tuple(found)

    def keep(self, identity: Identity, changed: tuple[Changed, ...]) -> None:
        """In the place of what was kept for this camera."""
        path = self._place
        if identity.serial:
            path = self._state / f"{_BY_SERIAL}{safe_name(identity.serial)}.json"
        try:
            if changed:
                replace_file(path, json.dumps(dump(_Kept(changed))))
            else:
                path.unlink(missing_ok=True)
        except OSError as error:
            _log.error("what is to be put back on the camera cannot be written down: %s", error)

    @staticmethod
    def _read(path: Path) -> tuple[Changed, ...]:
        try:
            with path.open("rb") as file:
                text = file.read(MAX_FRAME)
            kept: _Kept = load(_Kept, parse(text))
        except OSError:
            return ()
        except BadData:
            with suppress(OSError):
                path.replace(path.with_suffix(".unreadable"))
            return ()
        return kept.changed
