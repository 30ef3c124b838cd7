"""Who delivers what when something goes wrong: gphoto2, indi_gphoto_ccd and this driver on the same camera and faults.

By hand: `python -m tests.judges.rivals`, about a quarter of an hour; one virtual machine for each program and case.
Prints a table in the form of docs/RIVALS.md, and what each program said. `--case` and `--program` choose some.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.judges.machine import in_machine, plugged
from tools.interruptible import interruptible
from tools.rig import DEVICE, DRIVER, Rig, Simulator

BODY = "ILCE-6500"
LIMIT_S = 900.0
PART_S = 800.0


@dataclass(frozen=True, slots=True)
class Case:
    """One fault; what is asked of each program: `count` frames of `seconds` (`speed`, as gphoto2 names it)."""

    name: str
    what: str
    commands: tuple[Mapping[str, Any], ...]
    seconds: float = 0.5
    speed: str = "1/2"
    count: int = 2
    files_each: int = 1


CASES = (
    Case("stale", "an image of an earlier time waits in the camera; two frames of 0.5 s",
         ({"command": "leave", "count": 1},)),
    Case("pair", "the camera stands on RAW+JPEG; two frames of 0.5 s",
         ({"command": "format", "files": "raw+jpeg"},), files_each=2),
    Case("dark", "long exposure noise reduction is on; one frame of 30 s",
         ({"command": "noise-reduction", "on": True},), 30.0, "30", 1),
    Case("unplug", "the cable goes in the middle of the first transfer, and is back after 5 s; two frames of 0.5 s",
         ({"command": "fault", "row": {"kind": "unplug", "when": {"operation": 0x1009}, "after_bytes": 5_000_000,
                                       "back_s": 5.0}},)),
)  # fmt: skip

_INDI = """
part indi "$python" -m tests.judges.rival_inside "{driver}" "{device}" "$share" {case.seconds} {case.count}
"""
_GPHOTO2 = """
for number in {numbers}; do
    part shot-$number gphoto2 --set-config shutterspeed={case.speed} --capture-image-and-download \\
        --force-overwrite --filename "$share/frame-$number-%n"
    sleep 8
done
"""
PROGRAMS: Mapping[str, tuple[str, str]] = {
    "gphoto2": ("", ""),
    "indi_gphoto_ccd": ("indi_gphoto_ccd", "GPhoto CCD"),
    "indi_sony_py": (str(DRIVER), DEVICE),
}


@dataclass(slots=True)
class Delivered:
    """What one program delivered in one case; a line a frame, and what it said."""

    program: str
    case: Case
    lines: list[str] = field(default_factory=list)
    rest: str = ""
    said: list[str] = field(default_factory=list)


def script(program: str, case: Case) -> str:
    """What the machine runs."""
    driver, device = PROGRAMS[program]
    numbers = " ".join(str(number) for number in range(1, case.count + 1))
    text = f"limit={PART_S:g}\n" + (_INDI if driver else _GPHOTO2)
    return text.format(driver=driver, device=device, case=case, numbers=numbers)


def _kept(folder: Path, camera: Simulator) -> dict[bytes, str]:
    """What each file that the camera made is, by its bytes."""
    presses = [row for row in camera.truth() if row["files"]]
    asked = 0
    found = {}
    for press in presses:
        asked += press["by"] == "host"
        mine = f"the frame of press {asked} (open for {press['exposure_s']:.3g} s)"
        who = mine if press["by"] == "host" else "the stale image"
        for name in press["files"]:
            path = next((folder / "kept" / "camera1").glob(f"*{name}"), None)
            if path is not None:
                kind = "" if name.upper().endswith(".ARW") else " (JPEG)"
                found[path.read_bytes()] = who + kind
    return found


def play(program: str, case: Case) -> Delivered:
    """One program in one case, in a machine of its own."""
    told = Delivered(program, case)
    with Rig() as rig:
        camera = plugged(rig, BODY, "high", raw="lossy")
        for command in case.commands:
            answer = camera.control(**command)
            assert answer["ok"], answer
        parts = in_machine(rig, [camera], script(program, case), LIMIT_S)
        known = _kept(rig.folder, camera)
        exposures: list[dict[str, Any]] = []
        for part in parts.values():
            lines = [line for line in part.text.splitlines() if line.strip() and not line.startswith("Downloading")]
            told.said += lines[-12:]
            if part.text.rstrip().endswith("}"):
                exposures = json.loads(part.text.splitlines()[-1])["exposures"]
        for number in range(1, case.count + 1):
            paths = sorted(rig.folder.glob(f"frame-{number}*"))
            what = ", then ".join(known.get(path.read_bytes(), "a damaged file") for path in paths) or "no frame"
            state = exposures[number - 1] if number <= len(exposures) else {}
            how = f" ({state['outcome']} after {state['seconds']:g} s)" if state else ""
            told.lines.append(f"{number}: {what}{how}")
        for path in sorted(rig.folder.glob("kept-*")):
            told.lines.append(f"saved and announced: {known.get(path.read_bytes(), 'a file of its own')}")
        left = camera.control(command="state")["files"]
        told.rest = f"{len(left)} left in the camera"
    return told


def table(results: Sequence[Delivered]) -> str:
    """Cases down, programs across, in Markdown."""
    programs = list(dict.fromkeys(result.program for result in results))
    lines = [f"| case | {' | '.join(programs)} |", f"| --- |{' --- |' * len(programs)}"]
    for case in dict.fromkeys(result.case.name for result in results):
        cells = {r.program: "<br>".join([*r.lines, r.rest]) for r in results if r.case.name == case}
        what = next(r.case.what for r in results if r.case.name == case)
        lines.append(f"| {what} | {' | '.join(cells.get(program, '') for program in programs)} |")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.judges.rivals", description=__doc__)
    parser.add_argument("--case", action="append", choices=[case.name for case in CASES])
    parser.add_argument("--program", action="append", choices=list(PROGRAMS))
    chosen = parser.parse_args()
    results = []
    for case in CASES:
        for program in PROGRAMS:
            if case.name in (chosen.case or [case.name]) and program in (chosen.program or [program]):
                result = play(program, case)
                results.append(result)
                heading = f"\n=== {program}, {case.name}"
                print(heading, *result.lines, result.rest, "", *result.said, sep="\n  ", flush=True)
    print("\n" + table(results))
    return 0


if __name__ == "__main__":
    sys.exit(interruptible(main, "rivals"))
