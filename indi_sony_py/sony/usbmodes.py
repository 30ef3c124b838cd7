"""What a Sony device shows itself as on USB, and where its menu changes that. Pure; the menus are a table.

- The product id follows the menu item "USB Connection", and so do the interfaces. Charging is told by its id alone
  (054c:0994, named by usb.ids for an ILCE-6000; gphoto2#643).
- A still-image interface may be PC Remote or MTP: only the camera's own DeviceInfo tells (gphoto2#507).
- Menus: by family, since each generation has one layout. Sources stand with the rows; a body without a row is told all
  of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from indi_sony_py.sony.bodies import Body, Control, body, by_usb_id

__all__ = ["MENUS", "Menu", "UsbShow", "menu_of", "name_of", "shown_as"]

_SONY = 0x054C
_CHARGING = frozenset({0x0994})


class UsbShow(Enum):
    """What a device shows itself as. The values are those of `transport.find`, where it knows them."""

    STILL_IMAGE = "ptp"
    MASS_STORAGE = "mass storage"
    STREAMING = "streaming"
    CHARGING = "charging"
    NO_REMOTE = "no remote"
    UNKNOWN = "other"


@dataclass(frozen=True, slots=True)
class Menu:
    """The way to remote control in the menus of some families of bodies. `src` as in the table of bodies."""

    families: tuple[str, ...]
    path: str
    src: str


MENUS = (
    Menu(
        ("early", "classic", "2018"),
        "MENU > Setup (toolbox) > USB Connection: PC Remote",
        "gphoto2#266 (A7 II, RX100 V), gphoto2#153 (A7 III), gphoto2#268 (A7R III)",
    ),
    Menu(
        ("2019",),
        "MENU > Network > PC Remote Function: On, over USB (or Setup > USB Connection: PC Remote)",
        "general; programs that drive a ZV-E10 name the same two entries",
    ),
    Menu(
        ("gen3",),
        "MENU > Network > PC Remote Function: On, over USB; Setup > USB > USB Connection Mode: Remote Shooting",
        "general; programs that drive newer bodies name the same entries",
    ),
)
_ANY = "MENU > Setup > USB Connection: PC Remote (newer bodies: MENU > Network > PC Remote Function: On)"


def menu_of(model: str) -> str:
    """The menu path to remote control for a model as USB or DeviceInfo spells it; all of them for an unknown one."""
    row = body(model)
    return next((menu.path for menu in MENUS if row.known and row.family in menu.families), _ANY)


def name_of(model: str, product: int = 0) -> str:
    """How to call a device: what it says of itself, else the body that its USB id names, else a word."""
    if model.strip():
        return model.strip()
    bodies = () if product in _CHARGING else _bodies(product)
    return bodies[0].model if len(bodies) == 1 else "Sony camera"


def shown_as(kind: str, product: int, model: str = "") -> UsbShow:
    """What a device is to the driver. `kind`: what its interfaces promise (`transport.find`); `product`: its USB id."""
    if product in _CHARGING:
        return UsbShow.CHARGING
    rows = (body(model),) if body(model).known else _bodies(product)
    shown = next((show for show in UsbShow if show.value == kind), UsbShow.UNKNOWN)
    if shown is not UsbShow.STILL_IMAGE and rows and all(row.control is Control.NONE for row in rows):
        return UsbShow.NO_REMOTE
    return shown


def _bodies(product: int) -> tuple[Body, ...]:
    match = by_usb_id(_SONY, product)
    return () if match is None else match.bodies
