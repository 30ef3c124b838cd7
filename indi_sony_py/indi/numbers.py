"""Numbers as INDI reads, writes and shows them.

- Read: up to three numbers, parted by anything, as degrees (or hours), minutes and seconds; blanks do not
  count; a leading minus negates the whole (`-0:30` is -0.5). The decimal sign is the point, whatever the
  locale: `1,5` is 1:5.
- Written: `%.20g`, so that a reader gets the same double back.
- Shown: printf's floating formats, and `%<w>.<f>m` for sexagesimal.

Source: the behaviour of libindi 1.9.9 (f_scansexa, fs_sexa, numberFormat). Not taken over: it reads `nan`,
`inf` and hexadecimal numbers.
"""

from __future__ import annotations

import math
import re

__all__ = ["read_number", "show_number", "write_number"]

_NUMBER = r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_SEXAGESIMAL = re.compile(rf"([+-]?{_NUMBER})(?:[^0-9]+({_NUMBER})(?:[^0-9]+({_NUMBER}))?)?", re.ASCII)
_PRINTF = re.compile(r"%[-+ #0]*\d{0,2}(?:\.\d{0,2})?[eEfFgG]", re.ASCII)
_SEXAGESIMAL_FORMAT = re.compile(r"%(\d{0,3})\.(\d{1,2})m", re.ASCII)
_FRACTIONS = {9: 360000, 8: 36000, 6: 3600, 5: 600}
_LONGEST = 127


def read_number(text: str) -> float | None:
    """The number in `text`, or None if it has none at its beginning, or one that no double holds."""
    packed = re.sub(r"\s", "", text)[:_LONGEST]
    negative = packed.startswith("-")
    if negative:
        packed = packed[1:]
    if packed[:2].lower() == "0x" or (negative and packed[:1] in "+-") or not (match := _SEXAGESIMAL.match(packed)):
        return None
    whole, minutes, seconds = (float(part) if part else 0.0 for part in match.groups())
    value = whole + minutes / 60.0 + seconds / 3600.0
    if not math.isfinite(value):
        return None
    return -value if negative else value


def write_number(value: float) -> str:
    """`value` so that every reader gets the same double."""
    return f"{value:.20g}"


def show_number(number_format: str, value: float) -> str:
    """`value` as a client shows it by `number_format`; a format that is none of INDI's is taken as `%g`."""
    if match := _SEXAGESIMAL_FORMAT.fullmatch(number_format.strip()):
        fraction = int(match[2])
        return _sexagesimal(value, int(match[1] or 0) - fraction, _FRACTIONS.get(fraction, 60))
    if _PRINTF.fullmatch(number_format.strip()):
        return number_format.strip() % value
    return f"{value:g}"


def _sexagesimal(value: float, width: int, base: int) -> str:
    units = int(abs(value) * base + 0.5)
    whole, rest = divmod(units, base)
    head = ("-0" if value < 0 and whole == 0 else str(-whole if value < 0 else whole)).rjust(max(width, 0))
    match base:
        case 60:
            return f"{head}:{rest:02d}"
        case 600:
            return f"{head}:{rest // 10:02d}.{rest % 10}"
        case 3600:
            return f"{head}:{rest // 60:02d}:{rest % 60:02d}"
        case 36000:
            return f"{head}:{rest // 600:02d}:{rest % 600 // 10:02d}.{rest % 10}"
        case _:
            return f"{head}:{rest // 6000:02d}:{rest % 6000 // 100:02d}.{rest % 100:02d}"
