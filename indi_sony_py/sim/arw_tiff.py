"""The writing half of a small TIFF: directories whose value offsets are known once the sizes are. Pure."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

__all__ = [
    "Field",
    "ascii_field",
    "byte_field",
    "directory",
    "directory_size",
    "encipher",
    "long_field",
    "rational_field",
    "short_field",
    "signed_field",
    "sr2_encrypt",
    "undefined_field",
]

_ENCIPHER = bytes(pow(byte, 3, 249) if byte < 249 else byte for byte in range(256))


@dataclass(frozen=True, slots=True)
class Field:
    """One tag with its bytes; `kind` is the TIFF type, `count` the number of components."""

    tag: int
    kind: int
    count: int
    raw: bytes


def ascii_field(tag: int, text: str) -> Field:
    """Text with its NUL."""
    raw = text.encode("ascii", "replace") + b"\0"
    return Field(tag, 2, len(raw), raw)


def byte_field(tag: int, *values: int) -> Field:
    return Field(tag, 1, len(values), bytes(values))


def short_field(tag: int, *values: int) -> Field:
    return Field(tag, 3, len(values), struct.pack(f"<{len(values)}H", *values))


def signed_field(tag: int, *values: int) -> Field:
    return Field(tag, 8, len(values), struct.pack(f"<{len(values)}h", *values))


def long_field(tag: int, *values: int) -> Field:
    return Field(tag, 4, len(values), struct.pack(f"<{len(values)}I", *values))


def rational_field(tag: int, value: Fraction) -> Field:
    limited = value.limit_denominator(0xFFFF_FFFF)
    return Field(tag, 5, 1, struct.pack("<2I", limited.numerator, limited.denominator))


def undefined_field(tag: int, raw: bytes) -> Field:
    return Field(tag, 7, len(raw), raw)


def directory_size(fields: Sequence[Field]) -> int:
    """Bytes of a directory with its values."""
    return 6 + 12 * len(fields) + sum(len(field.raw) + len(field.raw) % 2 for field in fields if len(field.raw) > 4)


def directory(fields: Sequence[Field], offset: int, following: int = 0) -> bytes:
    """A directory at file offset `offset`, its fields in the order given (real bodies do not always sort them)."""
    head = [struct.pack("<H", len(fields))]
    values = []
    place = offset + 6 + 12 * len(fields)
    for field in fields:
        row = struct.pack("<HHI", field.tag, field.kind, field.count)
        if len(field.raw) <= 4:
            head.append(row + field.raw.ljust(4, b"\0"))
            continue
        head.append(row + struct.pack("<I", place))
        padded = field.raw + b"\0" * (len(field.raw) % 2)
        values.append(padded)
        place += len(padded)
    head.append(struct.pack("<I", following))
    return b"".join(head + values)


def encipher(plain: bytes) -> bytes:
    """The byte substitution of Sony's enciphered tags (exiftool `Sony.pm`)."""
    return plain.translate(_ENCIPHER)


def sr2_encrypt(plain: bytes, key: int) -> bytes:
    """The word stream over an SR2SubIFD (LibRaw `src/metadata/sony.cpp`); its length is a multiple of 4."""
    mask = 0xFFFFFFFF
    pad: list[int] = []
    state = key
    for _ in range(4):
        state = (state * 48828125 + 1) & mask
        pad.append(state)
    pad[3] = ((pad[3] << 1) | ((pad[0] ^ pad[2]) >> 31)) & mask
    while len(pad) < 127:
        pad.append((((pad[-4] ^ pad[-2]) << 1) | ((pad[-3] ^ pad[-1]) >> 31)) & mask)
    pad.append(0)
    out = bytearray()
    for index in range(len(plain) // 4):
        number = index + 127
        pad[number % 128] = pad[(number + 1) % 128] ^ pad[(number + 65) % 128]
        (word,) = struct.unpack_from(">I", plain, 4 * index)
        out += struct.pack(">I", word ^ pad[number % 128])
    return bytes(out)
