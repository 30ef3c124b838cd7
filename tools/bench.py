"""How fast frames are developed, in one run on the same files: what `tools/bench` runs. Prints and writes.

Rules kept here:

- The unit is a copy (memcpy) of the frame's values on this machine, measured in the same rounds: times of different
  machines, or of hours with other work, cannot be compared, these ratios can.
- The rounds go over all paths in turn, and the best of each counts: what else the machine does hits all alike.
- The processor's time stands beside it, all cores added: it hardly depends on what else the machine does.
- With `--cores 1` the process is held to one core, all its threads too.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

from tools.benchfiles import FILES, Case, make_case
from tools.benchmachine import hold_to, write_json
from tools.benchpaths import COPY, PATHS, Trial

__all__ = ["Figure", "main", "measure"]

SECTIONS = ("bulb", "driver", "growth", "overlap", "rivals")
"""Other things to measure, each a module `tools.benchNAME`."""


@dataclass(frozen=True, slots=True)
class Figure:
    """Milliseconds, the best and the middle of the rounds, and the least of the processor's time.

    `copies` is the best as a multiple of the best copy's, `cpu_copies` the same of the processor's time.
    """

    file: str
    megapixels: float
    cores: int
    path: str
    best_ms: float
    middle_ms: float
    copies: float
    cpu_ms: float
    cpu_copies: float


@dataclass(slots=True)
class Taken:
    """Seconds of each round."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)


def measure(case: Case, paths: Sequence[Trial], rounds: int) -> dict[str, Taken]:
    """By the path's name."""
    taken = {path.name: Taken() for path in paths}
    for _ in range(rounds):
        for path in paths:
            made = path.prepare(case)
            start, used = time.perf_counter(), time.process_time()
            result = path.run(case, made)
            taken[path.name].wall.append(time.perf_counter() - start)
            taken[path.name].cpu.append(time.process_time() - used)
            path.clean(result if result is not None else made)
            del made, result
    return taken


def _figures(case: Case, cores: int, taken: dict[str, Taken]) -> list[Figure]:
    unit = min(taken[COPY].wall), min(taken[COPY].cpu)
    return [
        Figure(
            case.name,
            round(case.pixels / 1e6, 1),
            cores,
            name,
            round(min(one.wall) * 1e3, 2),
            round(statistics.median(one.wall) * 1e3, 2),
            round(min(one.wall) / unit[0], 2),
            round(min(one.cpu) * 1e3, 2),
            round(min(one.cpu) / unit[1], 2),
        )
        for name, one in taken.items()
    ]


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    names = ", ".join(f'"{path.name}"' for path in PATHS)
    parser = argparse.ArgumentParser(
        prog="tools/bench",
        description="Times as multiples of a copy of the same bytes.",
        epilog=f"Other sections, each with its own --help: {', '.join(f'tools/bench {name}' for name in SECTIONS)}.",
    )
    parser.add_argument("files", nargs="*", default=FILES, metavar="BODY:TYPE", help=f"default: {' '.join(FILES)}")
    parser.add_argument("--rounds", type=int, default=7, help="rounds over all paths; the best counts (default 7)")
    parser.add_argument(
        "--cores", type=int, nargs="+", help="how many cores it may use, one run each (default: all, 1)"
    )
    parser.add_argument("--path", action="append", default=[], help=f"only these paths: {names}")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep the files there, and take them from there")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    words = sys.argv[1:] if argv is None else list(argv)
    if words and words[0] in SECTIONS:
        return int(import_module(f"tools.bench{words[0]}").main(words[1:]))
    options = _arguments(words)
    unknown = set(options.path) - {path.name for path in PATHS}
    if unknown:
        print(f"bench: there is no path called {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    paths = [path for path in PATHS if path.name == COPY or not options.path or path.name in options.path]
    mine = sorted(os.sched_getaffinity(0))
    found: list[Figure] = []
    for word in options.files:
        model, _, raw_type = word.partition(":")
        try:
            case = make_case(model, raw_type or "uncompressed", options.keep)
        except (KeyError, ValueError) as fault:
            print(f"bench: {word}: {fault}", file=sys.stderr)
            return 2
        for count in options.cores or dict.fromkeys((len(mine), 1)):
            hold_to(mine[:count])
            figures = _figures(case, min(count, len(mine)), measure(case, paths, options.rounds))
            hold_to(mine)
            found += figures
            print(f"{case.name}, {case.pixels / 1e6:.1f} MP, {figures[0].cores} of {len(mine)} cores")
            for each in figures:
                wall = f"{each.best_ms:9.2f} ms {each.copies:7.2f} copies"
                print(f"  {each.path:24} {wall}   processor {each.cpu_ms:9.2f} ms {each.cpu_copies:7.2f}", flush=True)
    write_json(options.json, found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
