"""Checks of the way to the camera: whether it is there, in which USB mode, who may open it, who holds it. Does I/O."""

from __future__ import annotations

import os

from indi_sony_py.cli.cameras import look, meant
from indi_sony_py.cli.checks.check import Case, Finding, bad, failed, good, passed_over, worse
from indi_sony_py.cli.holding import who_holds
from indi_sony_py.cli.output import Mark
from indi_sony_py.cli.status import NoCamera
from indi_sony_py.driver.choose import in_another_mode
from indi_sony_py.driver.events import Camera
from indi_sony_py.errors import SonyError
from indi_sony_py.texts import cable, doctor, tool
from indi_sony_py.transport.holder import node_of

__all__ = ["free", "mode", "power", "rights", "search", "speed", "there"]

_SLOW_MBIT = 12
_DEVICES = "/sys/bus/usb/devices"


def search(case: Case) -> Finding:
    """Whether cameras can be looked for at all."""
    try:
        case.cameras = look(case.bus)
    except SonyError as error:
        return failed(error)
    return good(doctor.DEVICES(count=len(case.cameras)))


def there(case: Case) -> Finding:
    """Whether there is a Sony device, or the one that is meant; in which mode is another question.

    Of several the first is looked at, and the others are named: nothing is changed at any.
    """
    try:
        case.camera = meant(case.cameras, case.wanted, any_mode=True)[0]
    except NoCamera as error:
        return failed(error)
    chosen = _told(case.camera)
    others = ", ".join(_told(camera) for camera in case.cameras if camera is not case.camera)
    return good(doctor.CHOSEN(chosen=chosen, others=others) if others else chosen)


def _told(camera: Camera) -> str:
    return tool.CAMERA_AT(model=camera.model or tool.SOME_CAMERA(), place=camera.key)


def mode(case: Case) -> Finding:
    assert case.camera is not None
    text = in_another_mode(case.camera)
    return Finding(Mark.FAIL, text) if text else good(case.camera.kind.value)


def rights(case: Case) -> Finding:
    place = _on_usb(case)
    if place is None:
        return passed_over(doctor.NOT_ON_USB)
    node = node_of(place[0], place[1])
    path = case.machine.at(node)
    if not path.exists():
        return passed_over(doctor.NOT_TOLD)
    if os.access(path, os.R_OK | os.W_OK):
        return good(node)
    return bad(cable.DENIED, detail=node)


def speed(case: Case) -> Finding:
    said = _attribute(case, "speed")
    if said is None:
        return passed_over(doctor.NOT_ON_USB)
    try:
        mbit = float(said)
    except ValueError:
        return passed_over(doctor.NOT_TOLD)
    return worse(doctor.SLOW_LINK, mbit=mbit) if mbit <= _SLOW_MBIT else good(doctor.MBIT(mbit=mbit))


def power(case: Case) -> Finding:
    """A host that puts idle devices to sleep (autosuspend): bodies that are woken have been seen to restart."""
    said = _attribute(case, "power/control")
    if said is None:
        return passed_over(doctor.NOT_ON_USB)
    return worse(doctor.AUTOSUSPEND) if said == "auto" else good(said)


def free(case: Case) -> Finding:
    assert case.camera is not None
    who = who_holds(case.camera, case.machine.at("/proc"))
    return bad(tool.HELD, key=case.camera.key, who=who) if who else good()


def _on_usb(case: Case) -> tuple[int, int] | None:
    """Bus and address of the camera; None for one that is not on a real bus."""
    assert case.camera is not None
    parts = case.camera.key.split("-")
    if len(parts) < 3 or parts[0] != "usb" or not parts[1].isdecimal():
        return None
    return int(parts[1]), case.camera.address


def _attribute(case: Case, name: str) -> str | None:
    """What /sys tells of the camera; None for one that is not on a real bus."""
    if _on_usb(case) is None:
        return None
    assert case.camera is not None
    return case.machine.read(f"{_DEVICES}/{case.camera.key.removeprefix('usb-')}/{name}")
