"""A property list in the making, for one protocol version of one body. Pure.

Every change says why; what a body has (its ladder of speeds, its RAW types) comes from its row.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from indi_sony_py.sony.bodies import Body, RawFormat
from indi_sony_py.sony.snapshot import Descriptor, Form, Version
from indi_sony_py.sony.values import RawType, encode_shutter

__all__ = ["Draft", "ladder", "raw_types"]

_RAW_TYPES = {
    RawFormat.UNCOMPRESSED: (RawType.UNCOMPRESSED,),
    RawFormat.LOSSLESS: (RawType.LOSSLESS_L, RawType.LOSSLESS_M, RawType.LOSSLESS_S),
    RawFormat.COMPRESSED: (RawType.COMPRESSED,),
    RawFormat.COMPRESSED_2: (RawType.COMPRESSED_HQ,),
}


class Draft:
    """Descriptors in order, with marks: for a code, what was changed or borrowed."""

    def __init__(self, version: Version, source: str, found: Iterable[tuple[Descriptor, Iterable[str]]]) -> None:
        self.version = version
        self.source = source
        self.rows: list[Descriptor] = []
        self.marks: dict[int, list[str]] = {}
        for descriptor, why in found:
            self.rows.append(descriptor)
            for text in why:
                self.mark(descriptor.code, text)

    def mark(self, code: int, why: str) -> None:
        texts = self.marks.setdefault(code, [])
        if why not in texts:
            texts.append(why)

    def has(self, code: int) -> bool:
        return any(d.code == code for d in self.rows)

    def change(self, code: int, why: str, **fields: object) -> None:
        """Change every descriptor of this code (a code that comes twice is one setting)."""
        for i, d in enumerate(self.rows):
            if d.code == code:
                new = replace(d, **fields)  # type: ignore[arg-type]
                if new != d:
                    self.rows[i] = new
                    self.mark(code, why)

    def set_list(self, code: int, values: tuple[int, ...], why: str) -> None:
        """Give an enumeration its list: both of them where the version has two."""
        second = values if self.version is Version.V300 else None
        self.change(code, why, form=Form.ENUM, values=values, reportable=second)


def ladder(row: Body) -> tuple[int, ...]:
    """The shutter speeds of a body as 0xD20D numbers: bulb first unless it has none, then longest first."""
    speeds = tuple(encode_shutter(s) for s in row.shutters)
    return speeds if row.bulb is False else (0, *speeds)


def raw_types(row: Body) -> tuple[int, ...]:
    """The RAW types of a body as 0xD288 numbers, uncompressed first."""
    order = (RawFormat.UNCOMPRESSED, RawFormat.LOSSLESS, RawFormat.COMPRESSED_2, RawFormat.COMPRESSED)
    return tuple(int(t) for fmt in order if fmt in row.raw_formats for t in _RAW_TYPES[fmt])
