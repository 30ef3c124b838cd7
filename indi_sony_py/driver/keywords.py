"""FITS_HEADER: the cards that a client wants in every frame. Pure.

Two forms are served by one vector. Since libindi 2.0.1 a client writes one card at a time, by the first three elements,
which it counts; INDI_CLEAR as the name takes all back. Before, it named FITS_OBSERVER and FITS_OBJECT. Clients of
either kind send all elements along: so what stands in the keyword's name decides.

- Whole numbers and fractions become such, everything else is text; so does what can only be a text (an object "7000").
- A keyword without a value is taken back.
- A card that the driver writes itself is refused here, not at the frame.

Source of the forms: libindi 1.9.9 (observed) and 2.x; KStars, which sends them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Set

from indi_sony_py import texts

__all__ = ["LONGEST", "MOST", "Card", "Keywords"]

Card = tuple[str, str | int | float | bool, str]

MOST = 100
LONGEST = 1000
_LONGEST_COMMENT = 72
_CLEAR = "INDI_CLEAR"
_NAME, _VALUE, _COMMENT = "KEYWORD_NAME", "KEYWORD_VALUE", "KEYWORD_COMMENT"
_BY_ELEMENT = {"FITS_OBSERVER": ("OBSERVER", "observer"), "FITS_OBJECT": ("OBJECT", "target")}
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
_REAL = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]{1,3})?")
_TEXTS = frozenset(
    ("TELESCOP", "OBSERVER", "OBJECT", "FILTER", "OBJCTRA", "OBJCTDEC", "PIERSIDE", "RADECSYS", "CTYPE1", "CTYPE2")
)
_COMMENTARY = ("COMMENT", "HISTORY")


class Keywords:
    """Of one device. `cards` are in the order in which they came."""

    def __init__(self) -> None:
        self._cards: dict[str, Card] = {}
        self._comments: tuple[Card, ...] = ()

    @property
    def cards(self) -> tuple[Card, ...]:
        return (*self._cards.values(), *self._comments)

    def shown(self) -> dict[str, str]:
        """What FITS_HEADER shows: the keyword's elements are blank again, for the next one."""
        shown = {element: self._text(keyword) for element, (keyword, _) in _BY_ELEMENT.items()}
        return {_NAME: "", _VALUE: "", _COMMENT: "", **shown}

    def write(self, values: Mapping[str, str], named: Set[str]) -> str:
        """A client's write; `values` of all elements, `named` those that it sent. "" or why it is refused."""
        keyword = values[_NAME].strip().upper()
        if keyword:
            return self._write(keyword, values[_VALUE].strip(), values[_COMMENT].strip())
        for element, (keyword, comment) in _BY_ELEMENT.items():
            if element in named and (refused := self._write(keyword, values[element].strip(), comment)):
                return refused
        return "" if named & _BY_ELEMENT.keys() else texts.observatory.KEYWORD_BAD(keyword="")

    def _text(self, keyword: str) -> str:
        return str(self._cards[keyword][1]) if keyword in self._cards else ""

    def _write(self, keyword: str, value: str, comment: str) -> str:
        from indi_sony_py.image.cards import is_ours
        from indi_sony_py.image.fits import clean, valid_keyword

        if keyword == _CLEAR:
            self._cards, self._comments = {}, ()
            return ""
        if not valid_keyword(keyword):
            return texts.observatory.KEYWORD_BAD(keyword=clean(keyword)[:20])
        if is_ours(keyword):
            return texts.observatory.KEYWORD_OURS(keyword=keyword)
        value, comment = clean(value), clean(comment)[:_LONGEST_COMMENT]
        if len(value) > LONGEST:
            return texts.observatory.KEYWORD_LONG(keyword=keyword, length=len(value), most=LONGEST)
        if keyword in _COMMENTARY:
            value = value or comment
        if not value:
            self._cards.pop(keyword, None)
            return ""
        if len(self.cards) >= MOST and keyword not in self._cards:
            return texts.observatory.KEYWORDS_MANY(keyword=keyword, most=MOST)
        if keyword in _COMMENTARY:
            self._comments += ((keyword, value, ""),)
        else:
            self._cards[keyword] = (keyword, value if keyword in _TEXTS else _typed(value), comment)
        return ""


def _typed(text: str) -> str | int | float:
    if _INTEGER.fullmatch(text):
        return int(text)
    if _REAL.fullmatch(text) and math.isfinite(float(text)) and (text[0] != "0" or not text[1:2].isdigit()):
        return float(text)
    return text
