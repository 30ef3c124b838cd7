"""Interim"""
from __future__ import annotations

from dataclasses import replace
from importlib import resources

from indi_sony_py.ptp.codes import Operation
from indi_sony_py.ptp.data import DataType, DeviceInfo
from indi_sony_py.sim.profile import Behaviour, Listing, Profile
from indi_sony_py.sony.codes import Op
from indi_sony_py.sony.snapshot import Descriptor, ExtDeviceInfo, Form, Version, decode_settings
from indi_sony_py.sony.values import STANDARD_SHUTTERS_S, encode_shutter

__all__ = ["profile_of"]

_READY = {
    Version.V200: {0x500A: 1, 0x500E: 1, 0x5013: 1, 0x5004: 0x10, 0xD20D: 10 << 16 | 10, 0xD21E: 100},
    Version.V300: {0x500A: 1, 0x5013: 1, 0xD253: 1, 0xD288: 5, 0xD222: 1, 0xD15B: 1, 0xD20D: 10 << 16 | 10, 0xD21E: 100},
}
_OPS = (0x1001, 0x1002, 0x1003, 0x1004, 0x1007, 0x1008, 0x1009, 0x101B, 0x9201, 0x9202, 0x9205, 0x9207, 0x9209)


def _hex(name: str) -> bytes:
    return bytes.fromhex(resources.files("indi_sony_py.sim").joinpath("interim", name).read_text().strip())


def profile_of(model: str, as_dumped: bool = False) -> Profile:
    if model == "ILCE-7SM3":
        version = Version.V300
        info = ExtDeviceInfo.decode(_hex("ILCE-7SM3_9202.hex"))
        assert info is not None
        descriptors = decode_settings(_hex("ILCE-7SM3_9209.hex"), version).descriptors
        isos = tuple(sorted((v for d in descriptors if d.code == 0xD21E for v in d.choices), key=lambda v: v & 0xFFFFFF))
        extra, behaviour, pid = (0x9216,), Behaviour(deaf_s=3.0, storage="empty", handles_answer=True), 0x0CB1
        raws: tuple[str, ...] = ("uncompressed", "lossy")
    elif model == "ILCE-6000":
        version = Version.V200
        descriptors = decode_settings(_hex("ILCE-6000_raw_9209.hex"), version).descriptors
        codes = tuple(d.code for d in descriptors)
        info = ExtDeviceInfo(version, tuple(c for c in codes if c < 0xD2C0), tuple(c for c in codes if c >= 0xD2C0))
        isos = (0xFFFFFF, 100, 125, 160, 200, 250, 320, 400, 500, 640, 800, 1000, 1250, 1600, 2000, 2500, 3200, 4000,
                5000, 6400, 8000, 10000, 12800, 16000, 20000, 25600)
        extra, behaviour, pid, raws = (), Behaviour(deaf_s=0.0), 0x094E, ("lossy",)
    else:
        raise ValueError(f"unknown body {model!r}: allowed are ILCE-7SM3, ILCE-6000")
    if not as_dumped:
        ready = _READY[version]
        fixed = []
        for d in descriptors:
            if d.code in ready:
                d = replace(d, current=ready[d.code], enabled=1 if version is Version.V300 else d.enabled)
            fixed.append(d)
        descriptors = tuple(fixed)
    shutters = (0, *(encode_shutter(s) for s in STANDARD_SHUTTERS_S if model != "ILCE-6000" or s >= 1 / 4000))
    device = DeviceInfo(operations=(*_OPS, *extra), events=(0xC201, 0xC202, 0xC203), model=model, device_version="3.00",
                        serial="0" * 32)
    assert Operation.GET_OBJECT and Op.CONNECT and Descriptor and Form and DataType
    return Profile(model, device, {version: Listing(info, descriptors)}, shutters, isos, behaviour, {"remote": pid}, raws)
