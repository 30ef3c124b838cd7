"""Values of settings as numbers, names and labels. Pure; both directions where the driver writes the value.

- Shutter speeds are compared as fractions, never as integers: 30 s is spelled 300/10 and 30/1 by different bodies.
- Any integer from a camera gives a value or None ("nothing to show"): decoding never raises. Encoding raises
  `ValueError` for what cannot be spelled.
- Speeds are the nominal ones that the body prints; nothing here claims what its shutter really does.

Sources: Sony's PTP references (2.00 and 3.00), libgphoto2 config.c, SonyCamera, a trace of an ILCE-7SM3 (firmware
3.00); the rows are in `protocol.toml`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, IntEnum
from fractions import Fraction
from typing import Final, TypeVar

from indi_sony_py.sony.snapshot import Version

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
_E = TypeVar("_E", bound=IntEnum)


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


class DriveKind(Enum):
    SINGLE = "single"
    CONTINUOUS = "continuous"
    TIMELAPSE = "timelapse"
    SELF_TIMER = "self-timer"
    BRACKET = "bracket"
    OTHER = "other"


_SELF_TIMERS = frozenset({0x8003, 0x8004, 0x8005, 0x8008, 0x8009, 0x800C, 0x800D, 0x800E, 0x800F})
_CONTINUOUS = frozenset({0x0002, *range(0x8010, 0x8018), 0x8030, 0x8031, 0x8032})
_OTHER_BRACKETS = frozenset({0x8018, 0x8019, 0x801A, 0x8028, 0x8029, 0x8040})


def decode_drive(value: int) -> DriveKind:
    """0x5013 of both versions: 3.00 puts a group into the high half, the low half is the 2.00 code.

    A code that no table names is OTHER: not single, so not good for an exposure.
    """
    code = value & 0xFFFF
    if code == 1:
        return DriveKind.SINGLE
    if code == 3:
        return DriveKind.TIMELAPSE
    if code in _SELF_TIMERS:
        return DriveKind.SELF_TIMER
    if code in _CONTINUOUS:
        return DriveKind.CONTINUOUS
    if code in _OTHER_BRACKETS or 0x8300 <= code <= 0x89FF or 0xC200 <= code <= 0xC2FF:
        return DriveKind.BRACKET
    return DriveKind.OTHER


class ProgramKind(Enum):
    """What the mode dial stands on, as far as an exposure cares."""

    MANUAL = "M"
    PROGRAM = "P"
    APERTURE = "A"
    SHUTTER = "S"
    AUTO = "Auto"
    SCENE = "Scene"
    MOVIE = "Movie"
    OTHER = "Other"

    @property
    def is_manual(self) -> bool:
        return self is ProgramKind.MANUAL

    @property
    def is_movie(self) -> bool:
        return self is ProgramKind.MOVIE


_PROGRAMS = {
    1: ProgramKind.MANUAL,
    2: ProgramKind.PROGRAM,
    3: ProgramKind.APERTURE,
    4: ProgramKind.SHUTTER,
    0x8000: ProgramKind.AUTO,
    0x8001: ProgramKind.AUTO,
    0x8008: ProgramKind.PROGRAM,
    0x8009: ProgramKind.PROGRAM,
}
_PROGRAM_GROUPS = {2: 1, 3: 2, 4: 3, 0x8000: 4, 0x8001: 4}


def decode_program(value: int) -> ProgramKind:
    """0x500E of both versions: 3.00 puts a group into the high half, the low half is the 2.00 code."""
    code = value & 0xFFFF
    known = _PROGRAMS.get(code)
    if known is not None:
        return known
    if 5 <= code <= 7 or 0x8011 <= code <= 0x801C:
        return ProgramKind.SCENE
    if code != 0x8089 and (0x8050 <= code <= 0x805D or 0x8080 <= code <= 0x8097):
        return ProgramKind.MOVIE
    return ProgramKind.OTHER


def encode_program(code: int, version: Version) -> int:
    """A 2.00 program code of the modes P, A, S, M and auto as `version` spells it."""
    return code if version is Version.V200 else _PROGRAM_GROUPS.get(code, 0) << 16 | code


@dataclass(frozen=True, slots=True)
class FileFormat:
    """Which files one photo gives: the RAW, a processed companion (JPEG or HEIF), or both."""

    raw: bool
    companion: bool


_FORMATS_300 = {
    1: FileFormat(True, False),
    2: FileFormat(True, True),
    3: FileFormat(False, True),
    4: FileFormat(True, True),
    5: FileFormat(False, True),
}
_FORMATS_200 = {
    **dict.fromkeys((0x10, 0x20), FileFormat(True, False)),
    **dict.fromkeys((0x11, 0x12, 0x13, 0x14, 0x23, 0x41, 0x42, 0x43, 0x44), FileFormat(True, True)),
    **dict.fromkeys((0x01, 0x02, 0x03, 0x04, 0x31, 0x32, 0x33, 0x34), FileFormat(False, True)),
}
RAW_ONLY: Final = {Version.V200: 0x10, Version.V300: 0x01}
"""What to write for RAW alone: to 0x5004 in 2.00, to 0xD253 in 3.00."""


def decode_file_format(value: int, version: Version) -> FileFormat | None:
    """0x5004 (2.00) or 0xD253 (3.00). None for a value that no table names."""
    return (_FORMATS_200 if version is Version.V200 else _FORMATS_300).get(value)


class RawType(IntEnum):
    """0xD288. M and S give smaller frames; COMPRESSED and COMPRESSED_HQ lose detail."""

    COMPRESSED = 1
    LOSSLESS_L = 2
    LOSSLESS_M = 3
    LOSSLESS_S = 4
    UNCOMPRESSED = 5
    LOSSLESS = 6
    COMPRESSED_HQ = 7

    @property
    def lossy(self) -> bool:
        return self in (RawType.COMPRESSED, RawType.COMPRESSED_HQ)

    @property
    def full_size(self) -> bool:
        return self not in (RawType.LOSSLESS_M, RawType.LOSSLESS_S)


class SaveDestination(IntEnum):
    """0xD222. With CARD alone no image ever reaches the host."""

    HOST = 0x01
    CARD = 0x10
    BOTH = 0x11

    @property
    def reaches_host(self) -> bool:
        return self is not SaveDestination.CARD


class FocusMode(IntEnum):
    """0x500A."""

    MANUAL = 0x0001
    AF_S = 0x0002
    AF_MACRO = 0x0003
    AF_C = 0x8004
    AF_A = 0x8005
    DMF = 0x8006
    MANUAL_REVERSE = 0x8007
    AF_D = 0x8008
    PRESET = 0x8009

    @property
    def is_manual(self) -> bool:
        """No auto-focus runs before the release. Direct manual focus does run it."""
        return self in (FocusMode.MANUAL, FocusMode.MANUAL_REVERSE, FocusMode.PRESET)


class FocusState(Enum):
    """0xD213 as far as a release cares."""

    IDLE = "idle"
    SEARCHING = "searching"
    FOCUSED = "focused"
    FAILED = "failed"


_FOCUS = {
    1: FocusState.IDLE,
    2: FocusState.FOCUSED,
    3: FocusState.FAILED,
    5: FocusState.SEARCHING,
    6: FocusState.FOCUSED,
    7: FocusState.FAILED,
}


def decode_focus(value: int, failed_means_focused: bool = False) -> FocusState:
    """0xD213. A DSC-RX0 reports 3 when it is focused: its row sets `failed_means_focused` (libgphoto2#415)."""
    if value == 3 and failed_means_focused:
        return FocusState.FOCUSED
    return _FOCUS.get(value, FocusState.IDLE)


class CardSlot(IntEnum):
    """0xD248 and 0xD256."""

    OK = 1
    NO_CARD = 2
    CARD_ERROR = 3
    RECOGNIZING_LOCKED = 4
    DATABASE_ERROR = 5
    RECOGNIZING = 6
    LOCKED_DATABASE_ERROR = 7
    NEEDS_FORMAT = 8
    READ_ONLY = 9


def battery_percent(value: int) -> int | None:
    """0xD218: percent; None for -1 (unknown) and for what is no percentage."""
    return value if 0 <= value <= 100 else None


_BARS = {0x03: 5, 0x04: 25, 0x05: 50, 0x06: 75, 0x07: 100, 0x08: 33, 0x09: 67, 0x0A: 100}
_BARS_USB = {0x0B: 5, 0x0C: 25, 0x0D: 50, 0x0E: 75, 0x0F: 100}


def battery_bars_percent(value: int) -> int | None:
    """0xD20E: the bars of the battery symbol as the percentage that they stand for. None without a usable battery."""
    return _BARS.get(value, _BARS_USB.get(value))


def decode_objects(value: int) -> tuple[bool, int]:
    """0xD215: (an image may be fetched now, the count in the low bits).

    Go by the first: a RAW+JPEG pair can count 1. A count above 100 means "not ready" (0xFFFB on an ILCE-6400 had no
    file behind it, libgphoto2#1058). (False, n) with n above 0: an image is being prepared.
    """
    count = value & 0x7FFF
    return bool(value & 0x8000) and count <= 100, count


def image_waits(value: int) -> bool:
    """Whether an image may be fetched, by 0xD215."""
    return decode_objects(value)[0]


def lookup(kind: type[_E], value: int) -> _E | None:
    """The member of `kind` with this value, None if it has none."""
    try:
        return kind(value)
    except ValueError:
        return None
