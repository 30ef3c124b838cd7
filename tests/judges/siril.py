"""Siril at work: its scripts, as its users run them, and what it wrote. Starts `siril-cli`; reads and writes files.

The folder of a night has `biases`, `darks`, `flats` and `lights`, where each frame lies by its own IMAGETYP. All that
Siril makes lies in `process`, its settings in a home of its own.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from astropy.io import fits

from tests.judges.starlight import Picture, Plane

__all__ = ["FOLDERS", "Siril", "SirilFailed", "missing", "picture_of_planes", "read", "sort_frames", "version"]

FOLDERS = {"Bias Frame": "biases", "Dark Frame": "darks", "Flat Frame": "flats", "Light Frame": "lights"}
_LIMIT_S = 900

# As in the scripts that come with Siril 1.0 (OSC_Preprocessing).
_MASTERS = """
cd biases
link bias -out=../process
cd ../process
stack bias rej 3 3 -nonorm -out=bias_master
cd ../flats
link flat -out=../process
cd ../process
preprocess flat -bias=bias_master
stack pp_flat rej 3 3 -norm=mul -out=flat_master
cd ../darks
link dark -out=../process
cd ../process
stack dark rej 3 3 -nonorm -out=dark_master
cd ../lights
link light -out=../process
cd ../process
"""
_CALIBRATE = "preprocess light -dark=dark_master -flat=flat_master -cfa -equalize_cfa"
_STACK = f"""
{_CALIBRATE} -debayer
setref pp_light 1
register pp_light
stack r_pp_light rej 3 3 -norm=addscale -out=stacked
load stacked
stat
"""
_PLANES = f"""
{_CALIBRATE} -prefix=cal_
seqsplit_cfa cal_light
"""
_PLANE = """
setref CFA_{0}_cal_light 1
register CFA_{0}_cal_light
stack r_CFA_{0}_cal_light rej 3 3 -nonorm -out=plane_{0}
"""
# Siril counts the four pixels of a mosaic from its lower left corner, upwards (seen in its files): column, row.
_PLACES = {0: (0, 1), 1: (0, 0), 2: (1, 1), 3: (1, 0)}


class SirilFailed(AssertionError):
    """A script that did not come to its end; the text is the end of what Siril said."""


def missing() -> str:
    """Why Siril cannot run here, or nothing."""
    if shutil.which("siril-cli") is None:
        return "siril-cli is not installed (Debian package siril)"
    # Later ones have other names for these commands.
    return "" if version().startswith("siril 1.0.") else f"the scripts are for Siril 1.0, this is {version()}"


def version() -> str:
    """What it calls itself."""
    return subprocess.run(["siril-cli", "--version"], capture_output=True, text=True, check=True).stdout.strip()


def sort_frames(frames: Iterable[Path], folder: Path) -> None:
    """Puts each frame where its header says that it belongs."""
    for name in (*FOLDERS.values(), "process"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for path in frames:
        kind = FOLDERS[fits.getheader(path)["IMAGETYP"]]
        shutil.copy(path, folder / kind / path.name)


class Siril:
    """Siril in one folder. `log`: all that it said so far."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = ""

    def run(self, *commands: str) -> str:
        """Runs commands from the folder on; what it said. Raises `SirilFailed`."""
        script = self.folder / "judge.ssf"
        script.write_text("\n".join(("requires 1.0.0", *commands, "close", "")))
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        kept = {name: value for name, value in os.environ.items() if not name.startswith("XDG_")}
        done = subprocess.run(
            ["siril-cli", "-d", str(self.folder), "-s", str(script)],
            env=kept | {"HOME": str(home), "LC_ALL": "C.UTF-8"},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=_LIMIT_S, check=False,
        )  # fmt: skip
        said = done.stdout.decode(errors="replace")
        self.log += said
        if "Script execution finished successfully" not in said:
            raise SirilFailed("\n".join(line for line in said.splitlines() if "progress" not in line)[-3000:])
        return said

    def masters(self) -> str:
        """Masters of bias, dark and flat; the lights become a sequence."""
        return self.run(*_MASTERS.split("\n"))

    def stack(self) -> npt.NDArray[np.float64]:
        """Calibrates, demosaics, registers on the first light, stacks: (3, height, width), values of 16 bits."""
        self.run("cd process", *_STACK.split("\n"))
        return read(self.folder / "process" / "stacked.fit")

    def planes(self) -> Picture:
        """The same without a demosaic: each pixel of the mosaic's square is a picture, registered and stacked alone."""
        self.run("cd process", *_PLANES.split("\n"), *(line for n in _PLACES for line in _PLANE.format(n).split("\n")))
        return picture_of_planes(
            [Plane(read(self.folder / "process" / f"plane_{n}.fit"), *_PLACES[n], 2) for n in _PLACES]
        )

    def debayer(self, paths: Sequence[Path]) -> list[npt.NDArray[np.float64]]:
        """Calibrates and demosaics single lights with the masters: one picture for each."""
        return self.calibrated(paths, "-debayer")

    def calibrated(self, paths: Sequence[Path], *options: str) -> list[npt.NDArray[np.float64]]:
        """Calibrates single lights, two at least, with the masters: one mosaic for each."""
        with tempfile.TemporaryDirectory(dir=self.folder) as singles:
            for number, path in enumerate(paths):
                shutil.copy(path, Path(singles) / f"{number:03d}.fit")
            calibrate = _CALIBRATE.replace(" light", " single")
            commands = (f"cd {Path(singles).name}", "link single -out=../process", "cd ../process")
            self.run(*commands, " ".join((calibrate, *options)))
        made = sorted((self.folder / "process").glob("pp_single_*.fit"))
        images = [read(path) for path in made]
        for path in (self.folder / "process").glob("*single_*"):
            path.unlink()
        return images


def read(path: Path) -> npt.NDArray[np.float64]:
    """A picture of Siril, in the order of the file's rows; values of 16 bits, also where it wrote 0 to 1."""
    data = fits.getdata(path)
    scale = 65535.0 if data.dtype.kind == "f" else 1.0
    return np.asarray(data, np.float64) * scale


def picture_of_planes(planes: Sequence[Plane]) -> Picture:
    """The planes of an RGGB mosaic by their places."""
    at = {(plane.column, plane.row): plane for plane in planes}
    return (at[0, 0],), (at[1, 0], at[0, 1]), (at[1, 1],)
