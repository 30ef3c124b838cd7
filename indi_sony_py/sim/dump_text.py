"""Writes a property dump in the form of `sim.dump_files`, byte for byte what a camera said. Pure."""

from __future__ import annotations

import json
from typing import Any

from indi_sony_py.ptp.data import DeviceInfo, Value
from indi_sony_py.sony.snapshot import Descriptor, ExtDeviceInfo, Form, Settings

__all__ = ["dump_text"]


def dump_text(name: str, info: DeviceInfo, ext: ExtDeviceInfo, settings: Settings, notes: tuple[str, ...] = ()) -> str:
    """The lines of a dump. `dump_files.read` gives the same DeviceInfo, answer to 0x9202 and settings back."""
    listed = {d.code for d in settings.descriptors}
    head = {
        "dump": 1,
        "name": name,
        "model": info.model,
        "firmware": info.device_version,
        "usb_mode": "pc_remote",
        "session": settings.version.label,
        "access": "bytes",
        "partial": False,
        "source": {"kind": "indi-sony report"},
        "notes": list(notes),
        "identity": {
            "manufacturer": info.manufacturer,
            "model": info.model,
            "version": info.device_version,
            "serial": info.serial,
            "extension": f"0x{info.vendor_extension_id:08X}",
            "extension_version": str(info.vendor_extension_version),
            "extension_name": info.vendor_extension_desc,
            "operations": _codes(info.operations),
            "events": _codes(info.events),
            "properties": _codes(info.properties),
        },
        "ext": {
            "version": int(ext.version),
            "properties": _codes(ext.properties),
            "controls": _codes(ext.controls),
        },
        "silent": _codes(tuple(c for c in (*ext.properties, *ext.controls) if c not in listed)),
    }
    return "".join(json.dumps(row) + "\n" for row in (head, *map(_row, settings.descriptors)))


def _codes(codes: tuple[int, ...]) -> list[str]:
    return [f"{code:04X}" for code in codes]


def _row(d: Descriptor) -> dict[str, Any]:
    row: dict[str, Any] = {
        "code": f"{d.code:04X}",
        "type": d.type.name,
        "get_set": d.get_set,
        "enabled": d.enabled,
        "default": _plain(d.default),
        "value": _plain(d.current),
    }
    if d.form is Form.RANGE:
        row["range"] = [_plain(v) for v in d.values]
    elif d.form is Form.ENUM:
        row["values"] = [_plain(v) for v in d.values]
        if d.reportable is not None:
            row["reportable"] = [_plain(v) for v in d.reportable]
    return row


def _plain(value: Value) -> int | str | list[int]:
    return list(value) if isinstance(value, tuple) else value
