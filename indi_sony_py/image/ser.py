"""SER video files: the head, the times at the end. Pure.

    0    14 bytes  "LUCAM-RECORDER"
    14   INT32     LuID, 0
    18   INT32     ColorID: 0 mono, 100 RGB
    22   INT32     byte order of 16-bit values, of no meaning for 8 bits
    26   INT32     width, then height, bits a value, number of frames
    42   3 x 40    observer, instrument, telescope: text, filled up with zeros
    162  INT64     local time of the begin, then UTC
    178            frames: rows from the top, red, green, blue of each pixel
    end  INT64     for each frame its time (UTC)

Times are ticks of 100 ns since the first moment of the year 1. All numbers begin with their lowest byte.

Source: Heiko Wilkens, Grischa Hahn, "SER format description version 3".
"""

from __future__ import annotations

import struct
from datetime import UTC, datetime

__all__ = ["COUNT_AT", "HEAD_BYTES", "RGB", "decode_head", "encode_head", "encode_times", "ticks"]

HEAD_BYTES = 178
COUNT_AT = 38
"""Where the number of frames stands."""
RGB = 100
_FILE_ID = b"LUCAM-RECORDER"
_HEAD = struct.Struct("<14s7i40s40s40sqq")
_YEAR_1 = datetime(1, 1, 1)
_TEXT = 40


def ticks(moment: datetime) -> int:
    """A time of any zone, as it reads there."""
    since = moment.replace(tzinfo=None) - _YEAR_1
    return (since.days * 86400 + since.seconds) * 10_000_000 + since.microseconds * 10


def encode_head(
    width: int,
    height: int,
    frames: int,
    began: datetime,
    observer: str = "",
    instrument: str = "",
    telescope: str = "",
) -> bytes:
    """The head of a file with 8-bit colours. `began` has its zone. Texts are cut; what is not ASCII becomes `?`."""
    texts = [text.encode("ascii", "replace")[:_TEXT] for text in (observer, instrument, telescope)]
    utc = ticks(began.astimezone(UTC))
    return _HEAD.pack(_FILE_ID, 0, RGB, 0, width, height, 8, frames, *texts, ticks(began.astimezone()), utc)


def encode_times(moments: list[datetime]) -> bytes:
    """What follows the last frame: the time of each, UTC."""
    return struct.pack(f"<{len(moments)}q", *(ticks(moment) for moment in moments))


def decode_head(data: bytes) -> dict[str, object]:
    """The numbers and texts of a head, by name; for whoever looks at a file. ValueError for another kind of file."""
    if len(data) < HEAD_BYTES or not data.startswith(_FILE_ID):
        raise ValueError("no SER file")
    names = ("id", "luid", "color", "order", "width", "height", "bits", "frames")
    texts = ("observer", "instrument", "telescope")
    found = _HEAD.unpack(data[:HEAD_BYTES])
    named: dict[str, object] = dict(zip(names, found[:8], strict=True))
    named |= {name: raw.rstrip(b"\0 ").decode("ascii") for name, raw in zip(texts, found[8:11], strict=True)}
    return named | {"local": found[11], "utc": found[12]}
