"""The focus magnifier: live view shows a part of the picture, larger. The number of 0xD254, and what it shows. Pure.

- Of 3.00, UINT64: the ratio in tenths in the high 32 bits (0: off), then x (0 to 639) and y (0 to 479) of 16 bits each
  (Sony PTP3 ref, libgphoto2 config.c). Ratios differ by body: ILCE-7SM3 1, 2.1, 4.1; ILCE-1M2 1, 4.2, 8.5; ILCE-7M5 1,
  5.5, 11 (dumps).
- In a list x and y are 0xFFFF: such a value, written, leaves the place to the camera. Off, it tells the last place.
- x and y count over the whole picture, whatever its form, and name the middle of the part (our reading: at rest an
  ILCE-7M5 tells 320, 240). A part that would reach beyond the picture lies at its edge.
- A ratio of 2.1 is taken as 1/2.1 of the picture's width and height: 4.1 on an ILCE-7SM3 is then 1034 of its 4240
  columns, in a live view of 1024. At 1 the whole picture is shown.
- 2.00 has buttons in its place (0xD2CB, 0xD2CC) that go on to a next ratio; how many there are and how far a key moves
  the part no dump tells, so nothing here is of 2.00.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ANYWHERE", "COLUMNS", "OFF", "ROWS", "Window", "label", "part", "place", "ratio", "same_part", "window"]

COLUMNS, ROWS = 640, 480
ANYWHERE = 0xFFFFFFFF
"""In place of x and y."""
OFF = ANYWHERE
"""The choice that switches it off."""
_ROUGH = 2
"""Cameras may round a place by so much; our guess."""


@dataclass(frozen=True, slots=True)
class Window:
    """What live view shows, in parts of the picture: left and top edge, and its side in both directions."""

    left: float = 0.0
    top: float = 0.0
    side: float = 1.0


def ratio(value: int) -> float:
    """0: off."""
    return (value >> 32) / 10


def place(value: int) -> tuple[int, int] | None:
    """x and y; None where the value leaves them to the camera."""
    found = value & ANYWHERE
    return None if found == ANYWHERE else (found >> 16, found & 0xFFFF)


def label(value: int) -> str:
    """ "Off", "x4.1"."""
    return f"x{ratio(value):g}" if ratio(value) else "Off"


def part(value: int, at: tuple[float, float]) -> int:
    """The ratio of a value, with the middle of what is seen at these parts (0 to 1) of the picture's width and height.

    It is brought as near as it may be to the edge, so that the whole part lies in the picture.
    """
    half = 0.5 / max(ratio(value), 1.0)
    x, y = (
        min(max(round(min(max(where, half), 1 - half) * count), 0), count - 1)
        for where, count in zip(at, (COLUMNS, ROWS), strict=True)
    )
    return value & ~ANYWHERE | x << 16 | y


def same_part(one: int, other: int) -> bool:
    """Whether two values show the same; a place that is left to the camera is any."""
    if one >> 32 != other >> 32:
        return False
    a, b = place(one), place(other)
    return one >> 32 == 0 or a is None or b is None or max(abs(a[0] - b[0]), abs(a[1] - b[1])) <= _ROUGH


def window(value: int) -> Window:
    """What is seen of the picture. A value without a place shows the middle."""
    side = 1 / max(ratio(value), 1.0)
    x, y = place(value) or (COLUMNS // 2, ROWS // 2)
    left, top = (min(max(n / count - side / 2, 0.0), 1 - side) for n, count in ((x, COLUMNS), (y, ROWS)))
    return Window(left, top, side)
