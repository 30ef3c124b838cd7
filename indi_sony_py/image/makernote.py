"""Sony's MakerNote and SR2 block: deciphered, and believed only where the file says that a value is valid. Pure.

Rules kept here:

- A fault in here never costs the picture: every value is optional, and what could not be read becomes a note.
- A temperature is given only if its own validity byte says so, never by a list of models; the camera's temperature and
  the ambient one never stand in for each other.

Sources: exiftool `Sony.pm` (tags 0x2008, 0x9050, 0x9402, 0x9403, 0x9406, 0xB000, 0xB001 and their conditions); LibRaw
`src/metadata/sony.cpp` (SR2 cipher); the values of a real ZV-E10 file agree.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from indi_sony_py.errors import BrokenImage
from indi_sony_py.image.tiff import Entry, Tiff

__all__ = ["NO_MAKERNOTE", "MakerNote", "Sr2", "decipher", "read_makernote", "read_sr2", "sr2_decrypt"]

_Value = TypeVar("_Value")

# Byte substitution of the enciphered tags: c = b^3 mod 249 below 249, the rest stays.
_ENCIPHER = bytes(pow(byte, 3, 249) if byte < 249 else byte for byte in range(256))
_DECIPHER = bytes(_ENCIPHER.index(byte) for byte in range(256))

_SR2_LIMIT = 1 << 18
_SR2_WORDS = 1 << 14

# A-mount bodies write something else where the ambient temperature stands.
_A_MOUNT = frozenset({280, 281, 285, 286, 287, 291, 292, 294, 303, 319, 353, 354})

# Where tag 0x9050 keeps the shutter count (LE32), by SonyModelID: exiftool's tables 9050b and 9050c, 9050d; every other
# body with the tag has 9050a, except the compact ones (no count known).
_COUNT_B_AND_C = frozenset({
    347, 350, 354, 357, 358, 360, 362, 363, 371, 375, 376, 378, 379, 381, 382, 386, 387, 402, 403,
    383, 384, 385, 388, 390,
})  # fmt: skip
_COUNT_D = frozenset({391, 393, 394, 396, 397, 399})
_COUNT_A = frozenset({
    280, 281, 285, 286, 287, 288, 289, 291, 292, 293, 294, 295, 296, 302, 303, 305, 306, 307, 311, 312, 313, 318, 319,
    339, 340, 346, 353,
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class MakerNote:
    """What the MakerNote says; temperatures in Celsius, the battery in percent."""

    model_id: int | None = None
    file_format: tuple[int, int, int, int] | None = None
    long_exposure_nr: bool | None = None
    shutter_count: int | None = None
    camera_temperature_c: float | None = None
    ambient_temperature_c: float | None = None
    battery_temperature_c: float | None = None
    battery_percent: int | None = None


NO_MAKERNOTE = MakerNote()


@dataclass(frozen=True, slots=True)
class Sr2:
    """Levels of the encrypted SR2 block."""

    black: tuple[int, ...] | None = None
    white: tuple[int, ...] | None = None
    wb: tuple[int, ...] | None = None


def decipher(data: bytes) -> bytes:
    """Undo the byte substitution of the enciphered MakerNote tags."""
    return data.translate(_DECIPHER)


def sr2_decrypt(data: bytes, key: int) -> bytes:
    """Decrypt (or encrypt: it is its own inverse) an SR2 block whose length is a multiple of 4."""
    pad = [0] * 128
    word = key & 0xFFFFFFFF
    for index in range(4):
        word = (word * 48828125 + 1) & 0xFFFFFFFF
        pad[index] = word
    pad[3] = (pad[3] << 1 | (pad[0] ^ pad[2]) >> 31) & 0xFFFFFFFF
    for index in range(4, 127):
        mixed = (pad[index - 4] ^ pad[index - 2]) << 1 | (pad[index - 3] ^ pad[index - 1]) >> 31
        pad[index] = mixed & 0xFFFFFFFF
    words = struct.unpack(f">{len(data) // 4}I", data)
    out = []
    for number, value in enumerate(words, start=127):
        pad[number & 127] = pad[(number + 1) & 127] ^ pad[(number + 65) & 127]
        out.append(value ^ pad[number & 127])
    return struct.pack(f">{len(out)}I", *out)


def read_makernote(tiff: Tiff, place: int, damage: list[str]) -> MakerNote:
    """The MakerNote at file offset `place`. Faults go to `damage` as sentences."""
    try:
        entries, _ = tiff.directory(place, "MakerNote")
    except BrokenImage as fault:
        damage.append(str(fault))
        return MakerNote()

    def integer(tag: int, name: str) -> int | None:
        return _try(entries.get(tag), name, damage, tiff.integer)

    def secret(tag: int, name: str) -> bytes:
        raw = _try(entries.get(tag), name, damage, tiff.value)
        return decipher(bytes(raw)) if raw is not None else b""

    model_id = integer(0xB001, "SonyModelID")
    numbers = _try(entries.get(0xB000), "FileFormat", damage, lambda e, f: tiff.integers(e, f, 4))
    percent, battery_c = _battery(secret(0x9406, "tag 0x9406"))
    return MakerNote(
        model_id=model_id,
        file_format=(numbers[0], numbers[1], numbers[2], numbers[3]) if numbers else None,
        long_exposure_nr=_long_exposure_nr(integer(0x2008, "LongExposureNoiseReduction")),
        shutter_count=_shutter_count(model_id, secret(0x9050, "tag 0x9050")),
        camera_temperature_c=_camera_temperature(secret(0x9403, "tag 0x9403")),
        ambient_temperature_c=_ambient(model_id, secret(0x9402, "tag 0x9402")),
        battery_temperature_c=battery_c,
        battery_percent=percent,
    )


def read_sr2(tiff: Tiff, place: int, damage: list[str]) -> Sr2:
    """Levels in the SR2SubIFD that the SR2Private directory at `place` points to. Faults go to `damage`."""
    try:
        entries, _ = tiff.directory(place, "SR2Private")
        missing = {0x7200, 0x7201, 0x7221} - entries.keys()
        if missing:
            return Sr2()
        offset = tiff.integer(entries[0x7200], "SR2SubIFDOffset")
        length = tiff.integer(entries[0x7201], "SR2SubIFDLength")
        # Four bytes of no type on real bodies.
        key = int.from_bytes(bytes(tiff.value(entries[0x7221], "SR2SubIFDKey"))[:4], "little")
        if length > _SR2_LIMIT:
            raise BrokenImage("SR2SubIFDLength", entries[0x7201].at, f"{length} bytes")
        raw = bytes(tiff.read(offset, length, "SR2SubIFD"))
        raw = raw[: min(len(raw) // 4, _SR2_WORDS) * 4]
        block = Tiff(memoryview(sr2_decrypt(raw, key)), offset)
        levels, _ = block.directory(offset, "SR2SubIFD")
    except BrokenImage as fault:
        damage.append(str(fault))
        return Sr2()

    def integers(tag: int, name: str) -> tuple[int, ...] | None:
        return _try(levels.get(tag), name, damage, block.integers)

    return Sr2(
        black=integers(0x7310, "SR2 BlackLevel"),
        white=integers(0x787F, "SR2 WhiteLevel"),
        wb=integers(0x7313, "SR2 WB_RGGBLevels"),
    )


def _try(entry: Entry | None, name: str, damage: list[str], read: Callable[[Entry, str], _Value]) -> _Value | None:
    if entry is None:
        return None
    try:
        return read(entry, name)
    except BrokenImage as fault:
        damage.append(str(fault))
        return None


def _long_exposure_nr(value: int | None) -> bool | None:
    # 0 off, 1 on but not needed, 0x10001 on; 0xFFFF0000 and 0xFFFF0001 the same; 0xFFFFFFFF not known.
    if value is None or value & 0xFFFF not in (0, 1):
        return None
    return bool(value & 0xFFFF)


def _shutter_count(model_id: int | None, data: bytes) -> int | None:
    if model_id in _COUNT_B_AND_C:
        offset = 0x3A
    elif model_id in _COUNT_D:
        offset = 0x0A
    elif model_id in _COUNT_A:
        offset = 0x32
    else:
        return None
    if len(data) < offset + 4:
        return None
    (count,) = struct.unpack_from("<I", data, offset)
    return int(count & 0xFFFFFF) or None


def _signed(byte: int) -> int:
    return byte - 256 if byte > 127 else byte


def _camera_temperature(data: bytes) -> float | None:
    # LibRaw refuses 0x94 as well.
    if len(data) < 6 or not 0 < data[4] < 100 or data[5] == 0x94:
        return None
    return float(_signed(data[5]))


def _ambient(model_id: int | None, data: bytes) -> float | None:
    if len(data) < 5 or data[2] != 255 or model_id in _A_MOUNT or _ENCIPHER[data[0]] in (0x05, 0xFF):
        return None
    return float(_signed(data[4]))


def _battery(data: bytes) -> tuple[int | None, float | None]:
    if len(data) < 8 or data[0] not in (1, 2, 3) or data[2] not in (2, 3):
        return None, None
    return (data[7] if data[7] <= 105 else None), round((data[5] - 32) / 1.8, 1)
