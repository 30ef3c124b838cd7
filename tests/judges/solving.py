"""Real stars and a plate solver: astrometry.net's programs and stars, if Debian's packages are there. Runs programs.

`query-starkd` lists the Tycho-2 stars of an index file; `solve-field` finds where a picture looks by its pixels alone.
"""

from __future__ import annotations

import csv
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from astropy.io import fits
from astropy.wcs import WCS

from indi_sony_py.sim.catalogue import project, read_catalogue
from indi_sony_py.sim.night import Pointing

__all__ = ["Solved", "missing", "real_stars", "solve"]

_INDEXES = Path("/usr/share/astrometry")
# The one with the most stars: those to about magnitude 10.5.
_STARS = _INDEXES / "index-tycho2-10.littleendian.fits"


@dataclass(frozen=True, slots=True)
class Solved:
    """What a solver found. `centre_arcsec`: how far its middle is from the true one; `worst_px`: the largest distance
    of a star from where the solution puts it; `scale`: arcsec a pixel; `mirrored`: the picture, its first row on top,
    shows the sky from behind."""

    centre_arcsec: float
    worst_px: float
    scale: float
    mirrored: bool


def missing() -> str:
    """Why nothing can be solved here, or nothing."""
    for program in ("solve-field", "query-starkd"):
        if shutil.which(program) is None:
            return f"{program} is not installed (Debian package astrometry.net)"
    return "" if _STARS.exists() else f"{_STARS} is missing (Debian package astrometry-data-tycho2-10-19)"


def real_stars(path: Path, ra_deg: float, dec_deg: float, radius_deg: float, seed: int = 1) -> Path:
    """Writes the stars around a place for `--stars`. The index knows no colours: they are made up, by seed."""
    where = ("-r", str(ra_deg), "-d", str(dec_deg), "-R", str(radius_deg))
    listed = subprocess.run(
        ["query-starkd", *where, "-t", "MAG_VT", str(_STARS)], capture_output=True, text=True, check=True
    )
    dice = np.random.default_rng(seed)
    with path.open("w", newline="") as out:
        table = csv.writer(out)
        table.writerow(("ra_deg", "dec_deg", "v", "b_v"))
        for line in listed.stdout.splitlines():
            if not line[:1].isdigit():
                continue
            ra, dec, magnitude = (float(part) for part in line.replace(",", " ").split())
            table.writerow((ra, dec, magnitude, round(float(np.clip(dice.normal(0.7, 0.4), -0.2, 1.8)), 3)))
    return path


def solve(light: Path, folder: Path, stars: Path, pointing: Pointing) -> Solved | None:
    """Solves a frame without any hint but the sizes of the index files; None where nothing was found."""
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "astrometry.cfg"
    config.write_text(f"add_path {_INDEXES}\nautoindex\ncpulimit 300\n")
    command = ["solve-field", "--config", str(config), "--dir", str(folder), "--no-plots", "--overwrite", str(light)]
    # Two pixels of a mosaic make one of all colours.
    done = subprocess.run([*command, "--downsample", "2", "--tweak-order", "0"], capture_output=True, check=False)
    (folder / "solve-field.log").write_bytes(done.stdout + done.stderr)
    found = folder / f"{light.stem}.wcs"
    if not found.exists():
        return None
    wcs = WCS(fits.getheader(found))
    header = fits.getheader(light)
    size = header["NAXIS1"], header["NAXIS2"]
    middle = ((size[0] - 1) / 2, (size[1] - 1) / 2)
    known = read_catalogue(stars).near(pointing.ra_deg, pointing.dec_deg, 10.0)
    places = project(known, pointing, middle)
    inside = [0 < x < size[0] - 1 and 0 < y < size[1] - 1 for x, y in places]
    theirs = np.stack(wcs.all_world2pix(known[inside, 0], known[inside, 1], 0), axis=1)
    centre = wcs.all_pix2world([middle], 0)[0]
    away = np.hypot((centre[0] - pointing.ra_deg) * np.cos(np.radians(pointing.dec_deg)), centre[1] - pointing.dec_deg)
    matrix: Sequence[Sequence[float]] = wcs.pixel_scale_matrix
    turned = float(np.linalg.det(np.asarray(matrix)))
    return Solved(
        float(away) * 3600,
        float(np.hypot(*(theirs - places[inside]).T).max()),
        float(np.sqrt(abs(turned))) * 3600,
        # Rows from the top: a sky that is seen from the front has east on the left, a determinant above 0.
        turned < 0,
    )
