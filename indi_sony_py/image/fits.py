"""FITS bytes: cards by the rules of the standard, and a mosaic written straight into somebody's memory. Pure.

Rules kept here:

- A card has 80 printable ASCII characters; text is cleaned, quotes are doubled, long text goes on in CONTINUE cards.
- Header and data each fill whole blocks of 2880 bytes.
- 16-bit unsigned values are stored as signed ones with BZERO 32768 (`picture.put`).

Source: FITS Standard 4.0, sections 3, 4.1, 4.2, 5.2.
"""

from __future__ import annotations

import math
import re
import textwrap
import unicodedata
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from indi_sony_py.errors import RuleBroken

if TYPE_CHECKING:
    from indi_sony_py.image.picture import Picture

__all__ = [
    "BLOCK",
    "CARD",
    "card",
    "clean",
    "fits_size",
    "header_bytes",
    "is_continued",
    "valid_keyword",
    "value_text",
    "write_fits",
]

BLOCK = 2880
CARD = 80
_KEYWORD = re.compile(r"[A-Z0-9_-]{1,8}")
_COMMENTARY = ("COMMENT", "HISTORY")
_LARGEST_INTEGER = 2**63 - 1

Value = str | int | float | bool


def valid_keyword(keyword: str) -> bool:
    """Whether the standard allows this keyword (upper case, up to 8 characters)."""
    return _KEYWORD.fullmatch(keyword) is not None


def clean(text: str) -> str:
    """Text as the standard allows it: printable ASCII; letters lose their marks, the rest becomes `?`."""
    plain = unicodedata.normalize("NFKD", text)
    kept = (character for character in plain if not unicodedata.combining(character))
    return "".join(character if " " <= character <= "~" else "?" for character in kept)


def card(keyword: str, value: Value, comment: str = "") -> bytes:
    """One card, or a card and its CONTINUE cards. Raises `ValueError` for what the standard cannot hold."""
    if not valid_keyword(keyword):
        raise ValueError(f"{keyword!r} is no FITS keyword")
    if keyword in _COMMENTARY:
        pieces = textwrap.wrap(clean(str(value)), CARD - 8) or [""]
        return b"".join(_padded(f"{keyword:<8}{piece}") for piece in pieces)
    if isinstance(value, str):
        return _text_card(keyword, clean(value), clean(comment))
    line = f"{keyword:<8}= {_number(value):>20}"
    if comment:
        line += f" / {clean(comment)}"
    return _padded(line[:CARD])


def value_text(value: Value) -> str:
    """A value as a card has it: text in quotes. Raises `ValueError` for what the standard cannot hold."""
    if isinstance(value, str):
        return "'" + clean(value).rstrip().replace("'", "''") + "'"
    return _number(value)


def is_continued(made: bytes) -> bool:
    """Whether `card` needed CONTINUE cards."""
    return made[CARD : CARD + 8] == b"CONTINUE"


def header_bytes(cards: Iterable[bytes]) -> bytes:
    """Cards, END, blanks up to the next block."""
    raw = b"".join(cards) + _padded("END")
    return raw.ljust(-(-len(raw) // BLOCK) * BLOCK, b" ")


def fits_size(header_length: int, width: int, height: int) -> int:
    """Bytes of a file with a header of that length and a 16-bit image."""
    data = 2 * width * height
    return header_length + -(-data // BLOCK) * BLOCK


def write_fits(buffer: memoryview, header: bytes, picture: Picture) -> None:
    """Write header and picture into writable memory of exactly `fits_size` bytes. Raises as `picture.fill` does."""
    import numpy as np

    height, width = picture.shape
    size = fits_size(len(header), width, height)
    if len(buffer) != size or buffer.readonly:
        raise RuleBroken(f"a frame of {size} bytes for a buffer of {len(buffer)}")
    buffer[: len(header)] = header
    end = len(header) + 2 * width * height
    flat = np.frombuffer(buffer, np.uint8)
    picture.fill(flat[len(header) : end].view(np.uint16).reshape(height, width), True)
    flat[end:] = 0


def _padded(line: str) -> bytes:
    return line.encode("ascii").ljust(CARD, b" ")


def _number(value: int | float | bool) -> str:
    if isinstance(value, bool):
        return "T" if value else "F"
    if isinstance(value, int):
        if abs(value) > _LARGEST_INTEGER:
            raise ValueError(f"{value} does not fit into a FITS card")
        return str(value)
    if not math.isfinite(value):
        raise ValueError(f"{value} is no FITS number")
    text = f"{value:.12G}"
    if "." not in text:
        mantissa, mark, exponent = text.partition("E")
        text = f"{mantissa}.0{mark}{exponent}"
    return text


def _text_card(keyword: str, text: str, comment: str) -> bytes:
    text = text.rstrip()
    quoted = text.replace("'", "''")
    if len(quoted) <= 68:
        line = f"{keyword:<8}= " + f"'{quoted:<8}'".ljust(20)
        if comment:
            line += f" / {comment}"
        # A comment is cut, a value never.
        return _padded(line[:CARD] if len(line) > CARD else line)
    pieces = _pieces(text, 67)
    cards = [f"{keyword:<8}= '{pieces[0]}&'"]
    cards += [f"CONTINUE  '{piece}&'" for piece in pieces[1:-1]]
    last = f"CONTINUE  '{pieces[-1]}'"
    if comment:
        last += f" / {comment}"
    cards.append(last[:CARD])
    return b"".join(_padded(line) for line in cards)


def _pieces(text: str, room: int) -> Sequence[str]:
    """Quoted text in pieces of at most `room` characters; a doubled quote is never torn apart."""
    pieces = [""]
    for character in text:
        quoted = "''" if character == "'" else character
        if len(pieces[-1]) + len(quoted) > room:
            pieces.append("")
        pieces[-1] += quoted
    return pieces
