"""The live view object (handle 0xFFFFC002): a head, a JPEG, and in 3.00 what the camera says of its focus. Pure.

    0   UINT32  offset of the JPEG, from the begin of the payload
    4   UINT32  size of the JPEG; 0: there is no new frame yet
    8   UINT32  3.00: offset of the focus frames
    12  UINT32  3.00: size of the focus frames; 0: none

Rules kept here:

- The JPEG is cut by offset and size. It is never searched for: FF D8 can occur in the head (gphoto2#389).
- A frame whose JPEG does not lie within the payload, or does not begin as one, is refused with field and offset.
- The focus frames are cut and not read: the two sources of their layout disagree (Sony PTP3 ref, alphawire). Where they
  do not lie within the payload there are none, for the picture is whole without them.

Sources: Sony PTP2 ref, Sony PTP3 ref, libgphoto2 library.c, watsonmw/alphawire, dougforpres/SonyCamera.
"""

from __future__ import annotations

from dataclasses import dataclass

from indi_sony_py.errors import BadData
from indi_sony_py.sony.snapshot import Version

__all__ = ["LivePicture", "decode_live_view", "encode_live_view"]

_HEAD = {Version.V200: 8, Version.V300: 16}
_ROOM = 136
"""Where the JPEG begins in frames that are made here: 128 reserved bytes behind the first two numbers (a guess)."""

_SOI = b"\xff\xd8"
_SIZES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Markers of a JPEG whose segment tells the size (SOF)."""
_SCAN, _END = 0xDA, 0xD9
_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})
"""Markers without a segment."""


@dataclass(frozen=True, slots=True)
class LivePicture:
    """One frame of live view. `jpeg` is whole, `width` and `height` are its pixels; `focus`: the focus frames, raw."""

    jpeg: bytes
    width: int
    height: int
    focus: bytes = b""


def decode_live_view(data: bytes | bytearray | memoryview, version: Version) -> LivePicture | None:
    """A payload as it came; None: no new frame yet. `BadData` for one that is damaged."""
    head = _HEAD[version]
    if len(data) < head:
        raise BadData("live view head", len(data), f"{len(data)} bytes, {head} belong to it")
    jpeg_at, jpeg_size, focus_at, focus_size = (
        int.from_bytes(data[at : at + 4], "little") if at < head else 0 for at in (0, 4, 8, 12)
    )
    if jpeg_size == 0:
        return None
    if jpeg_at < head:
        raise BadData("live view offset", 0, f"{jpeg_at} lies within the head")
    if jpeg_at + jpeg_size > len(data):
        raise BadData("live view size", 4, f"{jpeg_size} bytes from {jpeg_at} on, the payload ends at {len(data)}")
    jpeg = bytes(data[jpeg_at : jpeg_at + jpeg_size])
    width, height = _size(jpeg, jpeg_at)
    focus = b""
    if focus_size and head <= focus_at and focus_at + focus_size <= len(data):
        focus = bytes(data[focus_at : focus_at + focus_size])
    return LivePicture(jpeg, width, height, focus)


def encode_live_view(jpeg: bytes, version: Version, focus: bytes = b"") -> bytes:
    """The payload that a camera sends. An empty `jpeg`: no new frame yet. `focus` is of 3.00 alone."""
    numbers = [_ROOM, len(jpeg)]
    if version is Version.V300:
        numbers += [_ROOM + len(jpeg) if focus else 0, len(focus)]
    elif focus:
        raise ValueError("2.00 has no focus frames")
    head = b"".join(number.to_bytes(4, "little") for number in numbers)
    return head + bytes(_ROOM - len(head)) + jpeg + focus


def _size(jpeg: bytes, base: int) -> tuple[int, int]:
    """Width and height by the segments of the JPEG. `base`: its place in the payload, for errors."""
    if jpeg[:2] != _SOI:
        raise BadData("live view JPEG", base, f"begins with {jpeg[:2].hex()}")
    at = 2
    while at + 4 <= len(jpeg):
        if jpeg[at] != 0xFF:
            raise BadData("live view JPEG", base + at, f"0x{jpeg[at]:02X} where a marker belongs")
        marker = jpeg[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker in _ALONE:
            at += 2
            continue
        if marker in (_SCAN, _END):
            break
        length = int.from_bytes(jpeg[at + 2 : at + 4], "big")
        if length < 2 or at + 2 + length > len(jpeg):
            raise BadData("live view JPEG", base + at + 2, f"a segment of {length} bytes")
        if marker in _SIZES:
            if length < 8:
                raise BadData("live view JPEG", base + at + 2, f"a frame header of {length} bytes")
            height, width = (int.from_bytes(jpeg[at + i : at + i + 2], "big") for i in (5, 7))
            if not (width and height):
                raise BadData("live view JPEG", base + at + 5, f"{width} x {height} pixels")
            return width, height
        at += 2 + length
    raise BadData("live view JPEG", base + min(at, len(jpeg)), "no frame header")
