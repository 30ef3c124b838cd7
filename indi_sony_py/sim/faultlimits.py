"""What a fault row may say beyond the types of its arguments: numbers that fit, words that exist. Pure."""

from __future__ import annotations

from indi_sony_py.sim.control import check
from indi_sony_py.sim.faults import Fault

__all__ = ["check_fault"]

_LEAST, _MOST = -(1 << 31), (1 << 32) - 1
_COUNTS = {
    "count": 100,
    "number": 10_000,
    "images": 1000,
    "product": 0xFFFF,
    "event": 0xFFFF,
    "value": _MOST,
    "cut": _MOST,
    "hole": _MOST,
    "offset": _MOST,
}
_WORDS = {"until": ("session", "reset", "power")}


def check_fault(fault: Fault) -> None:
    """ValueError, with what is allowed, for a row whose arguments cannot be carried out."""
    if fault.kind == "user":
        check(fault["command"], fault["args"])
    for name, value in fault.args.items():
        if isinstance(value, int) and not _LEAST <= value <= _MOST:
            raise ValueError(f"{fault.kind}: {name} {value} is no 32-bit number")
        if name in _WORDS and value not in _WORDS[name]:
            raise ValueError(f"{fault.kind}: {name} {value!r}: allowed are {', '.join(_WORDS[name])}")
        if name in _COUNTS and not 0 <= value <= _COUNTS[name]:
            raise ValueError(f"{fault.kind}: {name} is 0 to {_COUNTS[name]}")
