"""Which camera belongs to which device, and what to tell a user who has none. Pure.

- The first device takes the camera with the serial number that it is bound to, else the first camera that no other
  device has. Each further camera is a device of its own, named by its model and the end of its serial number.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from indi_sony_py.driver.choices import FAMILY
from indi_sony_py.driver.events import Camera, CameraKind
from indi_sony_py.driver.view import same_serial, shown_serial
from indi_sony_py.errors import WrongUsbMode
from indi_sony_py.indi.text import clean, cut

__all__ = ["device_name", "nothing_found", "pick"]

_TAIL = 4


def device_name(camera: Camera, taken: Collection[str] = ()) -> str:
    """The name of a further camera's device. Two that would be called the same are told apart by their places."""
    parts = [FAMILY, camera.model.strip() or "camera", camera.serial.strip()[-_TAIL:]]
    name = cut(clean(" ".join(part for part in parts if part)))
    return name if name not in taken else cut(f"{name} {camera.key}")


def pick(cameras: Sequence[Camera], serial: str, taken: Collection[str]) -> Camera | str:
    """The camera for a device that is bound to `serial` ("": to none), or the text that says why there is none.

    `taken` are the keys of cameras that other devices hold.
    """
    usable = [c for c in cameras if c.kind is CameraKind.PTP]
    if serial.strip():
        found = [c for c in usable if same_serial(c.serial, serial)]
        if found:
            return found[0]
        there = ", ".join(shown_serial(c.serial) or "one without a number" for c in usable)
        return (
            f"The camera with the serial number {serial.strip()} was not found"
            + (f"; there is {there}" if there else "")
            + ". Switch it on, or empty the field Camera under Options."
        )
    free = [c for c in usable if c.key not in taken]
    if free:
        return free[0]
    if usable:
        return f"Each camera that was found has a device of its own already ({len(usable)} found)."
    return nothing_found(cameras)


def nothing_found(cameras: Sequence[Camera]) -> str:
    """What to do when no camera can be used."""
    storage = [c for c in cameras if c.kind is CameraKind.MASS_STORAGE]
    if storage:
        name = storage[0].model.strip() or "Sony camera"
        return f"The {name} shows itself as a disk (mass storage). {WrongUsbMode.advice}"
    if cameras:
        name = cameras[0].model.strip() or "Sony device"
        return f"A {name} was found, but it offers no remote control. {WrongUsbMode.advice}"
    return (
        "No Sony camera was found. Switch it on, check the cable, and choose in its menu USB Connection: PC Remote "
        "(newer bodies: USB Connection Mode: Remote Shooting)."
    )
