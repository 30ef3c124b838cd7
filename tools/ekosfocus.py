"""Ekos' autofocus on the simulated camera's lens, and its curve as a picture. For a bench that runs."""

from __future__ import annotations

import time

from tools.ekosbench import Bench
from tools.processes import Late, until
from tools.rig import DEVICE

__all__ = ["BEGIN", "STEP", "autofocus", "curve_svg"]

BEGIN = 400
"""Where the lens stands when Ekos begins: out of focus, as somebody leaves it who looked at something near."""
STEP = 60
_BINNING = 2
_LIMIT_S = 330.0
_COMPLETE, _FAILED, _ABORTED = 1, 2, 3
_STANDS = ("Capturing", "received", "Detecting")
"""What Ekos writes while the lens stands still."""
_WIDTH, _HEIGHT, _MARGIN = 640, 400, 56

Curve = list[tuple[float, float]]
"""(position, HFR in pixels of the binned frame) of each frame that Ekos took."""


def autofocus(bench: Bench) -> Curve:
    """One autofocus from `BEGIN` to its end. AssertionError if Ekos gives up, `Late` if it takes too long."""
    kstars = bench.kstars
    kstars.go_to(DEVICE, BEGIN)
    kstars.focus("setBinning", "ii", _BINNING, _BINNING)
    kstars.focus("setAutoFocusParameters", "iiid", 64, STEP, 6000, 5.0)
    kstars.focus("start")
    until(kstars.focus_state, lambda state: state not in (0, _COMPLETE), 30, "autofocus to begin")
    curve: Curve = []
    measured, standing, end = 0, float(BEGIN), time.monotonic() + _LIMIT_S
    while True:
        still, position = kstars.state_of(DEVICE, "ABS_FOCUS_POSITION") == "Ok", kstars.position(DEVICE)
        state, log, hfr = kstars.focus_state(), kstars.focus_log(), kstars.hfr()
        assert state not in (_FAILED, _ABORTED), f"Ekos gave up: {log[:8]}"
        found = sum("Detection complete" in line for line in log)
        if found > measured:
            measured = found
            curve.append((standing, hfr))
        elif still and log and any(word in log[0] for word in _STANDS):
            standing = position
        if state == _COMPLETE:
            return curve
        if time.monotonic() > end:
            raise Late(f"autofocus is not over; Ekos says {log[:8]}")
        time.sleep(0.1)


def curve_svg(curve: Curve, sharp: float) -> str:
    """The curve as a picture: position against HFR, in the order in which Ekos took them. `sharp`: the true focus."""
    positions, radii = [position for position, _ in curve], [hfr for _, hfr in curve]
    low, high, top = min(*positions, sharp) - STEP / 2, max(positions) + STEP / 2, 1.1 * max(radii)

    def x(position: float) -> float:
        return _MARGIN + (position - low) / (high - low) * (_WIDTH - 2 * _MARGIN)

    def y(radius: float) -> float:
        return _HEIGHT - _MARGIN - radius / top * (_HEIGHT - 2 * _MARGIN)

    begin, end, base = x(low), x(high), y(0)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif"',
        '     font-size="13">',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>',
        f'<path d="M{begin:.1f} {y(top):.1f}V{base:.1f}H{end:.1f}" fill="none" stroke="black"/>',
        f'<path d="M{x(sharp):.1f} {y(top):.1f}V{base:.1f}" stroke="gray" stroke-dasharray="4 4"/>',
        f'<text x="{x(sharp) + 4:.1f}" y="{y(top) + 12:.1f}" fill="gray">true focus {sharp:.0f}</text>',
    ]
    tick = int(low // 100 + 1) * 100
    while tick < high:
        parts.append(f'<path d="M{x(tick):.1f} {base:.1f}v5" stroke="black"/>')
        parts.append(f'<text x="{x(tick):.1f}" y="{base + 20:.1f}" text-anchor="middle">{tick}</text>')
        tick += 100
    for radius in (round(top * part / 4, 1) for part in range(1, 4)):
        parts.append(f'<path d="M{begin:.1f} {y(radius):.1f}h-5" stroke="black"/>')
        parts.append(f'<text x="{begin - 9:.1f}" y="{y(radius) + 4:.1f}" text-anchor="end">{radius:g}</text>')
    line = " ".join(f"{x(position):.1f},{y(radius):.1f}" for position, radius in sorted(curve))
    parts.append(f'<polyline points="{line}" fill="none" stroke="steelblue"/>')
    for number, (position, radius) in enumerate(curve, 1):
        parts.append(f'<circle cx="{x(position):.1f}" cy="{y(radius):.1f}" r="4" fill="firebrick"/>')
        parts.append(f'<text x="{x(position):.1f}" y="{y(radius) - 9:.1f}" text-anchor="middle">{number}</text>')
    parts += [
        f'<text x="{_WIDTH / 2}" y="{_HEIGHT - 14}" text-anchor="middle">ABS_FOCUS_POSITION, steps</text>',
        f'<text x="16" y="{_HEIGHT / 2}" text-anchor="middle"',
        f'      transform="rotate(-90 16 {_HEIGHT / 2})">HFR, pixels</text>',
        "</svg>",
    ]
    return "\n".join(parts) + "\n"
