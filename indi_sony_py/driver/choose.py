"""Which camera belongs to which device, and what to tell a user who has none. Pure.

- The first device takes the camera with the serial number that it is bound to, else the first camera that no other
  device has. Each further camera is a device of its own, named by its model and the end of its serial number.
- A camera in another USB mode is named with its mode, and with the menu that changes it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from indi_sony_py import texts
from indi_sony_py.driver.choices import FAMILY
from indi_sony_py.driver.events import Camera, CameraKind
from indi_sony_py.driver.view import same_serial, shown_serial
from indi_sony_py.indi.text import NAME_BYTES, clean, cut

__all__ = ["back_again", "device_name", "in_another_mode", "nothing_found", "pick", "usable", "usb_name"]

_TAIL = 4
_PLACE_BYTES = 40
_CHARGING_IDS = frozenset({0x0994})
"""As in `sony.usbmodes`, whose tables a look at an ordinary bus need not load."""


def device_name(camera: Camera, taken: Collection[str] = ()) -> str:
    """The name of a further camera's device. Two that would be called the same are told apart by their places."""
    parts = [FAMILY, camera.model.strip() or "camera", camera.serial.strip()[-_TAIL:]]
    name = cut(clean(" ".join(part for part in parts if part)))
    if name not in taken:
        return name
    # What is too long loses its beginning: the places differ at their ends.
    tail = f" {clean(camera.key)}".encode()[-_PLACE_BYTES:].decode(errors="ignore")
    return cut(name, NAME_BYTES - len(tail.encode())) + tail


def usable(cameras: Sequence[Camera]) -> list[Camera]:
    """Those that may be controlled, as far as USB tells: whether it is PC Remote or MTP, only the camera says."""
    return [c for c in cameras if c.kind is CameraKind.PTP and c.product not in _CHARGING_IDS]


def usb_name(camera: Camera) -> str:
    """What a camera is called on USB; "" in a mode in which it may be called something else."""
    return camera.model if usable((camera,)) else ""


def pick(cameras: Sequence[Camera], serial: str, taken: Collection[str]) -> Camera | str:
    """The camera for a device that is bound to `serial` ("": to none), or the text that says why there is none.

    `taken` are the keys of cameras that other devices hold.
    """
    there = usable(cameras)
    if serial.strip():
        found = [c for c in there if same_serial(c.serial, serial)]
        if found:
            return found[0]
        other = [c for c in cameras if same_serial(c.serial, serial)]
        if other:
            return in_another_mode(other[0])
        names = ", ".join(shown_serial(c.serial) or texts.cable.NO_NUMBER() for c in there)
        if names:
            return texts.cable.OTHER_SERIALS(serial=serial.strip(), names=names)
        return texts.cable.SERIAL_NOT_FOUND(serial=serial.strip())
    free = [c for c in there if c.key not in taken]
    if free:
        return free[0]
    if there:
        return texts.cable.ALL_TAKEN(count=len(there))
    return nothing_found(cameras)


def back_again(
    cameras: Sequence[Camera], serial: str, key: str, accepts: Callable[[str, str], bool]
) -> Camera | str | None:
    """The camera that was lost, by its serial number or at its place, or the text that says what mode it is in now.

    `accepts` tells whether a camera with a serial number and a name on USB may be this one. None: it is not there.
    """
    mine = [c for c in cameras if same_serial(c.serial, serial)]
    here = [c for c in cameras if c.key == key and accepts(c.serial, usb_name(c))]
    back = next((c for c in (*mine, *here) if not in_another_mode(c)), None)
    if back is None and (mine or here):
        return in_another_mode((*mine, *here)[0])
    return back


def nothing_found(cameras: Sequence[Camera]) -> str:
    """What to do when no camera can be used. Of several devices that are no cameras the likeliest is named."""
    order = list(CameraKind)
    likeliest = sorted(cameras, key=lambda c: order.index(c.kind))
    return in_another_mode(likeliest[0]) if likeliest else texts.cable.NOTHING_FOUND()


def in_another_mode(camera: Camera) -> str:
    """What a device shows itself as, and what to do at its menu; "" for one that may be controlled.

    The tables of bodies are read here and not before: they take longer than the first answer to a client may.
    """
    if usable((camera,)):
        return ""
    if camera.kind is CameraKind.LOCKED:
        place = camera.key.removeprefix("ip-")
        return texts.network.AUTHENTICATION(model=camera.model or "camera", place=place)
    from indi_sony_py.sony.usbmodes import UsbShow, menu_of, name_of, shown_as

    name, menu = name_of(camera.model, camera.product), menu_of(camera.model)
    return {
        UsbShow.MASS_STORAGE: texts.cable.IS_A_DISK(name=name, menu=menu),
        UsbShow.STREAMING: texts.cable.IS_A_WEBCAM(name=name, menu=menu),
        UsbShow.CHARGING: texts.cable.ONLY_CHARGES(name=name, menu=menu),
        UsbShow.NO_REMOTE: texts.cable.CANNOT_REMOTE(name=name),
        UsbShow.UNKNOWN: texts.cable.OFFERS_NONE(name=name, menu=menu),
        UsbShow.STILL_IMAGE: "",
    }[shown_as(camera.kind.value, camera.product, camera.model)]
