"""The camera's settings as the host sees them: descriptors that change, encoded again only where they changed. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from indi_sony_py.ptp.data import DataType, Value
from indi_sony_py.sony.snapshot import Descriptor, Form, Lists, Settings, Version, encode_settings

__all__ = ["Book"]

_LONGEST_STRING = 120


class Book:
    """Descriptors in the order of the body's list. A code that comes twice is kept twice; only the first changes.

    `lists` overrides how many lists follow an enumeration (None: as the version has it).
    """

    def __init__(self, descriptors: Iterable[Descriptor], version: Version, lists: Lists | None = None) -> None:
        self.version = version
        self.lists = lists or version.lists
        self._slots = [self._fit(d) for d in descriptors]
        self._bytes: list[bytes | None] = [None] * len(self._slots)
        self._index: dict[int, int] = {}
        for place, descriptor in enumerate(self._slots):
            self._index.setdefault(descriptor.code, place)
        self._all: bytes | None = None
        self._settings: Settings | None = None
        self._sent: list[bytes | None] = [None] * len(self._slots)
        self._hidden: set[int] = set()
        self._unlisted: dict[int, set[int | None]] = {}

    def _fit(self, descriptor: Descriptor) -> Descriptor:
        if self.lists is Lists.TWO and descriptor.form == 2 and descriptor.reportable is None:
            return replace(descriptor, reportable=descriptor.values)
        return descriptor

    def __contains__(self, code: int) -> bool:
        return code in self._index

    @property
    def codes(self) -> tuple[int, ...]:
        return tuple(self._index)

    def get(self, code: int) -> Descriptor | None:
        place = self._index.get(code)
        return None if place is None else self._slots[place]

    def number(self, code: int, default: int = 0) -> int:
        """The current value; `default` where the body does not list the code or it is no number."""
        place = self._index.get(code)
        if place is None:
            return default
        value = self._slots[place].current
        return value if isinstance(value, int) else default

    def fits(self, code: int, value: object) -> bool:
        """Whether `value` can be the current value of a listed code: right kind, within its type."""
        descriptor = self.get(code)
        if descriptor is None:
            return False
        kind = descriptor.type
        if kind is DataType.STR:
            return isinstance(value, str) and len(value) < _LONGEST_STRING
        if kind.is_array:
            return isinstance(value, tuple)
        bits = 8 * kind.size
        low, high = (-(1 << bits - 1), 1 << bits - 1) if kind.signed else (0, 1 << bits)
        return isinstance(value, int) and low <= value < high

    def set(self, code: int, value: Value) -> bool:
        """Give `code` a new current value. False if it is not listed or has that value already."""
        return self.amend(code, current=value)

    def amend(self, code: int, **fields: Any) -> bool:
        """Change fields of a descriptor. False if nothing changed or the code is not listed."""
        place = self._index.get(code)
        if place is None:
            return False
        old = self._slots[place]
        if all(getattr(old, name) == value for name, value in fields.items()):
            return False
        self._slots[place] = self._fit(replace(old, **fields))
        self._changed(place)
        return True

    def hide(self, code: int, hidden: bool = True) -> None:
        """Leave a descriptor out of the answers although the setting works."""
        (self._hidden.add if hidden else self._hidden.discard)(code)
        self._changed()

    def unlist(self, code: int, value: int | None = None) -> None:
        """Leave a value (None: each) out of the lists of `code` although it can be set."""
        self._unlisted.setdefault(code, set()).add(value)
        place = self._index.get(code)
        if place is not None:
            self._changed(place)

    def _changed(self, place: int | None = None) -> None:
        if place is not None:
            self._bytes[place] = None
        self._all = self._settings = None

    def _listed(self, descriptor: Descriptor) -> Descriptor:
        gone = self._unlisted.get(descriptor.code)
        if not gone or descriptor.form is not Form.ENUM:
            return descriptor

        def left(values: tuple[Value, ...]) -> tuple[Value, ...]:
            return () if None in gone else tuple(v for v in values if v not in gone)

        reportable = None if descriptor.reportable is None else left(descriptor.reportable)
        return replace(descriptor, values=left(descriptor.values), reportable=reportable)

    def _encoded(self, place: int) -> bytes:
        found = self._bytes[place]
        if found is None:
            shown = self._listed(self._slots[place])
            found = encode_settings(Settings((shown,), self.version, self.lists))[8:]
            self._bytes[place] = found
        return found

    def _shown(self) -> list[int]:
        if not self._hidden:
            return list(range(len(self._slots)))
        return [place for place, d in enumerate(self._slots) if d.code not in self._hidden]

    def settings(self) -> Settings:
        """What `encode` says, as a host would decode it; the same object until something changes."""
        if self._settings is None:
            shown = tuple(self._slots)
            if self._hidden or self._unlisted:
                shown = tuple(self._listed(self._slots[place]) for place in self._shown())
            self._settings = Settings(shown, self.version, self.lists)
        return self._settings

    def encode(self) -> bytes:
        """The whole data set of 0x9209; cached until something changes."""
        if self._all is None:
            shown = self._shown()
            body = b"".join([self._encoded(place) for place in shown])
            self._all = len(shown).to_bytes(8, "little") + body
        self._sent = self._bytes.copy()
        return self._all

    def encode_differences(self) -> bytes:
        """Only what changed since the last answer (3.00, first parameter 1)."""
        changed = [p for p in self._shown() if self._encoded(p) is not self._sent[p]]
        for place in changed:
            self._sent[place] = self._bytes[place]
        return len(changed).to_bytes(8, "little") + b"".join(self._encoded(p) for p in changed)
