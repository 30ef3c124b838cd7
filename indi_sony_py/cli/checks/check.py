"""One check: a row of a table. Pure.

A check looks at one obstacle. It gives a `Finding`; what it needs to have passed before stands in its row, so that one
obstacle is told once and what hangs on it is passed over.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from indi_sony_py.cli.checks.machine import Machine
from indi_sony_py.cli.output import Mark
from indi_sony_py.cli.session import Session
from indi_sony_py.driver.events import Camera
from indi_sony_py.engine.messages import Identity, SettingsReport
from indi_sony_py.errors import SonyError
from indi_sony_py.hand.places import Places
from indi_sony_py.texts import Clause, Label, Text

__all__ = ["Case", "Check", "Finding", "bad", "failed", "good", "passed_over", "worse"]


@dataclass(frozen=True, slots=True)
class Finding:
    """`text` says what was found, `do` what to do about it. `blocked`: it hangs on a check that failed."""

    mark: Mark
    text: str = ""
    do: str = ""
    blocked: bool = False


@dataclass
class Case:
    """What the checks look at, and what earlier ones found: the cameras, the one that is meant, the open session."""

    machine: Machine
    places: Places
    wanted: str = ""
    bus: str | None = None
    shot_s: float = 0.0
    cameras: list[Camera] = field(default_factory=list)
    camera: Camera | None = None
    session: Session | None = None
    identity: Identity = field(default_factory=Identity)
    settings: SettingsReport = field(default_factory=lambda: SettingsReport(()))


@dataclass(frozen=True, slots=True)
class Check:
    """A row. `needs`: names of checks without which this one makes no sense."""

    name: str
    title: Label
    look: Callable[[Case], Finding]
    needs: tuple[str, ...] = ()


def good(text: str = "") -> Finding:
    return Finding(Mark.PASS, text)


def bad(row: Text, **fields: object) -> Finding:
    """An obstacle."""
    return Finding(Mark.FAIL, row.happened(**fields), row.advice(**fields))


def worse(row: Text, **fields: object) -> Finding:
    """No obstacle, and worth a change."""
    return Finding(Mark.WARN, row.happened(**fields), row.advice(**fields))


def failed(error: SonyError) -> Finding:
    """An obstacle, in the words of an error."""
    text, do = error.happened, error.advice
    return Finding(Mark.FAIL, text, "" if do in text else do)


def passed_over(why: Clause | Label, **fields: object) -> Finding:
    return Finding(Mark.SKIP, why(**fields))
