"""The tables of lenses, kept by the lens' name (does I/O: one small file).

Rules kept here:

- The file is replaced as a whole, so that a crash leaves the old one or the new one.
- A file that cannot be written is logged and nothing more; one that cannot be read is put aside, and all is unknown.
- A table that no lens can have is passed over.
- A lens without a name has no entry: the next one without a name may be another lens.
"""

from __future__ import annotations

import json
import logging
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from indi_sony_py.engine.focustable import LensTable, unusable
from indi_sony_py.errors import BadData
from indi_sony_py.hand.codec import MAX_FRAME, dump, load, parse
from indi_sony_py.hand.smallfile import replace_file

__all__ = ["Lenses"]

_NAME = "lenses.json"
_MOST = 200
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Kept:
    lenses: tuple[LensTable, ...]


class Lenses:
    """The file in the folder `state`: one for all cameras, for a lens goes from one to the other."""

    def __init__(self, state: Path) -> None:
        self._path = state / _NAME

    def read(self) -> tuple[LensTable, ...]:
        """All that were kept, the newest first."""
        try:
            with self._path.open("rb") as file:
                kept: _Kept = load(_Kept, parse(file.read(MAX_FRAME)))
        except OSError:
            return ()
        except BadData as error:
            _log.error("%s cannot be read and is put aside: %s", self._path.name, error)
            with suppress(OSError):
                self._path.replace(self._path.with_suffix(".unreadable"))
            return ()
        return tuple(table for table in kept.lenses if not unusable(table))

    def keep(self, table: LensTable) -> None:
        """In the place of what was kept of this lens."""
        if not table.name:
            return
        others = tuple(known for known in self.read() if known.name != table.name)
        try:
            replace_file(self._path, json.dumps(dump(_Kept((table, *others)[:_MOST]))))
        except OSError as error:
            _log.error("the table of %s cannot be written down: %s", table.name, error)
