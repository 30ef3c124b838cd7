"""Faults of the simulated camera as rows: what goes wrong, and when. `load` does I/O (reads a TOML file).

A row has a `kind`, a `when` and the kind's own arguments. `when` may name an operation (code), a property (code of a
setting or control), a press (number, from 1) and a time (seconds since the start: from then on); `nth` is the first
match that fails (from 1), `count` how many fail (0: all from then on). Unknown keys are refused with those allowed.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from indi_sony_py.sim.faultkinds import KINDS, FaultKind, Hook

__all__ = ["BadFault", "Fault", "Faults", "When", "load", "parse"]


class BadFault(ValueError):
    """A row that says something unknown; the text names what is allowed."""


@dataclass(frozen=True, slots=True)
class When:
    operation: int | None = None
    property: int | None = None
    press: int | None = None
    time: float | None = None
    nth: int = 1
    count: int = 1


@dataclass(frozen=True, slots=True)
class Fault:
    """One row. `args` holds every argument of the kind, defaults filled in."""

    kind: str
    when: When = field(default_factory=When)
    args: Mapping[str, Any] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Any:
        return self.args[name]

    @classmethod
    def of(cls, kind: str, when: Mapping[str, Any] | None = None, **args: Any) -> Fault:
        """Make a row and check it. Raises `BadFault`."""
        row = KINDS.get(kind)
        if row is None:
            raise BadFault(f"fault kind {kind!r}: allowed are {', '.join(sorted(KINDS))}")
        return cls(kind, _when(kind, when or {}), _args(row, args))


_WHEN = ("operation", "property", "press", "time", "nth", "count")


def _when(kind: str, raw: Mapping[str, Any]) -> When:
    unknown = sorted(set(raw) - set(_WHEN))
    if unknown:
        raise BadFault(f"{kind}: when.{unknown[0]}: allowed are {', '.join(_WHEN)}")
    values: dict[str, Any] = {}
    for name, value in raw.items():
        number = (int, float) if name == "time" else int
        if isinstance(value, bool) or not isinstance(value, number) or value < 0:
            raise BadFault(f"{kind}: when.{name}: {value!r} is not a number of 0 or more")
        values[name] = value
    if values.get("nth", 1) < 1:
        raise BadFault(f"{kind}: when.nth counts from 1")
    return When(**values)


def _args(row: FaultKind, raw: Mapping[str, Any]) -> Mapping[str, Any]:
    unknown = sorted(set(raw) - set(row.args))
    if unknown:
        allowed = ", ".join(sorted(row.args)) or "none"
        raise BadFault(f"{row.id}: argument {unknown[0]!r}: allowed are {allowed}")
    values: dict[str, Any] = {}
    for name, default in row.args.items():
        value = raw.get(name, default)
        kinds = (int, float) if isinstance(default, float) else (type(default),)
        if isinstance(value, bool) is not isinstance(default, bool) or not isinstance(value, kinds):
            raise BadFault(f"{row.id}: argument {name!r}: {value!r} is not a {type(default).__name__}")
        values[name] = value
    return values


def parse(rows: Iterable[Mapping[str, Any]]) -> tuple[Fault, ...]:
    """Rows as a TOML file has them. Raises `BadFault`."""
    found = []
    for row in rows:
        rest = dict(row)
        kind = rest.pop("kind", None)
        when = rest.pop("when", {})
        if not isinstance(kind, str):
            raise BadFault(f"a fault needs a kind: allowed are {', '.join(sorted(KINDS))}")
        if not isinstance(when, Mapping):
            raise BadFault(f"{kind}: when is a table with {', '.join(_WHEN)}")
        found.append(Fault.of(kind, when, **rest))
    return tuple(found)


def load(path: Path) -> tuple[Fault, ...]:
    """Read `[[fault]]` rows. Raises `BadFault`, also for a file that is no TOML; OSError if it cannot be read."""
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadFault(f"{path}: {error}") from error
    unknown = sorted(set(raw) - {"fault"})
    if unknown:
        raise BadFault(f"{path}: {unknown[0]}: only [[fault]] rows are allowed")
    rows = raw.get("fault", [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise BadFault(f"{path}: faults are written as [[fault]] rows")
    return parse(rows)


@dataclass(slots=True)
class _Armed:
    fault: Fault
    seen: int = 0


class Faults:
    """Rows that are armed; asked at each hook whether one of them strikes now."""

    def __init__(self, rows: Iterable[Fault] = ()) -> None:
        self._by_hook: dict[Hook, list[_Armed]] = {}
        for fault in rows:
            self.arm(fault)

    @property
    def rows(self) -> list[Fault]:
        return [armed.fault for armed_rows in self._by_hook.values() for armed in armed_rows]

    def arm(self, fault: Fault) -> Hook:
        """Arm one more row; returns where it will strike."""
        hook = KINDS[fault.kind].hook
        if hook is Hook.ANY:
            hook = Hook.PRESS if fault.when.press is not None else Hook.COMMAND
            if fault.when.press is None and fault.when.operation is None and fault.when.property is None:
                hook = Hook.TIME
        self._by_hook.setdefault(hook, []).append(_Armed(fault))
        return hook

    def planned(self) -> list[Fault]:
        """Rows that only wait for a time."""
        return [armed.fault for armed in self._by_hook.get(Hook.TIME, ())]

    def hit(
        self,
        hook: Hook,
        since_start: float,
        operation: int | None = None,
        property: int | None = None,
        press: int | None = None,
    ) -> list[Fault]:
        """The rows that strike at this moment; counts the matches."""
        rows = self._by_hook.get(hook)
        if not rows:
            return []
        struck = []
        for armed in rows:
            when = armed.fault.when
            if when.operation is not None and when.operation != operation:
                continue
            if when.property is not None and when.property != property:
                continue
            if when.press is not None and when.press != press:
                continue
            if when.time is not None and since_start < when.time:
                continue
            armed.seen += 1
            if armed.seen >= when.nth and (when.count == 0 or armed.seen < when.nth + when.count):
                struck.append(armed.fault)
        return struck
