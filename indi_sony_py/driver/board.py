"""The live vectors of one INDI device: what is shown, and every word about it. One thread owns it.

- A vector exists from the start and keeps its values; it is told to clients only while it is shown.
- Each change goes out once; nothing goes out about a vector that is hidden.
- Long messages are parted, since C clients cut them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from indi_sony_py.driver.properties import TABLE
from indi_sony_py.driver.row import Fed, Row, Shown
from indi_sony_py.indi.definitions import NumberDef
from indi_sony_py.indi.messages import State
from indi_sony_py.indi.text import split_message
from indi_sony_py.indi.vectors import Utc, Value, Vector, delete_device, message

if TYPE_CHECKING:
    from indi_sony_py.driver.view import CameraView
    from indi_sony_py.texts import Level, Text

__all__ = ["Board"]

_log = logging.getLogger(__name__)
_LEVELS = {"INFO": logging.INFO, "WARNING": logging.WARNING, "ERROR": logging.ERROR}


class Board:
    """`out` takes elements ready to be written."""

    def __init__(self, device: str, utc: Utc, out: Callable[[bytes], None], rows: tuple[Row, ...] = TABLE) -> None:
        self.device = device
        self._utc = utc
        self._out = out
        self._rows = {row.name: row for row in rows}
        self._vectors = {row.name: Vector(row.vector, utc, row.values, device=device) for row in rows}
        self._shown: dict[str, None] = {}

    def __getitem__(self, name: str) -> Vector:
        return self._vectors[name]

    def shows(self, name: str) -> bool:
        return name in self._shown

    @property
    def shown(self) -> tuple[str, ...]:
        """Names of what clients see, in the order in which they got it."""
        return tuple(self._shown)

    def define_all(self, name: str | None = None) -> None:
        """Answer a getProperties: everything that is shown, or one vector; silence for one that is not."""
        for each in self.shown if name is None else (name,):
            if each in self._shown:
                self._out(self._vectors[each].define())

    def show(self, name: str) -> None:
        """Define a vector that is hidden."""
        if name not in self._shown:
            self._shown[name] = None
            self._out(self._vectors[name].define())

    def hide(self, name: str) -> None:
        if name in self._shown:
            del self._shown[name]
            self._out(self._vectors[name].delete())

    def show_always(self) -> None:
        for row in self._rows.values():
            if row.shown is Shown.ALWAYS:
                self.show(row.name)

    def hide_connected(self, also: tuple[str, ...] = ()) -> None:
        """The camera is gone: what belongs to it goes, in the order of definition."""
        for name in self.shown:
            if self._rows[name].shown is Shown.CONNECTED or name in also:
                self.hide(name)

    def delete_device(self) -> None:
        self._shown.clear()
        self._out(delete_device(self.device, self._utc))

    def commit(self, name: str, values: Mapping[str, Value]) -> None:
        """Take values over without a word."""
        self._vectors[name].commit(values)

    def tell(
        self, name: str, state: State | None = None, values: Mapping[str, Value] | None = None,
        text: str | None = None, limits: bool = False,
    ) -> None:  # fmt: skip
        """A set element with new state and values; without a word where the vector is hidden."""
        vector = self._vectors[name]
        vector.commit(values or {})
        element = vector.set(state, text, limits=limits)
        if name in self._shown:
            self._out(element)

    def choose(self, name: str, element: str | None, state: State) -> None:
        """A switch vector with `element` alone On."""
        self._vectors[name].choose(element)
        self.tell(name, state)

    def say(self, level: Level, text: str) -> None:
        """A text that was made elsewhere, for users and the log."""
        self._say(level.value, text)

    def notice(self, row: Text, /, **fields: object) -> None:
        """A text of the catalogue, at its level."""
        self.say(row.level, row(**fields))

    def line(self, tag: str, text: str) -> None:
        """A line of the log for users; not logged again."""
        for part in split_message(f"[{tag}] {text}"):
            self._out(message(self.device, part, self._utc))

    def _say(self, word: str, text: str) -> None:
        _log.log(_LEVELS[word], "%s: %s", self.device, text)
        self.line(word, text)

    def refresh(self, view: CameraView, busy: frozenset[str] = frozenset(), settled: bool = True) -> bool:
        """Bring everything that belongs to the camera to what is known now. Values of `busy` vectors are left alone.

        Not `settled`: while an exposure is under way bodies lock many of their settings; a setting that is shown keeps
        its form until it is over. Whether all is as it is known now.
        """
        complete = True
        for row in self._rows.values():
            if row.shown is not Shown.CONNECTED:
                continue
            if row.feed is None:
                self.show(row.name)
            elif settled or not row.setting or not self.shows(row.name) or not self._takes_form(row, row.feed(view)):
                self._feed(row, view, row.name in busy)
            else:
                complete = False
        return complete

    def _takes_form(self, row: Row, fed: Fed | None) -> bool:
        """Whether a vector that is shown would be defined anew, or taken back."""
        definition = self._vectors[row.name].definition
        return fed is None or fed.elements not in (None, definition.elements) or fed.perm not in (None, definition.perm)

    def _feed(self, row: Row, view: CameraView, busy: bool) -> None:
        assert row.feed is not None
        fed = row.feed(view)
        if fed is None:
            self.hide(row.name)
            return
        vector = self._vectors[row.name]
        if self._takes_form(row, fed):
            self.hide(row.name)
            elements, perm = fed.elements or vector.definition.elements, fed.perm or vector.definition.perm
            definition = replace(vector.definition, elements=elements, perm=perm)
            vector = Vector(definition, self._utc, state=State.IDLE if busy else vector.state)
            self._vectors[row.name] = vector
        values = {} if busy else {k: v for k, v in fed.values.items() if vector.values[k] != v}
        narrowed = False
        numbers = {e.name: e for e in vector.definition.elements if isinstance(e, NumberDef)}
        for name, (low, high) in fed.limits.items():
            if (numbers[name].min, numbers[name].max) != (low, high):
                vector.limit(name, low, high)
                narrowed = True
        vector.commit(values)
        if row.name not in self._shown:
            self.show(row.name)
        elif values or narrowed:
            self.tell(row.name, limits=narrowed)
