"""What a row of the table of header cards is made of, and what it may draw on. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from indi_sony_py.image.exptime import Exptime
from indi_sony_py.image.fits import Value
from indi_sony_py.image.record import FrameRecord

if TYPE_CHECKING:
    from indi_sony_py.image.arw import ArwHeader

__all__ = ["Card", "Source", "pixel_um"]


@dataclass(frozen=True, slots=True)
class Source:
    """All that a card may draw on. `width`, `height` are the frame's; `black`, `white` the levels that hold for it.

    `pattern` is "" where the colours are binned together; `corner` is the frame's first pixel in its area, unbinned;
    `area` (width, height) is that area, (0, 0) where the frame is all of it.
    """

    record: FrameRecord
    header: ArwHeader
    exptime: Exptime
    width: int
    height: int
    pattern: str
    black: int | None
    white: int | None
    corner: tuple[int, int] = (0, 0)
    area: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class Card:
    """A row. `value` None: only a client brings it. `free`: a client's card of that name takes its place."""

    keyword: str
    value: Callable[[Source], Value | None] | None
    comment: str = ""
    free: bool = False


def pixel_um(source: Source, binned: bool) -> float | None:
    """Side of a pixel."""
    pixel = source.record.pixel_um
    return None if not pixel else pixel * (source.record.binning if binned else 1)
