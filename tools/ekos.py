"""A night with the real KStars on a simulated camera, in short: what `tools/ekos` runs. Starts processes; writes files.

Lights, darks, flats, bias, an abort, a cable that is pulled, automatic flats; what is on disk is compared with what the
sky put in. Into the folder go pictures of the screen (`*.png`) and what Ekos sent and the driver answered
(`ekos-session.json`, see tools/recording.py).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from tools.desktop import BusError
from tools.ekosbench import SAVED, Bench, bench, judge_file, made_home, read
from tools.interruptible import interruptible
from tools.kstars import missing_kstars, version
from tools.processes import Late, until
from tools.recording import rows_of, save
from tools.rig import DEVICE
from tools.tap import read_tap

__all__ = ["STEPS", "main"]

_LIMIT_S = 240.0
_PICTURE_BYTES = 150_000


def _calibrated(bench: Bench) -> str:
    folder = bench.rig.folder / "calibrated"
    before = len(bench.camera.truth())
    kinds = (("Light", 1.5), ("Dark", 1.0), ("Flat", 0.01), ("Bias", 0.5))
    files = bench.run([bench.job(kind, seconds, folder=folder) for kind, seconds in kinds], _LIMIT_S)
    headers = [judge_file(path, press) for path, press in zip(files, bench.camera.truth()[before:], strict=True)]
    return ", ".join(f"{header['FRAME']} {header['EXPTIME']:g} s" for header in headers)


def _aborted(bench: Bench) -> str:
    folder = bench.rig.folder / "aborted"
    bench.camera.control(command="expect", seconds=23)
    bench.begin([bench.job("Light", 23, folder=folder)])
    until(lambda: bool(bench.camera.control(command="state")["exposing"]), bool, 60, "open shutter")
    bench.kstars.abort_sequence()
    state = until(lambda: bench.kstars.state_of(DEVICE, "CCD_EXPOSURE"), lambda now: now == "Idle", 20, "end of it")
    bench.camera.control(command="expect")
    (path,) = bench.run([bench.job("Light", 1.2, folder=folder)], _LIMIT_S)
    judge_file(path, bench.camera.truth()[-1])
    return f"CCD_EXPOSURE {state}, and the next frame is a new one"


def _cable(bench: Bench) -> str:
    when = {"operation": 0x1009, "property": 0xFFFFC001, "nth": 1}
    bench.camera.control(command="fault", row={"kind": "unplug", "when": when, "after_bytes": 1_000_000, "back_s": 3.0})
    before = len(bench.camera.truth())
    (path,) = bench.run([bench.job("Light", 1.2, folder=bench.rig.folder / "cable")], _LIMIT_S)
    judge_file(path, bench.camera.truth()[-1])
    kept = [frame["path"] for frame in bench.rig.rescued()]
    return f"{len(bench.camera.truth()) - before} presses for one frame; saved beside it: {len(kept)}"


def _flats(bench: Bench) -> str:
    bench.camera.control(command="scene", scene="flat")
    folder = bench.rig.folder / "flats"
    files = bench.run([bench.job("Flat", 0.05, 2, folder=folder, adu=10000, adu_tolerance=1800)], _LIMIT_S)
    header, cfa = read(files[-1])
    return f"level {cfa.mean():.0f} at {header['EXPTIME']:g} s"


STEPS: tuple[tuple[str, Callable[[Bench], str]], ...] = (
    ("light, dark, flat, bias", _calibrated),
    ("an abort", _aborted),
    ("a cable that is pulled", _cable),
    ("automatic flats", _flats),
)


def _run(out: Path) -> int:
    failed = 0
    with made_home() as home, bench(home, tapped=True, config=SAVED) as made:
        print(f"KStars {version()}")
        made.look(out / "connected.png", _PICTURE_BYTES)
        made.kstars.trigger("show_ekos")
        for number, (name, step) in enumerate(STEPS, 1):
            try:
                print(f"  {name}: {step(made)}", flush=True)
            except (AssertionError, BusError, Late) as error:
                failed += 1
                print(f"  {name}: FAILED: {error}", flush=True)
            made.look(out / f"step{number}.png", _PICTURE_BYTES)
        broken = made.camera.broken_rules()
        rows = rows_of(read_tap(made.record), DEVICE)
    save(out / "ekos-session.json", rows, client=f"KStars {version()}", camera="simulated ILCE-7SM3")
    print(f"  rules of the camera that were broken: {len(broken)}")
    return 1 if failed or broken else 0


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status: 0 if every step went well."""
    parser = argparse.ArgumentParser(prog="tools/ekos", description="KStars with a simulated camera.")
    parser.add_argument("--out", type=Path, default=Path("ekos-out"), metavar="DIR", help="where the files go")
    options = parser.parse_args(arguments)
    if missing := missing_kstars():
        print(f"these Debian packages are needed: {' '.join(missing)}", file=sys.stderr)
        return 2
    options.out.mkdir(parents=True, exist_ok=True)
    return _run(options.out)


if __name__ == "__main__":
    sys.exit(interruptible(main, "ekos"))
