"""What a device shows itself as, and the menus that change it: each family of bodies that can be controlled has one."""

from __future__ import annotations

import pytest

from indi_sony_py.sony.bodies import Control, all_bodies
from indi_sony_py.sony.usbmodes import MENUS, UsbShow, menu_of, name_of, shown_as
from indi_sony_py.transport.find import CameraKind

LONGEST = 110
"""A path with the sentence around it fits into one message of INDI (255 characters)."""


def test_each_body_with_remote_control_has_the_menu_of_one_generation() -> None:
    for body in all_bodies():
        if body.control is Control.REMOTE:
            assert len([menu for menu in MENUS if body.family in menu.families]) == 1, body.model
    assert all(menu.src and menu.path.startswith("MENU > ") and len(menu.path) <= LONGEST for menu in MENUS)


@pytest.mark.parametrize(
    ("model", "words"),
    [("ILCE-7M2", "USB Connection: PC Remote"), ("ILCE-7M3", "USB Connection: PC Remote"),
     ("ZV-E10", "PC Remote Function: On, over USB (or"), ("ILCE-7M4", "USB Connection Mode: Remote Shooting"),
     ("ILCE-99", "newer bodies"), ("", "newer bodies")],
)  # fmt: skip
def test_the_menu_of_a_body(model: str, words: str) -> None:
    assert words in menu_of(model) and len(menu_of(model)) <= LONGEST


@pytest.mark.parametrize(
    ("kind", "product", "model", "shows"),
    [
        ("ptp", 0x094E, "ILCE-6000", UsbShow.STILL_IMAGE),
        ("ptp", 0x0FFF, "ILCE-99", UsbShow.STILL_IMAGE),
        ("ptp", 0x0994, "ILCE-6000", UsbShow.CHARGING),
        ("other", 0x0994, "", UsbShow.CHARGING),
        ("mass storage", 0x07C3, "ILCE-6000", UsbShow.MASS_STORAGE),
        ("mass storage", 0, "NEX-3N", UsbShow.NO_REMOTE),
        ("streaming", 0, "ZV-1", UsbShow.STREAMING),
        ("other", 0x0C01, "", UsbShow.UNKNOWN),
        ("headphones", 0, "WH-1000XM4", UsbShow.UNKNOWN),
    ],
)
def test_what_a_device_shows_itself_as(kind: str, product: int, model: str, shows: UsbShow) -> None:
    assert shown_as(kind, product, model) is shows


def test_the_kinds_of_the_transport_are_known_here() -> None:
    """Those of USB; a network has its own."""
    usb = {kind.value for kind in CameraKind} & {show.value for show in UsbShow}
    assert usb == {"ptp", "mass storage", "streaming", "other"}


@pytest.mark.parametrize(
    ("model", "product", "name"),
    [("ILCE-7M3", 0, "ILCE-7M3"), ("", 0x094E, "ILCE-6000"), ("", 0x0994, "Sony camera"), (" ", 0xFFFF, "Sony camera")],
)
def test_a_device_is_called_by_its_own_word_or_its_id(model: str, product: int, name: str) -> None:
    assert name_of(model, product) == name
