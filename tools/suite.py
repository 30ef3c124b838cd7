"""Runs the whole suite, step by step, and prints what came of it. Starts processes; prints to stdout.

Rules kept here:

- The steps are rows. Every step runs, whatever came of those before it, so that one run tells everything.
- The exit status is 0 only if every step passed and tests were run.
- A step that takes longer than its limit is ended and counts as failed.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["COVERED", "STEPS", "Step", "main"]

ROOT = Path(__file__).resolve().parents[1]
COVERED = ("ptp", "sony", "engine", "indi", "image")
COVERED_LINES_PERCENT = 90
WORKERS = 2


@dataclass(frozen=True, slots=True)
class Step:
    """One command of the suite, run in the root of the clone with the interpreter that runs this file."""

    name: str
    what: str
    command: tuple[str, ...]
    limit_s: float


_PYTEST = ("-m", "pytest", "-q", "--tb=short", "--durations=8")
_MACHINES = ("tests/guest", "tests/ekos", "tests/packaging", "tests/judges")
"""Heavy ones that do not meet each other: virtual machines, which compute all the time, the real KStars, the Debian
package; the longest begin first (tests/together.py has the groups)."""
_SIDE_BY_SIDE = (*_PYTEST, "-n", str(WORKERS), "--dist", "worksteal", "-m", "not realtime")
_OF_ONE_PART = tuple(f"tests/{name}" for name in COVERED)
"""The tests that show that a part's lines are covered. Where the whole stack runs, coverage doubles what it costs."""
_WITHOUT = tuple(f"--ignore={folder}" for folder in _MACHINES)
_LINT_IMPORTS = "from importlinter.cli import lint_imports_command; lint_imports_command()"
_COVERAGE = ("-m", "coverage", "report")

STEPS: tuple[Step, ...] = (
    Step("ruff", "style", ("-m", "ruff", "check", "."), 60),
    Step("layout", "code is laid out alike", ("-m", "ruff", "format", "--check", "."), 60),
    Step("mypy", "types, strictly", ("-m", "mypy"), 240),
    Step("imports", "imports point one way", ("-c", _LINT_IMPORTS), 60),
    Step(
        "tests", f"{', '.join(COVERED)}, each by itself, with coverage",
        (*_SIDE_BY_SIDE, "--cov", "--cov-report=", *_OF_ONE_PART), 900,
    ),
    Step(
        "whole", "the parts together, and all else that needs no real time",
        (*_SIDE_BY_SIDE, *(f"--ignore={folder}" for folder in _OF_ONE_PART)), 1000,
    ),
    Step(
        "coverage", f"at least {COVERED_LINES_PERCENT} % of the lines of {', '.join(COVERED)}",
        (*_COVERAGE, f"--fail-under={COVERED_LINES_PERCENT}",
         "--include=" + ",".join(f"indi_sony_py/{name}/*" for name in COVERED)), 60,
    ),
    Step(
        "realtime", "real servers, clients and processes, one at a time", (*_PYTEST, "-m", "realtime", *_WITHOUT), 1700
    ),
    Step(
        "machines", "virtual machines, the real KStars, the Debian package and other programs, side by side",
        (*_PYTEST, "-n", str(WORKERS), "--dist", "loadscope", "--no-loadscope-reorder", "-m", "realtime", *_MACHINES),
        1000,
    ),
)  # fmt: skip


def _run(step: Step, more: Sequence[str]) -> tuple[bool, float]:
    started = time.monotonic()
    print(f"\n=== {step.name}: {step.what}", flush=True)
    child = subprocess.Popen([sys.executable, *step.command, *more], cwd=ROOT, stdin=subprocess.DEVNULL)
    try:
        passed = child.wait(step.limit_s) == 0
    except subprocess.TimeoutExpired:
        print(f"{step.name} took longer than {step.limit_s:.0f} s and was ended", flush=True)
        passed = False
    finally:
        if child.poll() is None:
            child.terminate()
            try:
                child.wait(10)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
    return passed, time.monotonic() - started


def _per_package() -> None:
    """Prints the coverage of each package by itself, so that a hole in a small one shows."""
    if not (ROOT / ".coverage").exists():
        return
    for name in COVERED:
        command = [sys.executable, *_COVERAGE, "--format=total", f"--include=indi_sony_py/{name}/*"]
        total = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
        print(f"  {name:<10} {total or '?'} % of lines")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the steps named in `arguments`, or all; what follows `--` goes to the commands. Returns the exit status."""
    parser = argparse.ArgumentParser(prog="tools/test", description="Runs the suite, or the steps that are named.")
    names = [step.name for step in STEPS]
    parser.add_argument("steps", nargs="*", metavar="step", help=f"one of: {', '.join(names)}")
    given = list(sys.argv[1:] if arguments is None else arguments)
    more = given[given.index("--") + 1 :] if "--" in given else []
    chosen = parser.parse_args(given[: given.index("--")] if "--" in given else given).steps
    unknown = sorted(set(chosen) - set(names))
    if unknown:
        parser.error(f"no such step: {', '.join(unknown)}; steps are {', '.join(names)}")
    for name in ("PYTEST_ADDOPTS", "INDIDEV", "INDICONFIG", "INDI_SONY_BUS"):
        os.environ.pop(name, None)
    results = [(step, *_run(step, more)) for step in STEPS if not chosen or step.name in chosen]
    print("\n=== summary", flush=True)
    for step, passed, took in results:
        print(f"  {step.name:<10} {'passed' if passed else 'FAILED'}  {took:6.1f} s  {step.what}")
    if any(step.name == "coverage" for step, _, _ in results):
        _per_package()
    failed = sum(not passed for _, passed, _ in results)
    print(f"suite: {len(results) - failed} passed, {failed} failed", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
