"""One row of the catalogue of texts: a template, and what a reader must know of it. Pure.

Rules kept here:

- A template is a whole sentence (or several), so that it can be translated as it stands. Its fields are names, numbers,
  or other whole texts; never pieces of a sentence.
- A call gives exactly the fields that the template has, else it is a `TypeError`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from string import Formatter

__all__ = ["Clause", "Label", "Level", "Row", "Text"]


class Level(Enum):
    """How serious it is. INFO: nothing went wrong. WARNING: it did, and the night goes on. ERROR: something failed."""

    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"


@dataclass(frozen=True, slots=True)
class Row:
    """What both kinds have. `says` is the template; `means` explains it to a reader of the manual, in plain words."""

    id: str
    says: str
    means: str = ""

    @property
    def fields(self) -> frozenset[str]:
        """The names that a call must give."""
        return _fields(self.says)

    def __call__(self, **fields: object) -> str:
        """The text for a user."""
        return self._filled(self.says, fields)

    def _filled(self, template: str, fields: dict[str, object]) -> str:
        if fields.keys() != self.fields:
            raise TypeError(f"{self.id} has the fields {sorted(self.fields)}, not {sorted(fields)}")
        return template.format_map(fields)


@dataclass(frozen=True, slots=True)
class Text(Row):
    """A message: `says` what happened, then what to `do` at the camera or the computer ("" where that is clear).

    `where` it appears: "CCD_EXPOSURE: Alert" (a property and its state), or "message". `level` is shown with it.
    """

    do: str = ""
    level: Level = Level.ERROR
    where: str = "message"

    @property
    def fields(self) -> frozenset[str]:
        return _fields(self.says) | _fields(self.do)

    def __call__(self, **fields: object) -> str:
        happened = self._filled(self.says, fields)
        return f"{happened} {self.advice(**fields)}" if self.do else happened

    def happened(self, **fields: object) -> str:
        """The first part alone."""
        return self._filled(self.says, fields)

    def advice(self, **fields: object) -> str:
        """The second part alone."""
        return self._filled(self.do, fields)


@dataclass(frozen=True, slots=True)
class Clause(Row):
    """A reason: a whole clause, without capital and full stop, that a message shows in a field of its own."""


@dataclass(frozen=True, slots=True)
class Label(Row):
    """A heading, the name of a value, a line of help: what the tool shows, and no manual explains."""


def _fields(template: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in Formatter().parse(template) if name)
