"""The driver's USB code on a real kernel's USB stack, in one virtual machine: transport, permissions, healing, a frame.

What runs inside is tests/guest/inside.py and driver_inside.py. Two cameras: an ILCE-7RM4 (files of 122 MB) at super
speed, an ILCE-7SM3 (25 MB) at high speed, which the driver then has for itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.frames import read_fits
from tests.judges.machine import Part, in_machine, plugged, skip_without_machine
from tools.compare import compare, sensor_of
from tools.rig import COMMAND, DRIVER, Rig, Simulator

LARGE, SMALL = "ILCE-7RM4", "ILCE-7SM3"
SEED = 4711
LIMIT_S = 560.0
AS_ROOT = ("seen", "many_looks", "faults_on_the_wire", "events", "modes", "resets", "suspended", "held", "large_file",
           "cut_short_and_taken_up", "unplugged")  # fmt: skip
AS_USER = ("denied", "held_by_root", "allowed")

pytestmark = [pytest.mark.timeout(LIMIT_S + 60), pytest.mark.realtime]

SCRIPT = f"""
export BODY1={LARGE} BODY2={SMALL} SHARE="$share"
part root "$python" -m tests.guest.inside {" ".join(AS_ROOT)}
# An ordinary user; he may read all files, since a clone may stand in a home that is closed.
user="setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps +dac_read_search --ambient-caps +dac_read_search"
chmod 0600 /dev/bus/usb/*/*
part denied $user "$python" -m tests.guest.inside denied
chmod 0666 /dev/bus/usb/*/*
mkfifo /run/hold
"$python" -m tests.guest.inside hold_both < /run/hold > /run/holds &
exec 4>/run/hold
until grep -q held /run/holds; do sleep 0.1; done
part held_by_root $user "$python" -m tests.guest.inside held_by_root
exec 4>&-
wait
part allowed $user "$python" -m tests.guest.inside allowed
part udevd sh -c '/lib/systemd/systemd-udevd --daemon && udevadm trigger -s usb && udevadm settle'
part under_udevd "$python" -m tests.guest.inside unplugged_under_udevd
shows="for node in /dev/bus/usb/*/*; do udevadm info -q property -n \\$node; stat -c 'NODE=%a %G' \\$node; done"
# udevadm takes the root of this machine for a chroot.
export SYSTEMD_IGNORE_CHROOT=1
udevadm trigger --action=add -s usb && udevadm settle
part marked sh -c "$shows"
mkdir -p /run/udev/rules.d
tell_rules='from indi_sony_py.cli.system.templates import rules; print(rules())'
"$python" -c "$tell_rules" > /run/udev/rules.d/61-indi-sony-py.rules
part rules sh -c "udevadm control --reload && udevadm trigger --action=add -s usb && udevadm settle && $shows"
part awake sh -c 'grep -l 054c /sys/bus/usb/devices/*/idVendor | sed s,idVendor,power/control, | xargs cat'
tell 1 '{{"command": "unplug"}}'
part driver "$python" -m tests.guest.driver_inside "$share" {DRIVER}
"""


@dataclass
class Ran:
    folder: Path
    parts: dict[str, Part]
    checks: dict[str, dict[str, Any]]
    large: Simulator
    small: Simulator

    def ok(self, name: str) -> dict[str, Any]:
        assert name in self.checks, f"{name} did not run: {[part.text[-800:] for part in self.parts.values()]}"
        found = self.checks[name]
        assert found["ok"], found.get("trace", found)
        return found


@pytest.fixture(scope="module")
def ran() -> Iterator[Ran]:
    if not COMMAND.exists():
        pytest.skip("the package is not installed: its programs are missing")
    skip_without_machine()
    with Rig() as rig:
        large = plugged(rig, LARGE, "super", raw="uncompressed")
        small = plugged(rig, SMALL, "high", raw="uncompressed", transfer_mbps=20, seed=SEED)
        parts = in_machine(rig, [large, small], SCRIPT, LIMIT_S)
        lines = [line for part in parts.values() for line in part.text.splitlines() if line.startswith("%% ")]
        checks = {found["check"]: found for found in map(json.loads, (line[3:] for line in lines))}
        yield Ran(rig.folder, parts, checks, large, small)


@pytest.mark.parametrize("name", AS_ROOT)
def test_as_root(ran: Ran, name: str) -> None:
    ran.ok(name)


def test_what_is_seen(ran: Ran) -> None:
    assert ran.ok("seen")["names"] == [LARGE, SMALL]
    looks = ran.ok("modes")["looks"]
    assert looks["mtp"] == ["ptp", False] and looks["remote"] == ["ptp", True]
    assert looks["mass_storage"] == ["mass storage", None]


def test_deadlines_cut_the_download_short(ran: Ran) -> None:
    assert ran.ok("cut_short_and_taken_up")["cuts"] > 0


def test_who_holds_the_camera_is_said(ran: Ran) -> None:
    assert "is held by python" in ran.ok("held")["said"] and "(process N)" in ran.ok("held")["said"]
    assert "is held by" in ran.ok("held_by_root")["said"]


def test_an_ordinary_user(ran: Ran) -> None:
    denied = ran.ok("denied")
    assert "denies access" in denied["said"] and "udev rule" in denied["advice"]
    assert ran.ok("allowed")["model"] == LARGE


def test_back_at_a_new_address_where_udevd_runs(ran: Ran) -> None:
    ran.ok("unplugged_under_udevd")


def cameras_of_udev(text: str) -> list[dict[str, str]]:
    """What udev knows of each Sony device; NODE: rights and group of its file."""
    devices: list[dict[str, str]] = []
    for line in text.splitlines():
        name, _, value = line.partition("=")
        if name == "DEVPATH":
            devices.append({})
        if devices:
            devices[-1][name] = value
    return [device for device in devices if device.get("ID_VENDOR_ID") == "054c"]


def test_the_rules_give_cameras_to_their_users_and_hide_them_from_photo_imports(ran: Ran) -> None:
    before, after = cameras_of_udev(ran.parts["marked"].text), cameras_of_udev(ran.parts["rules"].text)
    assert len(before) == len(after) == 2, ran.parts["rules"].text
    if Path("/lib/udev/rules.d/60-libgphoto2-6.rules").exists():
        assert all("ID_GPHOTO2" in device for device in before), "or there is nothing to be hidden"
    for device in after:
        # indi-gphoto has a later rule that gives all of Sony's to everybody.
        assert device["NODE"] in ("660 plugdev", "666 plugdev") and ":uaccess:" in device["TAGS"]
        assert "ID_GPHOTO2" not in device and "ID_MTP_DEVICE" not in device and device["MTP_NO_PROBE"] == "1"
    assert ran.parts["awake"].text.split() == ["on", "on"]


def test_the_driver_takes_true_frames_and_heals(ran: Ran) -> None:
    assert ran.parts["driver"].status == 0, ran.parts["driver"].text
    presses = [row for row in ran.small.truth() if row["by"] == "host"]
    files = sorted(ran.folder.glob("ours_*.fits"))
    assert len(files) == len(presses) == 2
    for file, press in zip(files, presses, strict=True):
        header, cfa = read_fits(file.read_bytes())
        result = compare(cfa, press, SEED, sensor_of(SMALL), stars=False)
        assert not result.faults, result.faults
        assert header["EXPTIME"] == press["exposure_s"] == 1.0


def test_no_rule_is_broken(ran: Ran) -> None:
    for camera in (ran.large, ran.small):
        assert camera.broken_rules() == []
