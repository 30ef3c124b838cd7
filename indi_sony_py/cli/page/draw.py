"""Drawings of a page: a line of time and small charts, as SVG without a program in it. Pure.

Rules kept here:

- Colours, lines and letters are named by classes; the style sheet of the page has them, for light and for dark.
- One measure a chart, one axis of time for all. Each mark says its value when one rests on it.
- All text from outside is escaped.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape

from indi_sony_py.cli.page.story import Night, Sample

__all__ = ["Line", "Scale", "chart", "histogram", "timeline"]

WIDTH = 1000
LEFT = 64
RIGHT = 16
_ROW = 34
_HEIGHT = 120
_MOST_TICKS = 9
_GAP_S = 5400.0
_STEPS_MIN = (5, 10, 15, 30, 60, 120, 180, 240)


@dataclass(frozen=True, slots=True)
class Scale:
    """The axis of time: local times from `begin` to `end`, drawn from `LEFT` to `WIDTH - RIGHT`."""

    begin: datetime
    end: datetime

    @classmethod
    def of(cls, begin: datetime, end: datetime) -> Scale:
        """With a little room at both ends."""
        room = max((end - begin) * 0.01, timedelta(minutes=2))
        return cls((begin - room).astimezone(), (end + room).astimezone())

    def x(self, at: datetime) -> float:
        """Where a time lies."""
        share = (at - self.begin) / (self.end - self.begin)
        return round(LEFT + min(max(share, 0.0), 1.0) * (WIDTH - LEFT - RIGHT), 1)

    def ticks(self) -> list[datetime]:
        """Round times, at most nine."""
        minutes = (self.end - self.begin) / timedelta(minutes=1)
        step = next((each for each in _STEPS_MIN if minutes / each <= _MOST_TICKS), _STEPS_MIN[-1])
        first = self.begin.replace(minute=0, second=0, microsecond=0)
        found = [first + timedelta(minutes=step * number) for number in range(int(minutes / step) + 2 + 60 // step)]
        return [at for at in found if self.begin <= at <= self.end]


@dataclass(frozen=True, slots=True)
class Line:
    """The samples of one line of a chart. `kind` 1 to 3 chooses its colour."""

    name: str
    samples: tuple[Sample, ...]
    kind: int = 1


def timeline(night: Night, scale: Scale, labels: dict[str, str]) -> str:
    """A row for each camera: exposures by what became of them, times without a camera, faults. `labels`: of fates."""
    cameras, anchor = night.cameras or ("",), night.anchors()
    height = len(cameras) * (_ROW + 22) + 26
    parts = [_grid(scale, 0, height - 22, True)]
    for number, camera in enumerate(cameras):
        top = number * (_ROW + 22) + 16
        parts.append(f'<text class="name" x="{LEFT}" y="{top - 4}">{escape(night.label(camera))}</text>')
        parts.append(f'<rect class="bed" x="{LEFT}" y="{top}" width="{WIDTH - LEFT - RIGHT}" height="{_ROW}"/>')
        for place, begin, end in night.away:
            if place == camera:
                parts.append(_box("away", scale, begin, end, top, labels["away"]))
        for frame in night.frames:
            if frame.camera == camera and frame.exposure > 0:
                end = frame.at + timedelta(seconds=frame.seconds)
                says = f"{_clock(frame.at)} {frame.seconds:g} s {frame.type}: {labels[frame.fate.value]}"
                box = _box(frame.fate.value, scale, frame.at, end, top, says)
                parts.append(f'<a href="#{anchor(camera, frame.exposure)}">{box}</a>')
        for fault in night.faults:
            if fault.camera == camera:
                parts.append(_mark(scale.x(fault.at), top + _ROW, fault.serious, f"{_clock(fault.at)} {fault.text}"))
    return _svg(height, parts)


def chart(lines: Sequence[Line], scale: Scale, unit: str, least: float | None = None) -> str:
    """Values over time. `least`: the axis begins there; without it, below the lowest value."""
    values = [sample.value for line in lines for sample in line.samples]
    low, high, step = _axis(min(values), max(values), least)
    bottom = _HEIGHT - 24

    def y(value: float) -> float:
        return round(bottom - (value - low) / (high - low) * (bottom - 10), 1)

    parts = [_grid(scale, 4, bottom, True)]
    for number in range(round((high - low) / step) + 1):
        value = low + number * step
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(value)}" y2="{y(value)}"/>')
        parts.append(f'<text class="tick end" x="{LEFT - 8}" y="{y(value) + 4}">{value:g}</text>')
    for line in lines:
        for piece in _pieces(line.samples):
            points = " ".join(f"{scale.x(sample.at)},{y(sample.value)}" for sample in piece)
            parts.append(f'<polyline class="line k{line.kind}" points="{points}"/>')
        for sample in line.samples:
            says = escape(f"{_clock(sample.at)} {line.name} {sample.value:.4g} {unit}".rstrip())
            parts.append(
                f'<circle class="dot k{line.kind}" cx="{scale.x(sample.at)}" cy="{y(sample.value)}" r="3">'
                f"<title>{says}</title></circle>"
            )
    return _svg(_HEIGHT, parts)


def histogram(bins: Sequence[Sequence[int]]) -> str:
    """Three colours over each other, by the root of how many: a few bright pixels are seen beside the sky."""
    most = max((count for line in bins for count in line), default=0)
    if not most:
        return ""
    parts = []
    for kind, line in zip("rgb", bins, strict=False):
        points = [(number, 40 - 38 * math.sqrt(count / most)) for number, count in enumerate(line)]
        path = " ".join(f"{x},{height:.1f}" for x, height in points)
        parts.append(f'<polygon class="h{kind}" points="0,40 {path} {len(line) - 1},40"/>')
    size = max(len(line) for line in bins) - 1
    box = f'class="hist" viewBox="0 0 {size} 40" preserveAspectRatio="none" aria-hidden="true"'
    return f"<svg {box}>{''.join(parts)}</svg>"


def _svg(height: int, parts: Sequence[str]) -> str:
    return f'<svg viewBox="0 0 {WIDTH} {height}" role="img">{"".join(parts)}</svg>'


def _grid(scale: Scale, top: float, bottom: float, labelled: bool) -> str:
    parts = []
    for at in scale.ticks():
        x = scale.x(at)
        parts.append(f'<line class="grid" x1="{x}" x2="{x}" y1="{top}" y2="{bottom}"/>')
        if labelled:
            parts.append(f'<text class="tick mid" x="{x}" y="{bottom + 16}">{at:%H:%M}</text>')
    return "".join(parts)


def _box(kind: str, scale: Scale, begin: datetime, end: datetime, top: int, says: str) -> str:
    x = scale.x(begin)
    width = max(scale.x(end) - x - 0.6, 1.6)
    return (
        f'<rect class="{kind}" x="{x}" y="{top + 3}" width="{width:.1f}" height="{_ROW - 6}" rx="1.5">'
        f"<title>{escape(says)}</title></rect>"
    )


def _mark(x: float, y: int, serious: bool, says: str) -> str:
    """A triangle below the row for what is serious, a dot for a warning: not by colour alone."""
    kind = "failed" if serious else "kept"
    shape = (
        f'<path class="{kind}" d="M{x - 5},{y + 11} L{x + 5},{y + 11} L{x},{y + 2} Z">'
        if serious
        else f'<circle class="{kind}" cx="{x}" cy="{y + 7}" r="3">'
    )
    return f"{shape}<title>{escape(says)}</title></{'path' if serious else 'circle'}>"


def _pieces(samples: Sequence[Sample]) -> list[list[Sample]]:
    """Parts of a line: no line is drawn over hours of which nothing is known, nor from one camera to another."""
    pieces: list[list[Sample]] = []
    for camera in dict.fromkeys(sample.camera for sample in samples):
        before: Sample | None = None
        for sample in (each for each in samples if each.camera == camera):
            if before is None or (sample.at - before.at).total_seconds() > _GAP_S:
                pieces.append([])
            pieces[-1].append(sample)
            before = sample
    return pieces


def _axis(low: float, high: float, least: float | None) -> tuple[float, float, float]:
    """Ends and step of an axis with three or four lines."""
    low = low if least is None else min(low, least)
    span = max(high - low, abs(high) * 0.02, 1e-3)
    exact = span / 3
    power = 10.0 ** math.floor(math.log10(exact))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= exact * 0.999)
    first = math.floor(low / step + 1e-9) * step
    last = math.ceil(high / step - 1e-9) * step
    return first, max(last, first + step), step


def _clock(at: datetime) -> str:
    return at.astimezone().strftime("%H:%M:%S")
