"""A program of its own, for a virtual machine: the driver's USB code, through pyusb and libusb, on a real kernel.

Run as `python -m tests.guest.inside NAME…` in the root of the clone: each NAME is a check below; a line of JSON comes
of each. Cameras 1 and 2 are plugged in, their control sockets are /dev/control1 and 2.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from indi_sony_py.clock import Deadline, SystemClock
from indi_sony_py.errors import CameraDenied, CameraError, CameraGone, CameraInUse, CameraSilent
from indi_sony_py.ptp.codes import Operation
from indi_sony_py.sony.codes import HANDLE_IMAGE, Op
from indi_sony_py.sony.session import Session
from indi_sony_py.sony.snapshot import Version
from indi_sony_py.transport.base import Request
from indi_sony_py.transport.usb import CameraAddress, CameraKind, UsbTransport, find_cameras

CLOCK = SystemClock()
LIMIT_S = 40.0
BODIES = {1: os.environ.get("BODY1", ""), 2: os.environ.get("BODY2", "")}
SHARE = Path(os.environ.get("SHARE", "/nonexistent"))
CHECKS: dict[str, Callable[[], dict[str, Any]]] = {}
PARAMETERS = Path("/sys/module/usbcore/parameters")
HOLD = """
import sys, usb.core, usb.util
device = usb.core.find(idVendor=0x054C)
usb.util.claim_interface(device, 0)
print("held", flush=True)
sys.stdin.read()
"""


def check(run: Callable[[], dict[str, Any]]) -> Callable[[], dict[str, Any]]:
    CHECKS[run.__name__] = run
    return run


def within(seconds: float = LIMIT_S) -> Deadline:
    return Deadline.after(CLOCK, seconds)


_controls: dict[int, int] = {}


def tell(number: int, **command: Any) -> dict[str, Any]:
    """A command to a camera's control socket; a port can be opened by one program at a time, so it stays open."""
    if number not in _controls:
        _controls[number] = os.open(f"/dev/control{number}", os.O_RDWR)
    os.write(_controls[number], json.dumps(command).encode() + b"\n")
    answer = b""
    while not answer.endswith(b"\n"):
        answer += os.read(_controls[number], 65536)
    said: dict[str, Any] = json.loads(answer)
    assert said["ok"], said
    return said


def camera(number: int = 1) -> CameraAddress | None:
    """Where the camera is now, seen anew."""
    return next((c for c in find_cameras() if c.product_name == BODIES[number]), None)


def wait_for(wanted: Callable[[], Any], what: str) -> Any:
    until = time.monotonic() + LIMIT_S
    while not (found := wanted()):
        assert time.monotonic() < until, f"not within {LIMIT_S:g} s: {what}"
        time.sleep(0.05)
    return found


@contextmanager
def opened(number: int = 1) -> Iterator[tuple[UsbTransport, Session]]:
    place = wait_for(lambda: camera(number), f"camera {number}")
    transport = UsbTransport.open(place, CLOCK)
    try:
        yield transport, Session(transport)
    finally:
        transport.close()


def shake(session: Session) -> None:
    """A session in the newest version that the body speaks; one that is open is closed first."""
    try:
        session.open(within())
    except CameraError:
        session.close(within())
        session.open(within())
    session.connect_phase(1, within())
    session.connect_phase(2, within())
    while session.ext_device_info(Version.V300, within()) is None:
        pass
    session.connect_phase(3, within())
    assert session.settings(within()).descriptors


@contextmanager
def ready(number: int = 1) -> Iterator[tuple[UsbTransport, Session]]:
    with opened(number) as (transport, session):
        shake(session)
        yield transport, session
        session.close(within())


def moved(number: int, before: CameraAddress | None, why: str) -> CameraAddress:
    """Where the camera is after it has left its place, and came again."""

    def anew() -> CameraAddress | None:
        now = camera(number)
        return None if now is None or (before is not None and now.address == before.address) else now

    found: CameraAddress = wait_for(anew, f"camera {number} again, after {why}")
    return found


def kept(number: int) -> Path:
    """The file that the camera made last."""
    return sorted((SHARE / "kept" / f"camera{number}").iterdir())[-1]


def image_waits(session: Session) -> None:
    wait_for(lambda: (session.settings(within()).number(0xD215) or 0) & 0x8000, "an image")


@check
def seen() -> dict[str, Any]:
    """Both cameras, by class, with what their strings say; nothing is claimed by looking."""
    found = wait_for(lambda: len(find_cameras()) == 2 and find_cameras(), "two cameras")
    for one in found:
        assert one.kind is CameraKind.PTP and one.vendor == 0x054C and one.key.startswith("usb-") and one.ports
        assert len(one.serial) == 32
    return {"names": sorted(one.product_name for one in found), "keys": [one.key for one in found]}


@check
def modes() -> dict[str, Any]:
    """Each entry of the menu USB Connection, as it looks on the bus, and whether DeviceInfo lists control."""
    looks = {}
    for mode in ("mtp", "mass_storage", "other", "remote"):
        before = camera(2)
        tell(2, command="usb-mode", mode=mode)
        now = moved(2, before, mode)
        controls = None
        if now.kind is CameraKind.PTP:
            with opened(2) as (_, session):
                controls = Op.CONTROL in session.device_info(within()).operations
        looks[mode] = [now.kind.value, controls]
    return {"looks": looks}


@check
def many_looks() -> dict[str, Any]:
    """Looking for cameras again and again leaves nothing behind."""
    find_cameras()
    before = len(os.listdir("/proc/self/fd")), len(os.listdir("/proc/self/task"))
    for _ in range(20):
        find_cameras()
    assert (len(os.listdir("/proc/self/fd")), len(os.listdir("/proc/self/task"))) == before
    return {"open": before[0], "threads": before[1]}


@check
def faults_on_the_wire() -> dict[str, Any]:
    """What the endpoints do now and then; each time the settings come whole."""
    with ready() as (transport, session):
        whole = session.settings(within())
        for kind in ("zlp-before-data", "zlp-before-response", "header-alone", "stall", "stale-answer"):
            tell(1, command="fault", row={"kind": kind, "when": {"operation": 0x9209}})
            assert session.settings(within()).descriptors == whole.descriptors, kind
        tell(1, command="fault", row={"kind": "late-answer", "when": {"operation": 0x9209}, "seconds": 1.5})
        try:
            session.settings(within(0.5))
        except CameraSilent:
            silent = True
        assert silent and session.settings(within()).descriptors == whole.descriptors
        return {"late": transport.late}


@check
def events() -> dict[str, Any]:
    """What the body says by itself arrives on the interrupt endpoint."""
    with ready() as (transport, _):
        while transport.next_event(within(0.3)) is not None:
            pass
        tell(1, command="shutter", speed="1/30")
        event = transport.next_event(within())
        assert event is not None
        return {"event": f"0x{event.code:04X}"}


@check
def large_file() -> dict[str, Any]:
    """A file of more than 100 MB with 16 MB of usbfs's memory, the kernel's default, and again with 1 MB."""
    took = {}
    for limit in (16, 1):
        (PARAMETERS / "usbfs_memory_mb").write_text(str(limit))
        with ready() as (transport, session):
            tell(1, command="leave", count=1)
            image_waits(session)
            info = session.object_info(within())
            started = time.monotonic()
            reply = transport.transact(Request(Operation.GET_OBJECT, (HANDLE_IMAGE,)), within(120))
            took[str(limit)] = round(time.monotonic() - started, 2)
            assert info is not None and reply.data is not None and len(reply.data) == info.size > 100_000_000
            assert bytes(reply.data) == kept(1).read_bytes()
    (PARAMETERS / "usbfs_memory_mb").write_text("16")
    return {"seconds": took}


@check
def cut_short_and_taken_up() -> dict[str, Any]:
    """A download that deadlines cut short again and again goes on where it was: the kernel's cancels lose nothing."""
    with ready(2) as (transport, session):
        tell(2, command="leave", count=1)
        image_waits(session)
        assert session.object_info(within()) is not None
        cuts = 0
        while True:
            try:
                reply = transport.transact(Request(Operation.GET_OBJECT, (HANDLE_IMAGE,)), within(0.3))
                break
            except CameraSilent:
                cuts += 1
                assert cuts < 300
        assert reply.data is not None and bytes(reply.data) == kept(2).read_bytes()
    return {"cuts": cuts}


@check
def resets() -> dict[str, Any]:
    """The class's own reset first; one that did not help is followed by the port's. Both leave a usable camera."""
    with ready() as (transport, session):
        before = camera()
        for _ in range(2):
            transport.reset(within())
            session = Session(transport)
        shake(session)
        after = camera()
        assert before is not None and after is not None and (before.key, before.address) == (after.key, after.address)
    return {}


@check
def unplugged() -> dict[str, Any]:
    """The cable goes at one place of the traffic after the other: it is said at once, and the camera is found again."""
    told = {}
    rows: list[tuple[str, dict[str, Any]]] = [
        ("before an answer", {"when": {"operation": 0x9209}, "after_bytes": -1}),
        ("in a data set", {"when": {"operation": 0x9209}, "after_bytes": 2048}),
        ("in a file", {"when": {"operation": 0x1009}, "after_bytes": 3_000_000}),
        ("before a button", {"when": {"operation": 0x9207}, "after_bytes": -1}),
    ]
    for name, row in rows:
        with opened() as (transport, session):
            shake(session)
            place = camera()
            if "file" in name:
                tell(1, command="leave", count=1)
                image_waits(session)
            tell(1, command="fault", row={"kind": "unplug", "back_s": 1.0, **row})
            started = time.monotonic()
            try:
                if "file" in name:
                    session.object_info(within())
                    transport.transact(Request(Operation.GET_OBJECT, (HANDLE_IMAGE,)), within(120))
                elif "button" in name:
                    transport.transact(Request(Op.CONTROL, (0xD2C1,), b"\x01\x00"), within())
                else:
                    session.settings(within())
                raise AssertionError(f"{name}: nobody noticed")
            except CameraGone:
                told[name] = round(time.monotonic() - started, 2)
        assert place is not None and moved(1, place, name).key == place.key
    with ready() as (_, session):
        while (session.settings(within()).number(0xD215) or 0) & 0x8000:
            assert session.object_info(within()) is not None and session.image(within(120))
    return {"noticed_s": told}


@check
def unplugged_under_udevd() -> dict[str, Any]:
    """The same where udevd runs: libusb hears of devices from it, not from the kernel."""
    place = camera()
    tell(1, command="unplug", back_s=1.0)
    assert place is not None and moved(1, place, "unplugging").key == place.key
    with ready():
        return {}


@check
def suspended() -> dict[str, Any]:
    """A camera that the kernel has put to sleep for saving power wakes up when it is opened."""
    place = camera()
    assert place is not None
    power = Path("/sys/bus/usb/devices") / place.key.removeprefix("usb-") / "power"
    (power / "autosuspend_delay_ms").write_text("0")
    (power / "control").write_text("auto")
    try:
        wait_for(lambda: (power / "runtime_status").read_text().strip() == "suspended", "suspended")
        with ready():
            status = (power / "runtime_status").read_text().strip()
    finally:
        (power / "control").write_text("on")
    return {"while_open": status}


@check
def held() -> dict[str, Any]:
    """Another program has the interface, as gvfs would: it is named, and let alone."""
    with subprocess.Popen([sys.executable, "-c", HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None and other.stdin is not None and other.stdout.readline() == b"held\n"
        for place in find_cameras():
            try:
                UsbTransport.open(place, CLOCK).close()
            except CameraInUse as error:
                said = str(error)
        other.stdin.close()
        other.wait(LIMIT_S)
    assert f"(process {other.pid})" in said, said
    with ready(), ready(2):
        return {"said": said.replace(str(other.pid), "N")}


@check
def denied() -> dict[str, Any]:
    """Without the right to open the device: seen and named, and the text says what to do."""
    place = camera()
    assert place is not None and place.kind is CameraKind.PTP
    try:
        UsbTransport.open(place, CLOCK).close()
    except CameraDenied as error:
        return {"said": str(error), "advice": error.advice}
    raise AssertionError("it was let in")


@check
def allowed() -> dict[str, Any]:
    """An ordinary user with the right to open the device."""
    assert os.getuid() != 0
    with ready() as (_, session):
        return {"model": session.device_info(within()).model}


@check
def hold_both() -> dict[str, Any]:
    """Hold both cameras until standard input ends."""
    with opened(), opened(2):
        print("held", flush=True)
        sys.stdin.read()
    return {}


@check
def held_by_root() -> dict[str, Any]:
    """What an ordinary user is told of a holder that is not his."""
    place = camera()
    assert place is not None
    try:
        UsbTransport.open(place, CLOCK).close()
    except CameraInUse as error:
        return {"said": str(error)}
    raise AssertionError("it was let in")


def main(names: list[str]) -> int:
    failed = 0
    for name in names:
        started = time.monotonic()
        try:
            result = {"ok": True, **CHECKS[name]()}
        except Exception as error:
            result = {"ok": False, "error": repr(error), "trace": traceback.format_exc()[-1500:]}
            failed += 1
        result["took_s"] = round(time.monotonic() - started, 2)
        print("%%", json.dumps({"check": name, **result}), flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
