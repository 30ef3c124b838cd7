"""How the cost grows, and where the time goes: `tools/bench growth`. `python -m tools.plots` draws its figures.

Four parts. `sizes`: developing 12 to 102 megapixels of each RAW type. `cores`: the largest real ones, with one core,
two and so on, as many as there are. `stages`: what each step costs alone. `cameras`: frames of one, two and four
cameras at once through the whole driver. Starts processes.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from indi_sony_py.sim.arw_encoder import RAW_TYPES
from tools import benchcameras, benchstages
from tools.benchfiles import Case, make_case
from tools.benchmachine import hold_to, write_json
from tools.benchpaths import COPY, PATHS, best_of

__all__ = ["Grown", "main"]

PARTS = ("sizes", "cores", "stages", "cameras")
SIZES = ("ILCE-7SM3", "ILCE-7M3", "ILCE-7RM3", "ILCE-7RM5", "102MP")
_LARGE = "ILCE-7RM5"
_CORES = (1, 2, 4, 8)


@dataclass(frozen=True, slots=True)
class Grown:
    """Milliseconds, the best of the rounds: developing and a copy of the frame's values. `part`: "sizes" or "cores"."""

    part: str
    file: str
    raw_type: str
    megapixels: float
    cores: int
    develop_ms: float
    copy_ms: float

    def __str__(self) -> str:
        size = f"{self.file:24} {self.megapixels:6.1f} MP, {self.cores} cores"
        return f"{size}: {self.develop_ms:8.2f} ms, {self.develop_ms / self.copy_ms:6.2f} copies of {self.copy_ms:.2f}"


def _grown(part: str, case: Case, cores: int, rounds: int) -> Grown:
    develop, copy = (
        best_of(case, next(path for path in PATHS if path.name == name), rounds) for name in ("develop", COPY)
    )
    size = round(case.pixels / 1e6, 1)
    return Grown(part, case.name, case.raw_type, size, cores, round(develop * 1e3, 2), round(copy * 1e3, 2))


def _sizes(options: argparse.Namespace) -> Iterator[Grown]:
    cores = len(os.sched_getaffinity(0))
    for model in options.body or SIZES:
        for raw_type in RAW_TYPES:
            yield _grown("sizes", make_case(model, raw_type, options.keep), cores, options.rounds)


def _cores(options: argparse.Namespace) -> Iterator[Grown]:
    mine = sorted(os.sched_getaffinity(0))
    for raw_type in RAW_TYPES:
        case = make_case((options.body or [_LARGE])[-1], raw_type, options.keep)
        for count in (number for number in _CORES if number <= len(mine)):
            hold_to(mine[:count])
            yield _grown("cores", case, count, options.rounds)
            hold_to(mine)


def _stages(options: argparse.Namespace) -> Iterator[benchstages.Stage]:
    for raw_type in RAW_TYPES:
        yield from benchstages.measure(
            make_case((options.body or [_LARGE])[-1], raw_type, options.keep), options.rounds
        )


def _cameras(options: argparse.Namespace) -> Iterator[benchcameras.AtOnce]:
    for word in options.camera or benchcameras.BODIES:
        yield from benchcameras.measure(word, options.count, options.frames, options.rate)


_MEASURES = {"sizes": _sizes, "cores": _cores, "stages": _stages, "cameras": _cameras}


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tools/bench growth", description=__doc__)
    parser.add_argument("--part", choices=PARTS, action="append", help="only this part")
    parser.add_argument("--body", action="append", help=f"of the first three parts (default: {' '.join(SIZES)})")
    parser.add_argument("--rounds", type=int, default=7, help="rounds of each; the best counts (default 7)")
    parser.add_argument("--camera", action="append", metavar="BODY:TYPE", help="bodies of the last part (default: "
                        f"{' '.join(benchcameras.BODIES)})")  # fmt: skip
    parser.add_argument("--count", type=int, nargs="+", default=(1, 2, 4), help="how many cameras (default: 1 2 4)")
    parser.add_argument("--frames", type=int, default=3, help="frames of each camera; the middle counts (default 3)")
    parser.add_argument("--rate", type=int, default=100, help="MB/s of each camera's transfer (default 100)")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep the files there, and take them from there")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    options = _arguments(argv)
    found = []
    for part in options.part or PARTS:
        print(part)
        for figure in _MEASURES[part](options):
            found.append(figure)
            print(f"  {figure}", flush=True)
            # After each: a long run that is broken off keeps what it has.
            write_json(options.json, found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
