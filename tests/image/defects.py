"""Broken and odd ARW files, made from sound ones: what a bad cable, a wrong menu or a new body hands over. Pure."""

from __future__ import annotations

import struct

__all__ = [
    "as_compressed_2",
    "as_ycbcr",
    "cut_off",
    "patched",
    "renamed",
    "with_wrong_length",
    "without_tone_curve",
    "zero_hole",
]

_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 7: 1, 8: 2}


def cut_off(data: bytes, share: float = 0.7) -> bytes:
    """The file up to `share` (0 to 1) of its length: a transfer that ended early."""
    return data[: int(len(data) * share)]


def zero_hole(data: bytes, offset: int, length: int = 4096) -> bytes:
    """The file with a hole of zeros: a packet that was lost."""
    end = min(offset + length, len(data))
    return data[:offset] + b"\0" * (end - offset) + data[end:]


def with_wrong_length(data: bytes, by: int = 1000) -> bytes:
    """The length of the raw data (of the strip, else of the first tile) is `by` bytes more than it is."""
    tag = 0x0145 if _place(data, 0x0145) else 0x0117
    place, size = _place(data, tag) or (0, 0)
    if size > 4:
        (place,) = struct.unpack_from("<I", data, place)
    (length,) = struct.unpack_from("<I", data, place)
    return data[:place] + struct.pack("<I", length + by) + data[place + 4 :]


def without_tone_curve(data: bytes) -> bytes:
    """The tone curve, which the lossy code needs, is all zeros."""
    place, _ = _place(data, 0x7010) or (0, 0)
    (offset,) = struct.unpack_from("<I", data, place)
    return data[:offset] + b"\0" * 8 + data[offset + 8 :]


def as_compressed_2(data: bytes) -> bytes:
    """Marked as the newest bodies' compression (32766), with data that are not."""
    return patched(data, 0x0103, 32766)


def as_ycbcr(data: bytes) -> bytes:
    """Marked as a "RAW" of size M or S: three samples, YCbCr."""
    return patched(patched(data, 0x0106, 6), 0x0115, 3)


def patched(data: bytes, tag: int, value: int) -> bytes:
    """The raw directory's `tag`, whose value stands in its entry, becomes `value`."""
    found = _place(data, tag)
    if found is None:
        raise ValueError(f"the raw directory has no tag 0x{tag:04X}")
    place, size = found
    return data[:place] + value.to_bytes(4, "little")[:size].ljust(4, b"\0") + data[place + 4 :]


def renamed(data: bytes, tag: int, other: int) -> bytes | None:
    """The raw directory's `tag` is called `other`, so it's missing; None where the file has no such tag."""
    found = _place(data, tag)
    if found is None:
        return None
    return data[: found[0] - 8] + struct.pack("<H", other) + data[found[0] - 6 :]


def _place(data: bytes, tag: int) -> tuple[int, int] | None:
    """Where the value (or its offset) of a tag of the raw directory stands, and the size of the value."""
    raw = _entry(data, 8, 0x014A)
    if raw is None:
        return None
    (offset,) = struct.unpack_from("<I", data, raw[0])
    return _entry(data, offset, tag)


def _entry(data: bytes, offset: int, tag: int) -> tuple[int, int] | None:
    (count,) = struct.unpack_from("<H", data, offset)
    for number in range(count):
        at = offset + 2 + 12 * number
        found, kind, components = struct.unpack_from("<HHI", data, at)
        if found == tag:
            return at + 8, components * _SIZES[kind]
    return None
