"""Live view in numbers: how many frames a second, and the brightest star. Pure: times are those of the frames.

Sizes and places of stars are in pixels of the photo, as the driver tells them (FOCUS_STAR), wherever its size is known.
"""

from __future__ import annotations

from collections import deque

from indi_sony_py.driver.livescale import in_photo
from indi_sony_py.hand.messages import LiveFrameReady, StarSeen
from indi_sony_py.image.section import Size
from indi_sony_py.texts import tool

__all__ = ["Meter"]

_WINDOW_S = 2.0


class Meter:
    """Of one run. `frames`: how many pictures came."""

    def __init__(self) -> None:
        self.frames = 0
        self._skipped = 0
        self._size = (0, 0)
        self._first_at = self._last_at = 0.0
        self._first_number = self._last_number = 0
        self._recent: deque[tuple[float, int]] = deque()
        self._star: StarSeen | None = None
        self._best = 0.0
        self._whole: Size | None = None

    def came(self, ready: LiveFrameReady) -> None:
        """One more picture."""
        if not self.frames:
            self._first_at, self._first_number = ready.at, ready.number
        self.frames += 1
        self._skipped += ready.skipped
        self._size = (ready.width, ready.height)
        self._last_at, self._last_number = ready.at, ready.number
        self._recent.append((ready.at, ready.number))
        while self._recent[0][0] < ready.at - _WINDOW_S:
            self._recent.popleft()

    def measured(self, star: StarSeen, whole: Size | None) -> None:
        """A picture was measured. `whole`: the size of the photo that it shows, None where nothing tells that."""
        if whole != self._whole:
            # The camera's crop was switched: sizes from before are of other pixels.
            self._whole, self._best = whole, 0.0
        self._star = star = in_photo(star, whole) if star.hfr else star
        if star.hfr and (not self._best or star.hfr < self._best):
            self._best = star.hfr

    def words(self) -> str:
        """How it stands now, in one line."""
        if not self.frames:
            return tool.LIVE_WAITS()
        shown, made = self._rates()
        line = tool.LIVE_RATE(shown=shown, made=made, width=self._size[0], height=self._size[1])
        if self._star is None:
            return line
        if not self._star.hfr:
            return f"{tool.LIVE_NO_STAR()}  {line}"
        star = self._star
        seen = tool.LIVE_STAR(
            hfr=star.hfr, best=self._best, fwhm=star.fwhm, peak=100 * star.peak, count=star.count, median=star.median,
            pixels=self._pixels(),
        )  # fmt: skip
        # What the eye waits for comes first: the end of the line may be cut off.
        return f"{seen}  {line}"

    def summary(self) -> str:
        """What came of the whole."""
        seconds = self._last_at - self._first_at
        text = tool.LIVE_SUMMARY(frames=self.frames, seconds=seconds)
        return f"{text} {tool.LIVE_BEST(best=self._best, pixels=self._pixels())}" if self._best else text

    def data(self) -> dict[str, object]:
        """The same for scripts: rates over the last two seconds, the star that was seen last (None: none)."""
        shown, made = self._rates()
        star = self._star
        known = star is not None and star.hfr > 0
        return {
            "frames": self.frames,
            "skipped": self._skipped,
            "seconds": round(self._last_at - self._first_at, 3),
            "width": self._size[0],
            "height": self._size[1],
            "fps": round(shown, 2),
            "camera_fps": round(made, 2),
            "star": _star(star) if star is not None and known else None,
            "best_hfr": round(self._best, 3) or None,
            "pixels_of": "live view" if self._whole is None else "photo",
        }

    def _pixels(self) -> str:
        return tool.LIVE_OWN_PIXELS() if self._whole is None else tool.LIVE_PHOTO_PIXELS()

    def _rates(self) -> tuple[float, float]:
        """Pictures a second that were shown, and that the camera made."""
        if len(self._recent) < 2:
            return 0.0, 0.0
        (from_at, from_number), (to_at, to_number) = self._recent[0], self._recent[-1]
        seconds = to_at - from_at
        return ((len(self._recent) - 1) / seconds, (to_number - from_number) / seconds) if seconds else (0.0, 0.0)


def _star(star: StarSeen) -> dict[str, float]:
    names = ("hfr", "fwhm", "x", "y", "peak", "median")
    return {**{name: round(getattr(star, name), 3) for name in names}, "count": star.count}
