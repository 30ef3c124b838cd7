"""What the user chose for one device: the board, and the file that keeps it (does I/O: the config).

Light: it answers the first getProperties before anything that belongs to a camera is imported.

- The first getProperties reads what the config holds for the start, without a word, then makes the device known.
- CONFIG_PROCESS writes and reads the file; a row with `autosave` is written when it changes.
- Nothing in a file can stop the driver: what cannot be used is left out, and named.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping

from indi_sony_py import __version__, texts
from indi_sony_py.driver.board import Board
from indi_sony_py.driver.config import ConfigFile, new_vector_of, path_for
from indi_sony_py.driver.properties import FIRST_ONLY, TABLE
from indi_sony_py.driver.row import Row, Write
from indi_sony_py.indi.messages import Kind, NewVector
from indi_sony_py.indi.text import clean, cut
from indi_sony_py.indi.vectors import Accepted, Dropped, Refused, Utc

__all__ = ["FAMILY", "Choices", "first_name"]

FAMILY = "Sony Alpha"
_NAMED = 20
_log = logging.getLogger(__name__)


def first_name(environment: Mapping[str, str]) -> str:
    """The name of the device that always exists: what INDIDEV says, as far as a name can."""
    return cut(clean(environment.get("INDIDEV", ""))).strip() or FAMILY


class Choices:
    """Of one device; one thread. `first`: of the device that always exists. `out` takes elements to be written."""

    def __init__(
        self, device: str, first: bool, environment: Mapping[str, str], utc: Utc, out: Callable[[bytes], None]
    ) -> None:
        rows = TABLE if first else tuple(row for row in TABLE if row.name not in FIRST_ONLY)
        self.device = device
        self._rows = {row.name: row for row in rows}
        self.board = Board(device, utc, out, rows)
        self.config = ConfigFile(path_for(device, first, environment))
        self.introduced = False
        home = environment.get("HOME") or os.path.expanduser("~")
        self.board.commit("UPLOAD_SETTINGS", {"UPLOAD_DIR": home})
        self.board.commit("RECORD_FILE", {"RECORD_FILE_DIR": f"{home}/indi__D_"})
        self.board.commit("DRIVER_INFO", {"DRIVER_VERSION": __version__})

    def introduce(self) -> None:
        """Make the device known, with what its config holds for the start."""
        self.introduced = True
        try:
            self._load(early=True)
        except FileNotFoundError:
            pass
        except OSError as error:
            _log.warning("%s: %s", self.config.path, error)
        self.board.show_always()
        self.show_debug()

    def show_debug(self) -> None:
        """The vectors that belong to DEBUG."""
        on = self.board["DEBUG"].chosen() == "ENABLE"
        for each in self._rows.values():
            if each.write is Write.LOGGING:
                self.board.show(each.name) if on else self.board.hide(each.name)

    def changed(self, row: Row) -> None:
        """Write one vector to the file, if its row says so."""
        if not row.autosave:
            return
        try:
            self.config.save_one(new_vector_of(self.board[row.name]), self.device)
        except OSError as error:
            _log.warning("%s: %s is not saved: %s", self.device, row.name, error)

    def configure(self, element: str, write: Callable[[NewVector], str]) -> bool:
        """CONFIG_PROCESS; True if it was done. `write` is a client's write: it returns "" or why not."""
        board = self.board
        try:
            match element:
                case "CONFIG_SAVE":
                    board.notice(texts.config.SAVING)
                    saved = (row for row in self._rows.values() if row.saved and self._worth_saving(row))
                    self.config.save([new_vector_of(board[row.name]) for row in saved])
                    board.notice(texts.config.SAVED)
                case "CONFIG_PURGE":
                    self.config.purge()
                    board.notice(texts.config.DELETED)
                case _:
                    return self._load_all(element == "CONFIG_DEFAULT", write)
        except OSError as error:
            board.notice(texts.config.UNUSABLE, path=self.config.path, reason=error.strerror or error)
            return False
        return True

    def _load_all(self, default: bool, write: Callable[[NewVector], str]) -> bool:
        self.board.notice(texts.config.LOADING)
        try:
            self._load(default=default, write=write)
        except FileNotFoundError:
            self.board.notice(texts.config.NOT_SAVED_YET)
            return False
        self.board.notice(texts.config.APPLIED)
        return True

    def _worth_saving(self, row: Row) -> bool:
        if not row.setting:
            return True
        has_value = row.vector.kind is not Kind.SWITCH or self.board[row.name].chosen() is not None
        return self.board.shows(row.name) and has_value

    def _load(
        self, early: bool = False, default: bool = False, write: Callable[[NewVector], str] | None = None
    ) -> None:
        """Apply the file. `early`: only what belongs to the start. OSError if it cannot be read."""
        entries, left_out = self.config.read(self.device, default)
        for entry in entries:
            row = self._rows.get(entry.name)
            if row is None or not row.saved:
                left_out.append(texts.config.NOT_KEPT(name=entry.name))
            elif early and not row.early:
                continue
            elif row.setting and not self.board.shows(row.name):
                if any(other.setting == row.setting and self.board.shows(other.name) for other in self._rows.values()):
                    continue
                left_out.append(texts.config.NOT_CONNECTED(name=entry.name))
            elif reason := self._apply(entry, write):
                left_out.append(texts.config.REFUSED(name=entry.name, reason=reason))
        if left_out:
            named = "; ".join(left_out[:_NAMED])
            if early:
                _log.warning("%s", texts.config.LEFT_OUT(path=self.config.path, entries=named))
            else:
                self.board.notice(texts.config.LEFT_OUT, path=self.config.path, entries=named)

    def _apply(self, entry: NewVector, write: Callable[[NewVector], str] | None) -> str:
        """Through the client's way where a client sees it; quietly before."""
        if write is not None and self.board.shows(entry.name):
            return write(entry)
        match self.board[entry.name].apply(entry):
            case Accepted(values=values):
                if why := self._rows[entry.name].unfit(values):
                    return why
                self.board.commit(entry.name, values)
                return ""
            case Refused(text=text):
                return text
            case Dropped(reason=reason):
                return reason
