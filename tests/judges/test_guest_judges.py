"""Judges over a real kernel's USB stack, in one virtual machine: lsusb, gphoto2, a newer libgphoto2, indi_gphoto_ccd.

gphoto2 2.5.28 with libgphoto2 2.5.30 asks every body for protocol 2.00; libgphoto2 2.5.34 asks for 3.00.
"""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.judges.machine import Part, in_machine, plugged, skip_without_machine
from tests.judges.network import FOREIGN_HABITS
from tools.rig import COMMAND, Rig, Simulator

OLDER, NEWER = "ILCE-6500", "ILCE-7C"
"""One that speaks 2.00 alone, at high speed; one that speaks 3.00 too, at super speed."""
LIMIT_S = 420.0
HABITS = FOREIGN_HABITS | {"R-LENGTH", "R-HANDLE-EARLY", "R-HALF-FIRST", "R-BULB-SPEED", "R-DELAYED-RELEASE"}
"""More of what foreign programs do (docs/JUDGES.md): an empty value behind a bulb, polls until its last moment, a press
at connect that is held."""

pytestmark = pytest.mark.timeout(LIMIT_S + 60)

SCRIPT = f"""
older=$(place {OLDER}); newer=$(place {NEWER})
part lsusb lsusb -v -d 054c:
part detect gphoto2 --auto-detect
for name in older newer; do
    eval "port=\\$$name"
    judge() {{ what=$1; shift; part "$name-$what" gphoto2 --port "$port" "$@"; }}
    judge look --summary --list-config
    judge set --set-config iso=400 --set-config shutterspeed=1/50
    judge get --get-config iso --get-config shutterspeed
    judge capture --capture-image-and-download --filename "$share/$name.arw"
done
tell 1 '{{"command": "shutter", "speed": "bulb"}}'
part older-bulb gphoto2 --port "$older" --set-config bulb=1 --wait-event=2s --set-config bulb=0 \\
    --wait-event-and-download=6s --filename "$share/bulb.arw"
part versions gphoto2 --version
if "$python" -c 'import gphoto2' 2>/dev/null; then
    part new "$python" -m tests.judges.ask_libgphoto2 "$newer" "$share/new.arw" iso=200 shutterspeed=1/20
fi
tell 1 '{{"command": "shutter", "speed": "1/100"}}'
# It takes the first camera that it finds: the other one is unplugged meanwhile.
tell 2 '{{"command": "unplug"}}'
part indi "$python" -m tests.judges.indi_inside "$share"
"""


@dataclass
class Judged:
    folder: Path
    parts: dict[str, Part]
    older: Simulator
    newer: Simulator

    def kept(self, number: int) -> list[bytes]:
        return [file.read_bytes() for file in sorted((self.folder / "kept" / f"camera{number}").iterdir())]

    def ok(self, name: str) -> str:
        part = self.parts[name]
        assert part.status == 0, f"{name}: status {part.status}\n{part.text}"
        return part.text


@pytest.fixture(scope="module")
def judged() -> Iterator[Judged]:
    if not COMMAND.exists():
        pytest.skip("the package is not installed: its programs are missing")
    skip_without_machine()
    with Rig() as rig:
        older, newer = plugged(rig, OLDER, "high", raw="lossy"), plugged(rig, NEWER, "super", raw="lossy")
        parts = in_machine(rig, [older, newer], SCRIPT, LIMIT_S)
        yield Judged(rig.folder, parts, older, newer)


def test_the_descriptors_of_both_speeds(judged: Judged) -> None:
    said = judged.ok("lsusb")
    assert "can't get" not in said and "warning" not in said.lower()
    older, newer = sorted(said.split("Bus 0")[1:], key=lambda one: "SuperSpeed" in one)
    for one, model, packet in ((older, OLDER, 512), (newer, NEWER, 1024)):
        for text in (f"iProduct 2 {model}", "bInterfaceClass 6 Imaging", "bInterfaceSubClass 1 Still Image Capture",
                     "bNumEndpoints 3", "EP 1 IN", "EP 2 OUT", "EP 3 IN", f"1x {packet} bytes"):  # fmt: skip
            assert text in " ".join(one.split()), text
    assert "SuperSpeed USB Device Capability" in newer and newer.count("bMaxBurst") == 3
    assert "Device Qualifier" in older


def test_gphoto2_detects_both_as_what_they_play(judged: Judged) -> None:
    said = judged.ok("detect")
    assert "Sony Alpha-A6500 (Control)" in said and "Sony ILCE-7C (Control)" in said


@pytest.mark.parametrize(("name", "model"), [("older", OLDER), ("newer", NEWER)])
def test_gphoto2_reads_and_sets(judged: Judged, name: str, model: str) -> None:
    said = judged.ok(f"{name}-look")
    assert f"Model: {model}" in said and "Sony Capture" in said
    assert {"/main/imgsettings/iso", "/main/capturesettings/shutterspeed", "/main/actions/bulb"} <= set(said.split())
    judged.ok(f"{name}-set")
    assert re.findall(r"^Current: (.*)$", judged.ok(f"{name}-get"), re.M) == ["400", "1/50"]


@pytest.mark.parametrize(("name", "number"), [("older", 1), ("newer", 2)])
def test_gphoto2_takes_a_photo_and_gets_it_byte_for_byte(judged: Judged, name: str, number: int) -> None:
    judged.ok(f"{name}-capture")
    assert (judged.folder / f"{name}.arw").read_bytes() == judged.kept(number)[0]
    truth = (judged.older, judged.newer)[number - 1].truth()[0]
    assert (truth["iso"], truth["nominal_s"], truth["by"]) == (400, 0.02, "host")


def test_gphoto2_takes_a_bulb(judged: Judged) -> None:
    judged.ok("older-bulb")
    assert (judged.folder / "bulb.arw").read_bytes() == judged.kept(1)[1]
    truth = judged.older.truth()[1]
    assert truth["nominal_s"] is None and 1.9 < truth["exposure_s"] < 20


@pytest.mark.skipif(importlib.util.find_spec("gphoto2") is None, reason="the PyPI package gphoto2 is not installed")
def test_a_newer_libgphoto2_speaks_3_00(judged: Judged) -> None:
    said = json.loads(judged.ok("new").splitlines()[-1])
    assert f"Model: {NEWER}" in said["summary"]
    assert (judged.folder / "new.arw").read_bytes() == judged.kept(2)[1]
    truth = judged.newer.truth()[1]
    assert (truth["iso"], truth["nominal_s"]) == (200, 0.05)


def test_indi_gphoto_ccd_takes_an_exposure(judged: Judged) -> None:
    """It connects, and gets a file whole: the one that its own press at connect made, as over the network."""
    judged.ok("indi")
    (frame,) = judged.folder.glob("judged_*.arw")
    assert frame.read_bytes() == judged.kept(1)[2]


def test_no_rule_is_broken_beyond_their_habits(judged: Judged) -> None:
    for camera in (judged.older, judged.newer):
        assert {row["rule"] for row in camera.broken_rules()} <= HABITS
