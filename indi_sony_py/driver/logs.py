"""Where the log goes (does I/O: standard error, a file): short lines to the server, more when DEBUG is on.

- Standard error gets warnings and errors, with DEBUG also information; no time stamp, the server adds its own. One
  line each: an exception is told by its place, its traceback is in the file.
- DEBUG_LEVEL chooses what goes to the client, LOGGING_LEVEL what goes to the file, LOG_OUTPUT which of the two
  there is.
- Messages that the driver says to users go to them by themselves, not by the log.
- The file never grows beyond `MAX_BYTES`; the one before it is kept beside it. A link to it stands where libindi's
  drivers have theirs, for users and programs that look there: ~/.indi/logs/DATE/indi_sony_py/indi_sony_py_TIME.log.
- What somebody else wrote is shown without control characters: no line that looks like ours, no order to a terminal.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from indi_sony_py import texts
from indi_sony_py.driver.board import Board
from indi_sony_py.indi.process import Stderr
from indi_sony_py.indi.text import clean

__all__ = ["MAX_BYTES", "LogLine", "Logs"]

MAX_BYTES = 4 << 20
_WORDS = {"ERROR": logging.ERROR, "WARNING": logging.WARNING, "SESSION": logging.INFO, "DEBUG": logging.DEBUG}
_SAID_ALREADY = "indi_sony_py.driver.board"
_package = logging.getLogger("indi_sony_py")


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line of the log that the user wants to see at the client. `level` is the tag's word."""

    level: str
    text: str


class _OneLine(logging.Formatter):
    """The message, and where an exception came from, innermost first."""

    def format(self, record: logging.LogRecord) -> str:
        text = record.getMessage()
        if record.exc_info and record.exc_info[1] is not None:
            error = record.exc_info[1]
            text += f": {type(error).__name__}: {error} [{_places(error.__traceback__)}]"
        return clean(text.replace("\n", " "))


def _places(trace: TracebackType | None) -> str:
    found = []
    while trace is not None:
        found.append(f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}")
        trace = trace.tb_next
    return " < ".join(reversed(found))


class _Plain(logging.Formatter):
    """A line for the file; the lines of a traceback stay lines, those in a message do not."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        return clean(super().formatMessage(record).replace("\n", " "))


class _ToClient(logging.Handler):
    def __init__(self, post: Callable[[LogLine], None]) -> None:
        super().__init__()
        self._post = post

    def emit(self, record: logging.LogRecord) -> None:
        self._post(LogLine("DEBUG" if record.levelno < logging.WARNING else record.levelname, record.getMessage()))


def _link_for_others(path: Path) -> None:
    """The form is that of libindi's `indilogger.cpp`. A convenience: without it the log is where the message says."""
    day, moment = time.strftime("%Y-%m-%d %H:%M:%S").split()
    folder = Path(os.path.expanduser("~"), ".indi", "logs", day, "indi_sony_py")
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"indi_sony_py_{moment}.log").symlink_to(path)


class Logs:
    """Of the process: the device whose DEBUG was changed last decides."""

    def __init__(self, post: Callable[[LogLine], None], state: Path, stderr: Stderr | None = None) -> None:
        self._state = state
        self._client = _ToClient(post)
        self._stderr = logging.StreamHandler(stderr or Stderr())
        self._stderr.setFormatter(_OneLine())
        self._file: logging.Handler | None = None
        self._stderr.setLevel(logging.WARNING)
        _package.addHandler(self._stderr)
        _package.setLevel(logging.INFO)
        _package.propagate = False

    def apply(self, board: Board) -> None:
        """What the vectors of a device say now."""
        debug = board["DEBUG"].chosen() == "ENABLE"
        output = board["LOG_OUTPUT"].values
        _package.setLevel(logging.DEBUG if debug else logging.INFO)
        self._stderr.setLevel(logging.INFO if debug else logging.WARNING)
        self._set(self._client, debug and output["CLIENT_DEBUG"] is True, board["DEBUG_LEVEL"].values)
        to_file = debug and output["FILE_DEBUG"] is True
        if to_file and self._file is None:
            self._file = self._open(board)
        if self._file is not None:
            self._set(self._file, to_file, board["LOGGING_LEVEL"].values)

    def close(self) -> None:
        for handler in (self._client, self._stderr, self._file):
            if handler is not None:
                _package.removeHandler(handler)
                handler.close()

    def _set(self, handler: logging.Handler, on: bool, chosen: Mapping[str, object]) -> None:
        levels = {_WORDS[name.split("_", 1)[1]] for name, value in chosen.items() if value is True}
        handler.filters = [lambda r: r.levelno in levels and (handler is not self._client or r.name != _SAID_ALREADY)]
        _package.removeHandler(handler)
        if on:
            _package.addHandler(handler)

    def _open(self, board: Board) -> logging.Handler | None:
        from logging.handlers import RotatingFileHandler  # not at the start: it brings sockets and queues along

        path = self._state / "driver.log"
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handler = RotatingFileHandler(path, maxBytes=MAX_BYTES, backupCount=1, encoding="utf-8")
            if path.stat().st_size > MAX_BYTES:
                handler.doRollover()
        except OSError as error:
            board.notice(texts.driver.NO_LOG_FILE, reason=error.strerror or error, path=path)
            return None
        board.notice(texts.driver.LOG_FILE, path=path)
        _link_for_others(path)
        handler.setFormatter(_Plain("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        return handler
