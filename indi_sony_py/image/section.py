"""Which part of the frame's area becomes the picture, and what binning makes of it: sizes and places alone. Pure.

Rules kept here:

- A part begins on an even column and row of its area and has even sides, so the colours of its first pixels are those
  of the area's: one BAYERPAT holds for the whole and for every part, darks and flats included. What was asked for lies
  in it: sides are rounded outwards.
- Binning counts from the first pixel of the part and makes whole pixels only: what is left over at the right and at the
  bottom is not used.

Lengths are in pixels of the sensor, unbinned, and a part is (x, y, width, height) from the first pixel of the area.
"""

from __future__ import annotations

__all__ = [
    "BIN_MODES",
    "LEAST_SIDE",
    "MOSAIC",
    "MOST_BINNING",
    "SUPERPIXEL",
    "Part",
    "Size",
    "binned_size",
    "fits",
    "origin",
    "snapped",
]

Size = tuple[int, int]
Part = tuple[int, int, int, int]

MOSAIC, SUPERPIXEL = "mosaic", "superpixel"
BIN_MODES = (MOSAIC, SUPERPIXEL)
MOST_BINNING = 4
LEAST_SIDE = 16
"""So that the coarsest binning has whole cells: 4 x 4 of one colour are 8 x 8 pixels of the sensor."""


def snapped(part: Part, area: Size) -> Part | None:
    """The part that is delivered for the one that was asked for; None where that does not lie in `area`."""
    found = []
    for start, side, whole in zip(part[:2], part[2:], area, strict=True):
        if start < 0 or side < min(LEAST_SIDE, whole) or start + side > whole:
            return None
        first = start & ~1
        end = start + side if start + side == whole else min(start + side + 1 & ~1, whole)
        # An area with an odd side is whole, or loses its last line.
        if first or end < whole:
            end &= ~1
        found.append((first, end - first))
    (x, width), (y, height) = found
    return x, y, width, height


def fits(part: Part, area: Size) -> bool:
    """Whether a part can be cut from an area as it stands."""
    return snapped(part, area) == part


def binned_size(size: Size, binning: int, mode: str) -> Size:
    """What a part of that size (width, height) becomes. `mode` is one of `record.BIN_MODES`."""
    if binning == 1:
        return size
    if mode == MOSAIC:
        return size[0] // (2 * binning) * 2, size[1] // (2 * binning) * 2
    return size[0] // binning, size[1] // binning


def origin(place: int, binning: int) -> int | float:
    """A column or row of the area in binned pixels."""
    return place // binning if place % binning == 0 else place / binning
