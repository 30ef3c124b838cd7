"""`tools/nights`: whole nights in virtual time. Exit status 0 only when every invariant held."""

from __future__ import annotations

import argparse
import logging
import os
import shutil
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path

from tests.nights.judge import Wrong
from tests.nights.night import BODIES, Night
from tests.nights.troubles import TABLE

__all__ = ["main"]


def play(night: Night) -> str:
    """Play it in a home of its own, and give back what was wrong, "" for nothing."""
    root = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    home = tempfile.mkdtemp(prefix="nights-", dir=root)
    old = dict(os.environ)
    for name in [name for name in os.environ if name.startswith(("XDG_", "INDI"))]:
        del os.environ[name]
    os.environ["HOME"] = home
    try:
        night.run()
    except (Exception, Wrong) as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        return f"{type(error).__name__}: {error} ({Path(where.filename).name}:{where.lineno})"
    finally:
        os.environ.clear()
        os.environ.update(old)
        shutil.rmtree(home, ignore_errors=True)
    return ""


def main() -> int:
    """The program; its exit status."""
    parser = argparse.ArgumentParser(
        prog="tools/nights", description="Whole nights on simulated cameras, in virtual time."
    )
    parser.add_argument("--seeds", type=int, default=3, help="how many nights (3)")
    parser.add_argument("--hours", type=float, default=2.0, help="virtual hours of a night (2)")
    parser.add_argument("--seed", type=int, default=1, help="the first seed (1)")
    parser.add_argument("--body", choices=BODIES, help="the first camera, instead of one drawn for each night")
    parser.add_argument(
        "--second", choices=sorted(BODIES), help="a second camera, instead of one that is drawn or none"
    )
    parser.add_argument("--storm", type=float, help="troubles an hour, instead of a number drawn for each night")
    parser.add_argument("--only", help="only these troubles (names of tests/nights/troubles.py, by commas)")
    parser.add_argument("--fast", type=float, default=0.0, help="share of jobs that are fast exposures (0)")
    parser.add_argument("--retakes", type=int, help="RETAKES of the driver, instead of a number drawn for each night")
    parser.add_argument("--lines", type=int, default=60, help="lines of the log of a night that failed (60)")
    parser.add_argument("--verbose", action="store_true", help="the log of every night")
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    only = tuple(options.only.split(",")) if options.only else ()
    if unknown := set(only) - {row.name for row in TABLE}:
        parser.error(f"unknown: {', '.join(sorted(unknown))}; known are {', '.join(row.name for row in TABLE)}")
    began, failed = time.monotonic(), []
    counts: Counter[str] = Counter()
    for seed in range(options.seed, options.seed + options.seeds):
        drawn = {"fast": options.fast, "retakes": options.retakes, "second": options.second}
        night = Night(seed, options.hours, options.body, options.storm, only, **drawn)
        at = time.monotonic()
        wrong = play(night)
        counts.update(night.counts)
        if wrong or options.verbose:
            print("\n".join(night.told(options.lines)))
        if wrong:
            failed.append(seed)
            more = f" --body {options.body}" if options.body else ""
            more += f" --second {options.second}" if options.second else ""
            more += f" --only '{options.only}'" if options.only else ""
            more += "" if options.storm is None else f" --storm {options.storm:g}"
            more += f" --fast {options.fast:g}" if options.fast else ""
            more += "" if options.retakes is None else f" --retakes {options.retakes}"
            print(f"seed {seed} ({', '.join(night.models)}, {night.storm:g} troubles an hour): {wrong}")
            print(f"replay: tools/nights --seed {seed} --seeds 1 --hours {options.hours:g}{more}")
        else:
            print(f"seed {seed} ({', '.join(night.models)}): held, {time.monotonic() - at:.0f} s", flush=True)
        sys.stdout.flush()
    held = options.seeds - len(failed)
    print(f"{held} of {options.seeds} nights held, {time.monotonic() - began:.0f} s; {dict(sorted(counts.items()))}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
