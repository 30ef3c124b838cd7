"""`tools/stack`: a whole sensor's night by real processes, judged by Siril, ASTAP, fitsverify and astrometry.net.

By hand, about a quarter of an hour. It prints what docs/STACKING.md shows; exit status 0 only if all of it held.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from indi_sony_py.sim.geometry import small
from indi_sony_py.sim.night import ARCSEC_PER_RADIAN, Pointing
from indi_sony_py.sim.profile import profile_of
from tests.judges import siril, solving
from tests.judges.siril import Siril
from tests.judges.skyshots import Plan, Shots, on_rig, on_stage
from tests.judges.starlight import Judged, layers, lonely, measure

__all__ = ["main"]

_DEMOSAICED = 0.08
_SMALL = (1536, 1024)
_PICTURE = (1000, 660)


def _row(name: str, found: Judged, faults: list[str]) -> str:
    x, y = found.shift_px
    cells = (
        name, str(found.stars), f"{found.worst_px:.3f}", f"{x:+.3f}, {y:+.3f}",
        f"{found.red:.3f} ± {found.spread[0]:.3f}", f"{found.blue:.3f} ± {found.spread[1]:.3f}", f"{found.slope:.3f}",
        f"{found.sky[0]:.4f}, {found.sky[1]:.4f}", "; ".join(faults) or "true",
    )  # fmt: skip
    return f"| {' | '.join(cells)} |"


def _picture(stacked: npt.NDArray[np.float64], path: Path) -> None:
    """The middle of a stack, half its size; the sky is made black, so that the colours of the stars are seen."""
    _, height, width = stacked.shape
    across, down = (min(size // 2, most) for size, most in ((width, _PICTURE[0]), (height, _PICTURE[1])))
    left, top = (width - 2 * across) // 2, (height - 2 * down) // 2
    cut = stacked[:, top : top + 2 * down, left : left + 2 * across]
    halved = cut.reshape(3, down, 2, across, 2).mean(axis=(2, 4))
    level = np.median(halved, axis=(1, 2))[:, None, None]
    light = np.arcsinh(np.clip(halved / level - 1.3, 0, None)) / np.arcsinh(300)
    drawn = Image.fromarray((np.clip(light, 0, 1) * 255).astype(np.uint8).transpose(1, 2, 0))
    drawn.quantize(96).save(path, optimize=True)


def _stack(shots: Shots, folder: Path, picture: Path | None) -> list[str]:
    siril.sort_frames(shots.frames, folder)
    judge = Siril(folder)
    judge.masters()
    stars = lonely(shots.stars, shots.size, shots.plan.exposure_s, shots.plan.iso)
    stacked = judge.stack()
    if picture is not None:
        _picture(stacked, picture)
    found = [("stack, demosaiced", measure(layers(stacked), stars), _DEMOSAICED)]
    found.append(("stack of each colour's pixels", measure(judge.planes(), stars), 0.02))
    print("| picture | stars | worst px | median px | red | blue | tint kept | sky R, B | verdict |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    wrong = []
    for name, judged, colours in found:
        faults = judged.faults(colours)
        print(_row(name, judged, faults))
        wrong += [f"{name}: {fault}" for fault in faults]
    for line in re.findall(r"log: (?:Background noise|\w+ layer:).*", judge.log)[-6:]:
        print(line)
    return wrong


def _others(shots: Shots, folder: Path, stars: Path | None) -> list[str]:
    wrong = []
    first = shots.of("light")[0]
    if shutil.which("fitsverify"):
        command = ["fitsverify", "-q", *map(str, shots.frames)]
        said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        good = said.count("verification OK")
        print(f"fitsverify: {good} of {len(shots.frames)} without a warning")
        wrong += [] if good == len(shots.frames) else [said]
    if shutil.which("astap_cli"):
        said = subprocess.run(
            ["astap_cli", "-f", str(first), "-analyse", "10"], capture_output=True, text=True, check=False
        ).stdout
        print("ASTAP:", " ".join(said.split()), f"({len(shots.stars)} stars are there)")
    sys.stdout.flush()
    if stars is None:
        print("not solved:", solving.missing() or "a made-up sky")
        return wrong
    plan = shots.plan
    scale = ARCSEC_PER_RADIAN * profile_of(plan.model).row.pixel_um / 1000 / plan.focal_mm
    pointing = Pointing(plan.ra_deg, plan.dec_deg, plan.angle_deg, scale)
    solved = solving.solve(first, folder / "solved", stars, pointing)
    print(f"astrometry.net: {solved}; the true scale is {scale:.4f}")
    if solved is None or solved.worst_px > 1 or solved.mirrored or abs(solved.scale / scale - 1) > 1e-3:
        wrong.append(f"plate solving: {solved}")
    return wrong


def main() -> int:
    """The program; its exit status."""
    parser = argparse.ArgumentParser(prog="tools/stack", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--body", default="ILCE-7SM3", help="the simulated camera (ILCE-7SM3)")
    parser.add_argument("--raw", help="its RAW type; without it the first that the body has")
    parser.add_argument("--lights", type=int, default=6, help="how many lights (6)")
    parser.add_argument("--calibration", type=int, default=4, help="how many darks, flats and bias, each (4)")
    parser.add_argument("--seconds", type=float, default=30.0, help="exposure of lights and darks (30)")
    parser.add_argument("--focal", type=float, default=400.0, metavar="MM", help="focal length of the telescope (400)")
    parser.add_argument("--small", action="store_true", help="a small sensor in virtual time, not solved")
    parser.add_argument("--out", type=Path, help="where the frames and what Siril makes stay")
    parser.add_argument("--picture", type=Path, metavar="FILE.png", help="a small picture of the stack")
    options = parser.parse_args()
    if siril.missing():
        parser.error(siril.missing())
    number = options.calibration
    plan = Plan(
        options.lights, number, number, number, exposure_s=options.seconds, focal_mm=options.focal, model=options.body
    )
    with tempfile.TemporaryDirectory(prefix="stack-") as temporary:
        folder = options.out or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        stars = None
        if not options.small and not solving.missing():
            stars = solving.real_stars(folder / "stars.csv", plan.ra_deg, plan.dec_deg, 6.0)
        print(f"{siril.version()}; {options.body}, {plan.lights} lights of {plan.exposure_s:g} s, "
              f"{number} darks, flats and bias each", flush=True)  # fmt: skip
        if options.small:
            shots = on_stage(folder / "frames", plan, small(*_SMALL), raw=options.raw)
        else:
            raw = {} if options.raw is None else {"raw": options.raw}
            shots = on_rig(folder / "frames", plan, stars=stars, **raw)
        wrong = [*_stack(shots, folder / "siril", options.picture), *_others(shots, folder, stars)]
    print("\n".join(wrong) or "all true")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
