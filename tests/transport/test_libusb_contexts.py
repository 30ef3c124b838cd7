"""A libusb context ends its devices and handles before itself, in whatever order the interpreter lets go of them."""

from __future__ import annotations

import ctypes
import gc
import itertools
from typing import Any

import pytest
import usb.backend.libusb1
import usb.core
import usb.util

from indi_sony_py.transport.libusb import _Context, new_context


class Library:
    """Stands in for libusb's shared library: one device, every call that matters is written down."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self._list = (ctypes.c_void_p * 1)(0x1000)

    def libusb_init(self, context: Any) -> int:
        self.calls.append("init")
        return 0

    def libusb_exit(self, context: Any) -> None:
        self.calls.append("exit")

    def libusb_get_device_list(self, context: Any, into: Any) -> int:
        into._obj.contents = self._list
        return 1

    def libusb_free_device_list(self, devices: Any, unref: int) -> None:
        self.calls.append("list freed")

    def libusb_ref_device(self, device: int) -> int:
        self.calls.append("ref")
        return device

    def libusb_unref_device(self, device: int) -> None:
        self.calls.append("unref")

    def libusb_open(self, device: int, into: Any) -> int:
        self.calls.append("open")
        return 0

    def libusb_close(self, handle: Any) -> None:
        self.calls.append("close")


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Library:
    made = Library()
    monkeypatch.setattr(usb.backend.libusb1, "_lib", made)
    return made


def context(library: Library) -> Any:
    made = _Context(library)
    made.ctx = ctypes.c_void_p(0x2000)
    return made


@pytest.mark.parametrize("order", list(itertools.permutations(("context", "device", "handle"))), ids="-".join)
def test_the_context_ends_last(library: Library, order: tuple[str, ...]) -> None:
    held: dict[str, Any] = {"context": context(library)}
    (held["device"],) = held["context"].enumerate_devices()
    held["handle"] = held["context"].open_device(held["device"])
    for name in order:
        del held[name]
    gc.collect()
    assert library.calls == ["init", "ref", "list freed", "open", "close", "unref", "exit"]


def test_one_that_was_closed_in_time_is_closed_once(library: Library) -> None:
    held = context(library)
    (device,) = held.enumerate_devices()
    handle = held.open_device(device)
    held.close_device(handle)
    held.close_device(handle)
    del held, device, handle
    gc.collect()
    assert library.calls.count("close") == library.calls.count("exit") == 1


def test_without_libusb_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("usb.backend.libusb1.get_backend", lambda: None)
    assert new_context() is None
