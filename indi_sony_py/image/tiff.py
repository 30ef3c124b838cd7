"""A reader of little-endian TIFF directories that believes nothing: pure, bounded, every fault is a `BrokenImage`.

Rules kept here:

- Nothing is read before its length was compared with the file's.
- A directory has at most `MAX_ENTRIES` entries, a value at most `MAX_VALUE` bytes and a text `MAX_TEXT` characters,
  whatever the file says.
- Offsets are absolute from the start of the file, as Sony's MakerNote has them too.

Source of the layout: TIFF 6.0; of Sony's habits: LibRaw `src/metadata/tiff.cpp`, exiftool `Sony.pm`.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from fractions import Fraction

from indi_sony_py.errors import BrokenImage

__all__ = ["MAX_ENTRIES", "MAX_TEXT", "MAX_VALUE", "Entry", "Tiff"]

MAX_ENTRIES = 1024
MAX_VALUE = 1 << 20
MAX_TEXT = 256

# TIFF field type: size in bytes, struct letter of one component (rationals are two).
_TYPES = {
    1: (1, "B"), 2: (1, "s"), 3: (2, "H"), 4: (4, "I"), 5: (8, "I"), 6: (1, "b"), 7: (1, "B"), 8: (2, "h"),
    9: (4, "i"), 10: (8, "i"), 11: (4, "f"), 12: (8, "d"), 13: (4, "I"),
}  # fmt: skip
_INTEGERS = frozenset({1, 3, 4, 6, 7, 8, 9, 13})


@dataclass(frozen=True, slots=True)
class Entry:
    """One directory entry: `place` is the offset of its value, wherever that stands; `at` that of the entry."""

    tag: int
    kind: int
    count: int
    place: int
    at: int

    @property
    def size(self) -> int:
        """Bytes of the value."""
        return self.count * _TYPES[self.kind][0]


class Tiff:
    """A view on bytes. `origin` is the file offset of the first byte (for a block that was cut out of a file)."""

    def __init__(self, data: memoryview, origin: int = 0) -> None:
        self._data = data
        self._origin = origin
        self.reach = 0
        """Where the furthest byte that was read ends."""

    def __len__(self) -> int:
        return self._origin + len(self._data)

    def read(self, offset: int, size: int, field: str) -> memoryview:
        """`size` bytes at file offset `offset`, or `BrokenImage`."""
        self.check(offset, size, field)
        self.reach = max(self.reach, offset + size)
        start = offset - self._origin
        return self._data[start : start + size]

    def check(self, offset: int, size: int, field: str) -> None:
        """Whether `size` bytes at `offset` lie in the file: else `BrokenImage`. They are not read."""
        start = offset - self._origin
        if start < 0 or size < 0 or start + size > len(self._data):
            raise BrokenImage(field, offset, f"{size} bytes wanted, the file ends at {len(self)}")

    def directory(self, offset: int, name: str) -> tuple[dict[int, Entry], int]:
        """Entries by tag (the first of equal ones wins) and the offset of the next directory."""
        (count,) = struct.unpack("<H", self.read(offset, 2, name))
        if not 0 < count <= MAX_ENTRIES:
            raise BrokenImage(name, offset, f"a directory of {count} entries")
        raw = self.read(offset + 2, 12 * count, name)
        entries: dict[int, Entry] = {}
        for index in range(count):
            tag, kind, number = struct.unpack_from("<HHI", raw, 12 * index)
            at = offset + 2 + 12 * index
            if kind not in _TYPES:
                continue
            place = at + 8
            if number * _TYPES[kind][0] > 4:
                (place,) = struct.unpack_from("<I", raw, 12 * index + 8)
            entries.setdefault(tag, Entry(tag, kind, number, place, at))
        tail = offset + 2 + 12 * count
        following = 0
        if tail + 4 <= len(self):
            (following,) = struct.unpack("<I", self.read(tail, 4, name))
        return entries, following

    def value(self, entry: Entry, field: str) -> memoryview:
        """The bytes of a value."""
        if entry.size > MAX_VALUE:
            raise BrokenImage(field, entry.at, f"a value of {entry.size} bytes")
        return self.read(entry.place, entry.size, field)

    def integers(self, entry: Entry, field: str, least: int = 1) -> tuple[int, ...]:
        """All components of an integer value; fewer than `least` is a fault."""
        if entry.kind not in _INTEGERS:
            raise BrokenImage(field, entry.at, f"type {entry.kind} where a whole number belongs")
        if entry.count < least:
            raise BrokenImage(field, entry.at, f"{entry.count} numbers where {least} belong")
        raw = self.value(entry, field)
        return struct.unpack(f"<{entry.count}{_TYPES[entry.kind][1]}", raw)

    def integer(self, entry: Entry, field: str) -> int:
        """The first component of an integer value."""
        return self.integers(entry, field)[0]

    def fraction(self, entry: Entry, field: str) -> Fraction | None:
        """A rational; None for n/0, as cameras write for "unknown"."""
        if entry.kind not in (5, 10) or entry.count < 1:
            raise BrokenImage(field, entry.at, f"type {entry.kind} where a rational belongs")
        numerator, denominator = struct.unpack_from(f"<2{_TYPES[entry.kind][1]}", self.value(entry, field))
        return Fraction(numerator, denominator) if denominator else None

    def text(self, entry: Entry, field: str) -> str:
        """An ASCII value up to its first NUL, blanks at the end cut; bytes beyond ASCII become `?`.

        What goes beyond `MAX_TEXT` characters is left out: these texts travel in messages and headers.
        """
        if entry.kind not in (2, 7, 1):
            raise BrokenImage(field, entry.at, f"type {entry.kind} where text belongs")
        raw = bytes(self.value(entry, field)[:MAX_TEXT]).split(b"\0", 1)[0]
        return "".join(chr(byte) if 32 <= byte < 127 else "?" for byte in raw).strip()
