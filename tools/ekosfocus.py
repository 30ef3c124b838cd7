"""Ekos' autofocus on the simulated camera's lens, and its curve as a picture. For a bench that runs."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tools.ekosbench import GAIN, Bench, bench, made_home
from tools.interruptible import interruptible
from tools.kstars import missing_kstars, version
from tools.plot import Line, picture
from tools.processes import Late, until
from tools.rig import DEVICE

__all__ = ["BEGIN", "SHARP", "STEP", "autofocus", "curve_svg", "main"]

BEGIN = 400
"""Where the lens stands when Ekos begins: out of focus, as somebody leaves it who looked at something near."""
STEP = 60
SHARP = 260
"""Where the simulated lens is truly sharp."""
_BINNING = 2
_LIMIT_S = 330.0
_COMPLETE, _FAILED, _ABORTED = 1, 2, 3
_STANDS = ("Capturing", "received", "Detecting")
"""What Ekos writes while the lens stands still."""

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
    """The curve as a picture: position against HFR. `sharp`: the true focus."""
    most = max(hfr for _, hfr in curve)
    lines = (Line("HFR, as Ekos measured it", tuple(sorted(curve))), Line("true focus", ((sharp, 0.0), (sharp, most))))
    title = f"The autofocus of KStars {version()}"
    return picture(title, "ABS_FOCUS_POSITION, steps", "HFR, pixels", lines, range(0, int(max(curve)[0]) + 1, 100))


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status: 0 if the focus was found."""
    parser = argparse.ArgumentParser(prog="python -m tools.ekosfocus", description="Ekos' autofocus as a picture.")
    parser.add_argument("picture", type=Path, nargs="?", default=Path("docs/focus-curve.svg"), help="the SVG to write")
    options = parser.parse_args(arguments)
    if missing := missing_kstars():
        print(f"these Debian packages are needed: {' '.join(missing)}", file=sys.stderr)
        return 2
    with made_home() as home, bench(home, config=GAIN, focuser=True) as made:
        curve = autofocus(made)
        found = made.camera.control(command="state")["focus"]
    options.picture.write_text(curve_svg(curve, SHARP))
    print(f"{len(curve)} frames, the lens was left at {found} (sharp at {SHARP}); {options.picture}")
    return 0


if __name__ == "__main__":
    sys.exit(interruptible(main, "ekosfocus"))
