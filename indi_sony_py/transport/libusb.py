"""libusb contexts that end in order (does I/O: libusb, through pyusb).

- A context of its own for each look: where no udevd runs (containers, small systems), an old one never learns what is
  plugged in after its making.
- A device or an opened handle that outlives its context is used after it was freed, and the process dies (seen on Linux
  6.1 with libusb 1.0.26). pyusb leaves their order to the interpreter; here the context owns them, and ends them first.
"""

from __future__ import annotations

from typing import Any

import usb.backend.libusb1

__all__ = ["new_context"]


class _Context(usb.backend.libusb1._LibUSB):  # type: ignore[misc]
    """pyusb's libusb backend, with a context that ends its devices and handles before itself."""

    def __init__(self, lib: Any) -> None:
        self._devices: list[Any] = []
        self._opened: list[Any] = []
        super().__init__(lib)

    def enumerate_devices(self) -> list[Any]:
        found = list(super().enumerate_devices())
        self._devices += found
        return found

    def open_device(self, dev: Any) -> Any:
        handle = super().open_device(dev)
        self._opened.append(handle)
        return handle

    def close_device(self, dev_handle: Any) -> None:
        # Closed already when the interpreter ends the context before the device.
        if dev_handle in self._opened:
            self._opened.remove(dev_handle)
            super().close_device(dev_handle)

    def _finalize_object(self) -> None:
        for handle in list(self._opened):
            self.close_device(handle)
        for device in self._devices:
            device.finalize()
        super()._finalize_object()


def new_context() -> Any:
    """A pyusb backend with a context of its own; None without libusb. USBError when it does not start."""
    loaded = usb.backend.libusb1.get_backend()
    return None if loaded is None else _Context(loaded.lib)
