"""One file to a FITS by several programs, in rounds over all of them (starts processes, writes to a folder)."""

from __future__ import annotations

import re
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from indi_sony_py.errors import SonyError
from indi_sony_py.image.pixels import Pixels, read_cards, read_pixels
from tools.benchfiles import Case, make_case
from tools.benchpaths import COPY, PATHS, Trial
from tools.cprogram import CannotBuild, build

__all__ = ["OneFile", "difference", "measure"]

OURS = "develop"
_LIMIT_S = 120.0
_SIRIL = """requires 1.0.0
convertraw frame -out=.
close
"""


@dataclass(frozen=True, slots=True)
class OneFile:
    """Milliseconds of the best round, on the wall and of the processor, all cores added; `times`, `cpu_times`: as
    multiples of this package's. `picture`: what is wrong with it; `missing`: why it was not measured.
    """

    file: str
    program: str
    best_ms: float = 0.0
    times: float = 0.0
    cpu_ms: float = 0.0
    cpu_times: float = 0.0
    picture: str = ""
    missing: str = ""

    def __str__(self) -> str:
        if self.missing:
            return f"{self.file:24} {self.program:36} not measured: {self.missing}"
        wall = f"{self.best_ms:8.1f} ms {self.times:6.1f} times"
        processor = f"processor {self.cpu_ms:8.1f} ms {self.cpu_times:6.1f} times"
        return f"{self.file:24} {self.program:40} {wall}, {processor} {self.picture}"


def difference(mine: Pixels, other: Pixels) -> str:
    """How another picture differs, in words; nothing if it has the same values. They begin at the same corner."""
    height, width = (min(mine.shape[axis], other.shape[axis]) for axis in (0, 1))
    wrong = int(np.count_nonzero(mine.rows(0, height)[:, :width] != other.rows(0, height)[:, :width]))
    sizes = f"{other.shape[1]} x {other.shape[0]} for {mine.shape[1]} x {mine.shape[0]}"
    size = sizes if mine.shape != other.shape else ""
    values = f"{wrong} of {width * height} pixels differ" if wrong else ""
    return ", ".join(word for word in (size, values) if word)


class Taken(NamedTuple):
    """Seconds of one round."""

    wall_s: float
    cpu_s: float


class _Program:
    """The C program: a round for each call. Raises `CannotBuild`."""

    def __init__(self, program: Path, file: Path, *words: str) -> None:
        self._process = subprocess.Popen(
            [program, file, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        self.version = self._answer()

    def round(self) -> Taken:
        """By its own clocks. Raises `CannotBuild` with what it said."""
        wall, cpu = self._ask("round").split()[:2]
        return Taken(float(wall), float(cpu))

    def write(self, path: Path) -> None:
        self._ask(f"write {path}")

    def close(self) -> None:
        self._process.communicate(timeout=_LIMIT_S)

    def _ask(self, line: str) -> str:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> str:
        assert self._process.stdout is not None and self._process.stderr is not None
        line = self._process.stdout.readline()
        if not line:
            raise CannotBuild(self._process.stderr.read().strip() or "it ended")
        return line.strip()


def _siril_round(folder: Path) -> Taken:
    """Siril's conversion by its own timer; the processor's time is that of its start, too. Raises `CannotBuild`."""
    before = _children_s()
    done = subprocess.run(
        ["siril-cli", "-d", folder, "-s", folder / "convert.ssf"],
        capture_output=True, text=True, errors="replace", timeout=_LIMIT_S, check=False, env=_home(folder),
    )  # fmt: skip
    said = re.search(r"Total execution time: (?:(\d+) min )?([\d.]+) (m?s)", done.stdout)
    if said is None or not list(folder.glob("*.fit")):
        raise CannotBuild(" ".join(done.stdout.split())[-300:])
    wall = 60 * float(said[1] or 0) + float(said[2]) / (1000 if said[3] == "ms" else 1)
    return Taken(wall, _children_s() - before)


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _home(folder: Path) -> dict[str, str]:
    return {"HOME": str(folder), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}


def _ours(case: Case, path: Trial) -> Taken:
    made = path.prepare(case)
    began, used = time.perf_counter(), time.process_time()
    result = path.run(case, made)
    taken = Taken(time.perf_counter() - began, time.process_time() - used)
    path.clean(result if result is not None else made)
    return taken


def measure(word: str, rounds: int, keep: Path | None) -> Iterator[OneFile]:
    """Each program in turn, `rounds` times, behind one that is not counted."""
    model, _, raw_type = word.partition(":")
    case = make_case(model, raw_type or "uncompressed", keep)
    own = read_pixels(memoryview(case.data), case.visible, case.row.crop)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench")))
        file = folder / "frame.arw"
        file.write_bytes(case.data)
        takes: dict[str, Callable[[], Taken]] = {}
        for path in PATHS:
            if path.name in (COPY, OURS, "LibRaw alone", "rawpy + astropy"):
                takes[path.name] = partial(_ours, case, path)
        pictures: dict[str, Callable[[], Path]] = {}
        missing: dict[str, str] = {}
        for name, words in (("LibRaw and cfitsio", ()), ("the same with raw2image", ("raw2image",))):
            try:
                program = _Program(_built(folder), file, *words)
            except CannotBuild as why:
                missing[name] = str(why)
                continue
            stack.callback(program.close)
            label = f"{program.version}, cfitsio" + (", raw2image" if words else "")
            takes[label] = program.round
            pictures[label] = partial(_written, program, folder / "c.fits")
        if shutil.which("siril-cli") is None:
            missing["siril-cli"] = "not installed (Debian package siril)"
        else:
            place = folder / "siril"
            place.mkdir()
            (place / "convert.ssf").write_text(_SIRIL)
            shutil.copy(file, place)
            takes["siril-cli"] = partial(_siril_round, place)
            pictures["siril-cli"] = partial(_only, place)
        best, failed = _rounds(takes, rounds)
        unit = best[OURS]
        for name, taken in best.items():
            picture = _judged(own, pictures[name]) if name in pictures else ""
            wall = round(taken.wall_s * 1e3, 1), round(taken.wall_s / unit.wall_s, 1)
            cpu = round(taken.cpu_s * 1e3, 1), round(taken.cpu_s / unit.cpu_s, 1)
            yield OneFile(case.name, name, *wall, *cpu, picture)
        for name, reason in {**missing, **failed}.items():
            yield OneFile(case.name, name, missing=reason)


def _rounds(takes: dict[str, Callable[[], Taken]], rounds: int) -> tuple[dict[str, Taken], dict[str, str]]:
    """The best of the rounds, and why some have none."""
    best: dict[str, Taken] = {}
    failed: dict[str, str] = {}
    for number in range(rounds + 1):
        for name, take in takes.items():
            if name in failed:
                continue
            try:
                taken = take()
            except CannotBuild as why:
                failed[name] = str(why)
                best.pop(name, None)
                continue
            if number:
                least = best.get(name, taken)
                best[name] = Taken(min(taken.wall_s, least.wall_s), min(taken.cpu_s, least.cpu_s))
    return best, failed


def _built(folder: Path) -> Path:
    program = folder / "rivalpath"
    return program if program.exists() else build("rivalpath.c", program, packages=("libraw", "cfitsio"))


def _written(program: _Program, path: Path) -> Path:
    program.write(path)
    return path


def _only(folder: Path) -> Path:
    return next(folder.glob("*.fit"))


def _judged(own: Pixels, picture: Callable[[], Path]) -> str:
    try:
        data = memoryview(picture().read_bytes())
        other = read_pixels(data)
        # Siril turns its pictures over.
        turned = read_cards(data).get("ROWORDER") == "BOTTOM-UP"
        return difference(own, _turned(other) if turned else other)
    except (SonyError, StopIteration) as fault:
        return f"no picture that can be compared: {fault}"


def _turned(picture: Pixels) -> Pixels:
    whole = picture.rows(0, picture.shape[0])[::-1]
    return replace(picture, rows=lambda top, bottom: whole[top:bottom])
