"""Settings made for a test: those of a simulated body, with values of one's own in them."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

from indi_sony_py.ptp.data import DataType
from indi_sony_py.sim.profile import profile_of
from indi_sony_py.sony.snapshot import Descriptor, Form, Settings, Version

__all__ = ["altered", "listed", "one_of", "ranged", "settings_of", "without"]


@cache
def settings_of(model: str, version: Version) -> Settings:
    """What a body in the ready state lists in a version of the protocol."""
    return Settings(profile_of(model).listings[version].descriptors, version, version.lists)


def altered(settings: Settings, code: int, **changes: Any) -> Settings:
    """`code` with other fields; it must be listed."""
    assert code in settings, f"0x{code:04X}"
    found = tuple(replace(d, **changes) if d.code == code else d for d in settings)
    return Settings(found, settings.version, settings.lists)


def without(settings: Settings, *codes: int) -> Settings:
    return Settings(tuple(d for d in settings if d.code not in codes), settings.version, settings.lists)


def listed(version: Version, *descriptors: Descriptor) -> Settings:
    """These descriptors and no other."""
    return Settings(descriptors, version, version.lists)


def one_of(code: int, current: int, *values: int, kind: DataType = DataType.UINT32, **more: Any) -> Descriptor:
    """An enumeration that can be set; with no `values` it lists nothing."""
    return Descriptor(code, kind, **{"current": current, "form": Form.ENUM, "values": values, **more})


def ranged(code: int, current: int, low: int, high: int, kind: DataType = DataType.UINT32, **more: Any) -> Descriptor:
    return Descriptor(code, kind, **{"current": current, "form": Form.RANGE, "values": (low, high, 1), **more})
