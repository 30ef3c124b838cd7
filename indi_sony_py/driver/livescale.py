"""From pixels of live view to pixels of a photo: it is smaller, may have another form, and may be magnified. Pure.

A live view of another form than the photo shows its middle (a ZV-E10 has 1024 x 576: SonyCamera). The focus magnifier
shows a part of that.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from indi_sony_py.hand.messages import StarSeen
from indi_sony_py.image.section import Size
from indi_sony_py.sony.magnifier import COLUMNS, ROWS, part, place, window

__all__ = ["LiveScale", "in_photo", "magnified", "scale_of"]

_PICTURE = (1024, 680)
"""Of live view, before the first frame (SonyCamera)."""


@dataclass(frozen=True, slots=True)
class LiveScale:
    """Where a frame of live view lies in the photo. All in pixels of the photo, whose first pixel's middle is 0.

    `left`, `top`: the edge of the frame; `factor`: pixels of the photo for one of the frame. `middle`: of the part that
    the magnifier looks at, or looked at last.
    """

    left: float
    top: float
    factor: float
    middle: tuple[float, float]

    def place(self, x: float, y: float) -> tuple[float, float]:
        """A place in the frame (pixels, the first one's middle is 0)."""
        return self.left + (x + 0.5) * self.factor - 0.5, self.top + (y + 0.5) * self.factor - 0.5


def scale_of(whole: Size, picture: Size | None, value: int) -> LiveScale:
    """`whole`: size of the photo, `picture`: of the frame, None before there is one; `value`: 0xD254 at that time."""
    left, top, width, height = _shown(whole, picture or _PICTURE)
    seen = window(value)
    x, y = place(value) or (COLUMNS // 2, ROWS // 2)
    middle = (left + width * x / COLUMNS - 0.5, top + height * y / ROWS - 0.5)
    factor = width / (picture or _PICTURE)[0] * seen.side
    return LiveScale(left + width * seen.left, top + height * seen.top, factor, middle)


def in_photo(star: StarSeen, whole: Size | None) -> StarSeen:
    """The star with its sizes and its place in pixels of the photo, whose size is `whole`.

    None: nothing tells it; then in pixels of live view as it is without the magnifier.
    """
    scale = scale_of(whole or star.picture, star.picture, star.magnifier)
    x, y = scale.place(star.x, star.y)
    hfr, fwhm, median = (size * scale.factor for size in (star.hfr, star.fwhm, star.median))
    return replace(star, hfr=hfr, fwhm=fwhm, median=median, x=x, y=y)


def magnified(whole: Size, picture: Size | None, value: int, at: tuple[float, float]) -> int:
    """A ratio (`value`) with `at`, a pixel of the photo, in the middle of what is seen, as far as the edge lets it."""
    left, top, width, height = _shown(whole, picture or _PICTURE)
    return part(value, ((at[0] + 0.5 - left) / width, (at[1] + 0.5 - top) / height))


def _shown(whole: Size, picture: Size) -> tuple[float, float, float, float]:
    """What live view shows of the photo without the magnifier: left, top, width, height."""
    scale = min(whole[0] / picture[0], whole[1] / picture[1])
    width, height = picture[0] * scale, picture[1] * scale
    return (whole[0] - width) / 2, (whole[1] - height) / 2, width, height
