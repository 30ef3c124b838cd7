"""Modes and states as names: drive, program, file format, focus, card, battery, objects in memory. Pure.

What a table calls a number is a judgement here: is it single drive, is it manual, does a RAW come of it. The numbers of
both protocol versions are read; a number that no table names gives the cautious answer (OTHER, None, IDLE), never an
error. Sources as in `sony.values`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import Final, TypeVar

from indi_sony_py.sony.snapshot import Version

__all__ = [
    "RAW_ONLY",
    "CardSlot",
    "DriveKind",
    "FileFormat",
    "FocusMode",
    "FocusState",
    "ProgramKind",
    "RawType",
    "SaveDestination",
    "battery_bars_percent",
    "battery_percent",
    "decode_drive",
    "decode_file_format",
    "decode_focus",
    "decode_objects",
    "decode_program",
    "encode_program",
    "image_waits",
    "lookup",
]

_E = TypeVar("_E", bound=IntEnum)


def lookup(kind: type[_E], value: int) -> _E | None:
    """The member of `kind` with this value, None if it has none."""
    try:
        return kind(value)
    except ValueError:
        return None


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
