"""Text that goes out: escaped, without control characters, never longer than a C client's buffer.

- A message that forgets to escape is lost without a word in indiserver 1.9.9: everything passes through here.
- libindi's buffers: names, labels, groups and formats 64 bytes, a message 255, each with its ending NUL.
  Longer ones are cut here, between two characters.
- Only the five named entities are known to libindi; numeric references are not decoded there and not written
  here.
- Time stamps are UTC without fraction and zone.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

__all__ = ["MESSAGE_BYTES", "NAME_BYTES", "attribute", "clean", "cut", "escape", "split_message", "timestamp"]

NAME_BYTES = 63
MESSAGE_BYTES = 254

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_CONTROL_BUT_LINES = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_SPECIAL = re.compile("[&<>\"']")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;"}
_BREAKS = re.compile("[\t\r\n]+")
_TAG = re.compile(r"\[[A-Z]+\] ")


def clean(text: str, *, lines: bool = False) -> str:
    """`text` without control characters and what XML cannot carry; `lines` keeps line feeds and tabs."""
    return (_CONTROL_BUT_LINES if lines else _CONTROL).sub("", text)


def cut(text: str, limit: int = NAME_BYTES) -> str:
    """The longest beginning of `text` that is at most `limit` bytes of UTF-8."""
    raw = text.encode("utf-8", "ignore")
    if len(raw) <= limit:
        return text
    return raw[:limit].decode("utf-8", "ignore")


def escape(text: str) -> str:
    """The five special characters as entities."""
    return _SPECIAL.sub(lambda match: _ENTITIES[match[0]], text)


def attribute(name: str, value: str, limit: int = NAME_BYTES) -> str:
    """` name="value"`, ready to stand in a tag; at most `limit` bytes before escaping.

    Line ends and tabs become blanks, other control characters go.
    """
    shown = cut(clean(_BREAKS.sub(" ", value)), limit)
    return f' {name}="{escape(shown)}"'


def split_message(text: str, limit: int = MESSAGE_BYTES) -> tuple[str, ...]:
    """`text` in parts of at most `limit` bytes, parted at blanks;

    each part repeats a leading tag as `[INFO] `.
    """
    text = clean(re.sub(r"\s+", " ", text)).strip()
    tag = match[0] if (match := _TAG.match(text)) else ""
    rest = text[len(tag) :]
    room = max(limit - len(tag), 8)
    parts: list[str] = []
    while rest:
        part = cut(rest, room)
        if len(part) < len(rest) and not rest[len(part)].isspace() and (blank := part.rfind(" ")) > 0:
            part = part[:blank]
        parts.append(tag + part.rstrip())
        rest = rest[len(part) :].lstrip()
    return tuple(parts) or (tag.strip(),)


def timestamp(when: datetime) -> str:
    """`YYYY-MM-DDThh:mm:ss` in UTC of an aware time."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
