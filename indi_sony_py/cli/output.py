"""What a command prints (does I/O: standard output and error): words for people, or one JSON object for scripts.

Rules kept here:

- A command says everything twice: `say`, `fact`, `table`, `mark` for people, `data` for scripts; `--json` chooses.
- With `--json` standard output holds one object on one line and nothing else; it is printed when the command is over (a
  camera that is simulated: when it listens), with `ok` and `status` as the exit status has it, and `error` where
  something failed.
- Plain text, made here: a library for it would be one more thing to install on a small computer, and to break at night.
- Where the output takes nothing more, the command is over (`Unread`), and its camera is put back as by any other end.
  Whoever read it through a pipe has seen enough; of a full disk it is told.
- What the output's encoding lacks is written as an escape, and JSON is ASCII: a path may hold any bytes.
- Progress goes to standard error, and only to a terminal. Colours go to a terminal, unless NO_COLOR is set.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
import textwrap
from collections.abc import Mapping, Sequence
from contextlib import suppress
from enum import Enum
from typing import TextIO

from indi_sony_py import __version__
from indi_sony_py.cli.status import Status
from indi_sony_py.texts import tool

__all__ = ["Mark", "Output", "Unread", "usual_streams"]

_WIDEST = 110
_NARROWEST = 40
_BAR = 30


class Mark(Enum):
    """How something stands: the word in JSON. With a sign and a colour (SGR) for a terminal."""

    PASS = "pass"
    WARN = "warn"
    FAIL = "fail"
    SKIP = "skip"


_SIGNS: Mapping[Mark, tuple[str, str]] = {
    Mark.PASS: ("[ok]  ", "32"),
    Mark.WARN: ("[!]   ", "33"),
    Mark.FAIL: ("[FAIL]", "31;1"),
    Mark.SKIP: ("[-]   ", "2"),
}


class Unread(Exception):
    """Nothing more can be written to standard output; the text says why, "" where nobody needs to know."""


def usual_streams() -> None:
    """Make standard output and error what commands expect: there, and with no character that they cannot take."""
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 (for the life of the process)
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


class Output:
    """Of one command. `out` and `err` are text streams."""

    def __init__(self, command: str, out: TextIO, err: TextIO, as_json: bool = False) -> None:
        self.as_json = as_json
        self._command = command
        self._out = out
        self._err = err
        self._data: dict[str, object] = {}
        self._colours = out.isatty() and not os.environ.get("NO_COLOR")
        self._bar = err.isatty() and not as_json
        self._drawn = 0
        self._finished = False

    # --- for people -------------------------------------------------------------------------------------------------

    def say(self, text: str = "") -> None:
        """A paragraph, as wide as the terminal."""
        self._lines(textwrap.wrap(text, self._width(), break_long_words=False, break_on_hyphens=False) or [""])

    def line(self, text: str) -> None:
        """A line as it is: a path is not broken."""
        self._lines([text])

    def fact(self, label: str, value: object) -> None:
        """A line with a label and a value."""
        self._lines([f"  {label + ':':<22} {value}"])

    def mark(self, mark: Mark, name: str, text: str = "", do: str = "") -> None:
        """A line with a sign; `text` behind it, `do` below."""
        sign, colour = _SIGNS[mark]
        head = f"{sign} {name}: {text}" if text else f"{sign} {name}"
        indent = " " * (len(sign) + 1)
        lines = self._wrapped(head, indent)
        lines[0] = self._coloured(sign, colour) + lines[0][len(sign) :]
        self._lines(lines + (self._wrapped(f"{indent}-> {do}", indent + "   ") if do else []))

    def table(self, heads: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """Columns as wide as they need to be; the last one may be long."""
        cells = [[str(cell) for cell in row] for row in (heads, *rows)]
        widths = [max(len(row[n]) for row in cells) for n in range(len(heads))]
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells
        ]
        self._lines([self._coloured(lines[0], "1"), *lines[1:]])

    def progress(self, part: float, text: str) -> None:
        """A bar that is drawn over itself. `part`: 0 to 1."""
        full = round(_BAR * min(1.0, max(0.0, part)))
        self.status(f"[{'#' * full}{'.' * (_BAR - full)}] {text}")

    def status(self, text: str) -> None:
        """A line that is drawn over itself."""
        if not self._bar:
            return
        line = text[: self._width()]
        self._err.write("\r" + line.ljust(self._drawn))
        self._err.flush()
        self._drawn = len(line)

    def progress_over(self) -> None:
        """The bar gives way to what is said next."""
        if self._drawn:
            self._err.write("\r" + " " * self._drawn + "\r")
            self._err.flush()
            self._drawn = 0

    # --- for scripts ------------------------------------------------------------------------------------------------

    def data(self, **fields: object) -> None:
        """Fields of the object; plain values, lists and dictionaries of them."""
        self._data.update(fields)

    # --- the end ----------------------------------------------------------------------------------------------------

    def failed(self, happened: str, do: str = "") -> None:
        """What ended the command: to standard error for people."""
        self.progress_over()
        self._data["error"] = {"text": happened, "do": do}
        if not self.as_json:
            text = f"{happened} {do}".strip()
            lines = self._wrapped(f"indi-sony {self._command}: {text}", "")
            with suppress(OSError):
                print("\n".join(lines), file=self._err)

    def finish(self, status: int) -> int:
        """Print the object, if one is wanted and was not printed before; gives the status back."""
        self.progress_over()
        if self.as_json and not self._finished:
            self._finished = True
            head = {
                "command": self._command,
                "version": __version__,
                "ok": status == Status.DONE,
                "status": int(status),
            }
            self._print(json.dumps(head | self._data))
        self._print()
        return status

    # --- helpers ----------------------------------------------------------------------------------------------------

    def _lines(self, lines: Sequence[str]) -> None:
        if not self.as_json:
            self.progress_over()
            self._print(*lines)

    def _print(self, *lines: str) -> None:
        """Lines, or nothing but what still waits to be written."""
        try:
            for line in lines:
                print(line, file=self._out)
            if not lines or self._out.isatty():
                self._out.flush()
        except OSError as error:
            # The interpreter must not try to flush it once more.
            with suppress(OSError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), self._out.fileno())
            raise Unread("" if isinstance(error, BrokenPipeError) else tool.UNWRITTEN(reason=error.strerror)) from error

    def _wrapped(self, text: str, indent: str) -> list[str]:
        return textwrap.wrap(
            text, self._width(), subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
        )

    def _coloured(self, text: str, colour: str) -> str:
        return f"\x1b[{colour}m{text}\x1b[0m" if self._colours else text

    @staticmethod
    def _width() -> int:
        return max(_NARROWEST, min(_WIDEST, shutil.get_terminal_size((_WIDEST, 24)).columns) - 1)
