"""Values of settings as numbers, names and labels. Pure; both directions where the driver writes the value.

- Shutter speeds are compared as fractions, never as integers: 30 s is spelled 300/10 and 30/1 by different bodies.
- Any integer from a camera gives a value or None ("nothing to show"): decoding never raises. Encoding raises
  `ValueError` for what cannot be spelled.
- Speeds are the nominal ones that the body prints; nothing here claims what its shutter really does.

Modes and states stand in `sony.modes`; their names are here too, since one import is enough for both.

Sources: Sony's PTP references (2.00 and 3.00), libgphoto2 config.c, SonyCamera, a trace of an ILCE-7SM3 (firmware
3.00); the rows are in `protocol.toml`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, IntEnum
from fractions import Fraction
from functools import lru_cache
from typing import Final

from indi_sony_py.sony.modes import (
    RAW_ONLY,
    CardSlot,
    DriveKind,
    FileFormat,
    FocusMode,
    FocusState,
    ProgramKind,
    RawType,
    SaveDestination,
    battery_bars_percent,
    battery_percent,
    decode_drive,
    decode_file_format,
    decode_focus,
    decode_objects,
    decode_program,
    encode_program,
    image_waits,
    lookup,
)

__all__ = [
    "BULB",
    "RAW_ONLY",
    "STANDARD_SHUTTERS_S",
    "Bulb",
    "CardSlot",
    "DriveKind",
    "FileFormat",
    "FocusMode",
    "FocusState",
    "Iso",
    "MultiFrame",
    "ProgramKind",
    "RawType",
    "SaveDestination",
    "Shutter",
    "battery_bars_percent",
    "battery_percent",
    "decode_drive",
    "decode_ev",
    "decode_f_number",
    "decode_file_format",
    "decode_focus",
    "decode_iso",
    "decode_objects",
    "decode_program",
    "decode_shutter",
    "encode_ev",
    "encode_f_number",
    "encode_iso",
    "encode_program",
    "encode_shutter",
    "image_waits",
    "iso_number",
    "label_iso",
    "label_shutter",
    "lookup",
    "nearest_shutter",
    "same_shutter",
]


class Bulb(Enum):
    """The shutter stays open while the button is held."""

    BULB = "Bulb"


BULB: Final = Bulb.BULB

Shutter = Fraction | Bulb | None
"""Seconds, bulb, or nothing to show."""

_NOTHING = 0xFFFFFFFF

# The speeds of all bodies are about a hundred; each poll of the settings asks for the names of half of them.


@lru_cache(maxsize=1024)
def decode_shutter(value: int) -> Shutter:
    """0xD20D (and 0xD229 where it is a shutter list): high half numerator, low half denominator, seconds.

    0 is bulb; 0xFFFFFFFF, a zero half and numbers beyond 32 bits show nothing.
    """
    if value == 0:
        return BULB
    if not 0 < value < _NOTHING:
        return None
    numerator, denominator = value >> 16, value & 0xFFFF
    return Fraction(numerator, denominator) if numerator and denominator else None


@lru_cache(maxsize=1024)
def encode_shutter(shutter: Fraction | Bulb) -> int:
    """The spelling of current bodies: 1/n for unit fractions from 1/3 on, tenths of a second for the rest.

    Raises `ValueError` for a time that two 16-bit numbers cannot hold.
    """
    if shutter is BULB or isinstance(shutter, Bulb):
        return 0
    if shutter <= 0:
        raise ValueError(f"{shutter} s is not an exposure")
    tenths = shutter * 10
    if shutter.numerator == 1 and shutter.denominator >= 3:
        high, low = 1, shutter.denominator
    elif tenths.denominator == 1:
        high, low = tenths.numerator, 10
        if high > 0xFFFF:
            high, low = shutter.numerator, shutter.denominator
    else:
        high, low = shutter.numerator, shutter.denominator
    if high > 0xFFFF or low > 0xFFFF or (high, low) == (0xFFFF, 0xFFFF):
        raise ValueError(f"{shutter} s has no spelling as two 16-bit numbers")
    return high << 16 | low


def label_shutter(shutter: Shutter) -> str:
    """As the body prints it: `1/250`, `0.4`, `1.6`, `30`, `Bulb`; `-` for nothing."""
    if shutter is None:
        return "-"
    if isinstance(shutter, Bulb):
        return "Bulb"
    if shutter.denominator == 1:
        return str(shutter.numerator)
    if shutter.numerator == 1 and shutter.denominator >= 3:
        return f"1/{shutter.denominator}"
    return f"{float(shutter):g}"


def same_shutter(one: int, other: int) -> bool:
    """Whether two spellings mean the same speed."""
    return decode_shutter(one) == decode_shutter(other)


def nearest_shutter(exposure_s: float, speeds: Iterable[Fraction]) -> tuple[Fraction, float] | None:
    """The speed nearest in ratio, and how far it is from the exposure as a fraction of it. None without speeds.

    `exposure_s` must be above 0 (`ValueError`).
    """
    if exposure_s <= 0:
        raise ValueError("an exposure is longer than 0 s")
    best = min(speeds, key=lambda s: max(float(s) / exposure_s, exposure_s / float(s)), default=None)
    return None if best is None else (best, abs(float(best) - exposure_s) / exposure_s)


STANDARD_SHUTTERS_S: Final[tuple[Fraction, ...]] = (
    *(Fraction(n) for n in (30, 25, 20, 15, 13, 10, 8, 6, 5, 4)),
    *(Fraction(n, 10) for n in (32, 25, 20, 16, 13, 10, 8, 6, 5, 4)),
    *(Fraction(1, n) for n in (3, 4, 5, 6, 8, 10, 13, 15, 20, 25, 30, 40, 50, 60, 80, 100, 125, 160, 200, 250)),
    *(Fraction(1, n) for n in (320, 400, 500, 640, 800, 1000, 1250, 1600, 2000, 2500, 3200, 4000, 5000, 6400, 8000)),
)
"""The ladder of thirds of a stop, longest first (ILCE-7SM3 and ILCE-7M5 in mode M list exactly this, after bulb)."""


class MultiFrame(IntEnum):
    """Noise reduction by several frames, in the high byte of the ISO number."""

    OFF = 0
    ON = 1
    HIGH = 2


_ISO_AUTO = 0xFFFFFF
_ISO_EXPANDED = 0x10


@dataclass(frozen=True, slots=True)
class Iso:
    """An ISO setting. `number` is None for automatic. `high` is the high byte as sent: write back what was listed."""

    number: int | None
    high: int = 0

    @property
    def auto(self) -> bool:
        return self.number is None

    @property
    def expanded(self) -> bool:
        """Outside of the sensor's own range (ILCE-7SM3 lists 40 to 64 and 128000 up so)."""
        return bool(self.high & _ISO_EXPANDED)

    @property
    def multi_frame(self) -> MultiFrame:
        return lookup(MultiFrame, self.high & 0x0F) or MultiFrame.OFF

    @property
    def plain(self) -> bool:
        """A fixed number with one frame a photo: what an astronomer may choose."""
        return self.number is not None and self.high in (0, _ISO_EXPANDED)


def decode_iso(value: int) -> Iso | None:
    """0xD21E and 0xD226. None for 0, all ones and numbers beyond 32 bits."""
    if not 0 < value < _NOTHING:
        return None
    number = value & 0xFFFFFF
    if number == 0:
        return None
    return Iso(None if number == _ISO_AUTO else number, value >> 24)


def iso_number(value: int | None) -> int | None:
    """The plain number of an ISO code; None for automatic, nothing, and what is no code."""
    iso = None if value is None else decode_iso(value)
    return None if iso is None else iso.number


def encode_iso(iso: Iso) -> int:
    """The number as the camera writes it. `ValueError` for what does not fit into its 24 and 8 bits."""
    number = _ISO_AUTO if iso.number is None else iso.number
    if (iso.number is not None and not 0 < iso.number < _ISO_AUTO) or not 0 <= iso.high <= 0xFF:
        raise ValueError(f"{iso} is not an ISO setting")
    value = iso.high << 24 | number
    if value == _NOTHING:
        raise ValueError(f"{iso} is not an ISO setting")
    return value


def label_iso(iso: Iso | None) -> str:
    """`1600`, `Auto`, with ` NR` or ` NR high` for multi-frame noise reduction; `-` for nothing."""
    if iso is None:
        return "-"
    tail = {MultiFrame.OFF: "", MultiFrame.ON: " NR", MultiFrame.HIGH: " NR high"}[iso.multi_frame]
    return ("Auto" if iso.number is None else str(iso.number)) + tail


def decode_f_number(value: int) -> float | None:
    """0x5007: hundredths. None without a lens with contacts (0, 0x7FFF and up; 0xFFFD means a closed iris)."""
    return value / 100 if 0 < value < 0x7FFF else None


def encode_f_number(f_number: float) -> int:
    """Hundredths; `ValueError` outside of f/0.01 to f/327."""
    value = round(f_number * 100)
    if not 0 < value < 0x7FFF:
        raise ValueError(f"f/{f_number} is not an aperture")
    return value


def decode_ev(value: int) -> float | None:
    """0x5010: thousandths of EV, INT16; its unsigned spelling is read too. None beyond 16 bits."""
    if not -0x8000 <= value <= 0xFFFF:
        return None
    return (value - 0x10000 if value > 0x7FFF else value) / 1000


def encode_ev(ev: float) -> int:
    """Thousandths of EV as INT16; `ValueError` beyond."""
    value = round(ev * 1000)
    if not -0x8000 <= value <= 0x7FFF:
        raise ValueError(f"{ev} EV does not fit")
    return value
