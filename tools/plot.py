"""A picture of lines as SVG, small enough to be read: points, axes from zero, a legend. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

__all__ = ["Line", "picture"]

_WIDTH, _HEIGHT = 640, 400
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 20, 44, 56
_COLOURS = ("steelblue", "darkorange", "firebrick", "gray")
_STEPS = 5


@dataclass(frozen=True, slots=True)
class Line:
    """(x, y) of each point, in the order of x."""

    name: str
    points: tuple[tuple[float, float], ...]


def picture(title: str, across: str, up: str, lines: Sequence[Line], marks: Sequence[float]) -> str:
    """`lines` over axes that are named `across` and `up`; `marks`: the values that are written below.

    Raises `ValueError` without a point.
    """
    points = [point for line in lines for point in line.points]
    if not points:
        raise ValueError("there is nothing to draw")
    most_x = 1.04 * max(max(x for x, _ in points), *marks)
    step = _round_step(max(y for _, y in points) / _STEPS)
    most_y = step * math.ceil(1.02 * max(y for _, y in points) / step)

    def at(x: float, y: float) -> tuple[float, float]:
        inside = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM
        return _LEFT + x / most_x * inside[0], _HEIGHT - _BOTTOM - y / most_y * inside[1]

    left, base = at(0, 0)
    right, top = at(most_x, most_y)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif"',
        '     font-size="13">',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>',
        f'<text x="{_LEFT}" y="18" font-size="15">{escape(title)}</text>',
    ]
    for number in range(1, round(most_y / step) + 1):
        y = at(0, number * step)[1]
        parts.append(f'<path d="M{left:.1f} {y:.1f}H{right:.1f}" stroke="gainsboro"/>')
        parts.append(f'<text x="{left - 8:.1f}" y="{y + 4:.1f}" text-anchor="end">{number * step:g}</text>')
    for mark in marks:
        x = at(mark, 0)[0]
        parts.append(f'<path d="M{x:.1f} {base:.1f}v5" stroke="black"/>')
        parts.append(f'<text x="{x:.1f}" y="{base + 20:.1f}" text-anchor="middle">{mark:g}</text>')
    parts.append(f'<path d="M{left:.1f} {top:.1f}V{base:.1f}H{right:.1f}" fill="none" stroke="black"/>')
    for number, line in enumerate(lines):
        colour, y = _COLOURS[number % len(_COLOURS)], _TOP + 14 + 18 * number
        way = " ".join(f"{x:.1f},{y:.1f}" for x, y in (at(*point) for point in line.points))
        parts.append(f'<polyline points="{way}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
        for x, y_point in (at(*point) for point in line.points):
            parts.append(f'<circle cx="{x:.1f}" cy="{y_point:.1f}" r="3.5" fill="{colour}"/>')
        parts.append(f'<path d="M{left + 12:.1f} {y - 4:.1f}h20" stroke="{colour}" stroke-width="3"/>')
        parts.append(f'<text x="{left + 38:.1f}" y="{y:.1f}">{escape(line.name)}</text>')
    middle = (_TOP + _HEIGHT - _BOTTOM) / 2
    parts += [
        f'<text x="{(left + right) / 2:.1f}" y="{_HEIGHT - 14}" text-anchor="middle">{escape(across)}</text>',
        f'<text x="16" y="{middle:.1f}" text-anchor="middle"',
        f'      transform="rotate(-90 16 {middle:.1f})">{escape(up)}</text>',
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _round_step(least: float) -> float:
    """The next of 1, 2, 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(least)) if least > 0 else 1.0
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= 0.999 * least)
