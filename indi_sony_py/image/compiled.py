"""The compiled part of the decoder, `_decode.c`, where the package has it (this module does I/O: loads a library).

Rules kept here:

- It gives LibRaw's values or none: what it does not know, or finds broken, is left to LibRaw, which judges.
- Nothing needs it. Where it is missing or cannot be loaded, LibRaw does all, slower.
- Lengths are checked here, before an address goes out of Python.
- It runs without the interpreter's lock.
"""

from __future__ import annotations

import ctypes
import logging
import sys
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from typing import Any

import numpy as np
import numpy.typing as npt

from indi_sony_py.errors import RuleBroken
from indi_sony_py.image.installed import DECODER
from indi_sony_py.image.picture import Values

__all__ = ["Compiled", "compiled"]

Octets = npt.NDArray[np.uint8]

_DONE = 0
_ZERO = {False: 0x0000, True: 0x0080}

_log = logging.getLogger(__name__)

_ADDRESS, _SIZE, _LONG, _INT = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_long, ctypes.c_int
_FUNCTIONS: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "plain": (_INT, (_ADDRESS, _LONG, _LONG, _LONG, _LONG, _INT, _ADDRESS, _LONG)),
    "lossy": (_INT, (_ADDRESS, _LONG, _LONG, _ADDRESS, _LONG, _LONG, _INT, _ADDRESS, _LONG)),
    "tiles": (_INT, (_ADDRESS, _ADDRESS, _ADDRESS, *[_LONG] * 7, _INT, _ADDRESS, _LONG)),
    "hole": (_LONG, (_ADDRESS, _LONG, _LONG, _LONG, ctypes.c_uint16)),
}


class Compiled:
    """Rows of each kind of data. `out` are rows of uint16 in the host's order, or with `fits` as a FITS has them.

    A method returns whether the values are there; where they are not, `out` may hold anything.
    """

    def __init__(self, library: ctypes.CDLL) -> None:
        for name, (result, arguments) in _FUNCTIONS.items():
            function = getattr(library, f"indi_sony_{name}")
            function.restype, function.argtypes = result, arguments
            setattr(self, f"_{name}", function)

    _plain: Any
    _lossy: Any
    _tiles: Any
    _hole: Any

    def plain(self, data: Octets, start: int, width: int, x: int, out: Values, fits: bool) -> bool:
        """Rows of `width` 16-bit values from byte `start` on; columns `x` and on of them."""
        rows, columns = out.shape
        _within(data, start, 2 * width * rows, x, columns, width)
        place = data.ctypes.data + start
        return bool(self._plain(place, width, rows, x, columns, fits, *_address(out)) == _DONE)

    def lossy(
        self, data: Octets, start: int, width: int, curve: tuple[int, ...], x: int, out: Values, fits: bool
    ) -> bool:
        """Lossy rows of `width` bytes from byte `start` on. `curve`: the four knots of tag 0x7010."""
        rows, columns = out.shape
        _within(data, start, width * rows, x, columns, width)
        knots = np.array([knot >> 2 & 0xFFF for knot in curve], np.uint16)
        if len(knots) != 4:
            return False
        place = data.ctypes.data + start
        return bool(self._lossy(place, width, rows, knots.ctypes.data, x, columns, fits, *_address(out)) == _DONE)

    def tiles(
        self,
        data: Octets,
        places: Sequence[tuple[int, int]],
        tile: tuple[int, int],
        corner: tuple[int, int],
        out: Values,
        fits: bool,
    ) -> bool:
        """A row of lossless tiles at `places` (offset, length), each of `tile` (width, height).

        `corner` (x, y): where `out` begins in it.
        """
        rows, columns = out.shape
        for offset, length in places:
            _within(data, offset, length, corner[0], columns, tile[0] * len(places))
        offsets, lengths = (np.array([place[part] for place in places], np.uint64) for part in (0, 1))
        status = self._tiles(
            data.ctypes.data, offsets.ctypes.data, lengths.ctypes.data, len(places), *tile, *corner, columns, rows,
            fits, *_address(out),
        )  # fmt: skip
        return bool(status == _DONE)

    def hole(self, values: Values, fits: bool) -> tuple[int, int] | None:
        """(row, column) of the first run of zeros between two columns that are multiples of 128; None without one."""
        rows, columns = values.shape
        if not values.size:
            return None
        address, stride = _address(values)
        found = int(self._hole(address, columns, rows, stride, _ZERO[fits]))
        return None if found < 0 else divmod(found, columns)


@cache
def compiled() -> Compiled | None:
    """The compiled part; None where there is none."""
    try:
        found = find_spec(DECODER)
        if found is not None and found.origin is not None and sys.byteorder == "little":
            return Compiled(ctypes.CDLL(found.origin))
    except (ImportError, ValueError):
        return None
    except (OSError, AttributeError) as fault:
        _log.warning("the compiled decoder is not used: %s", fault)
    return None


def _within(data: Octets, start: int, length: int, x: int, columns: int, width: int) -> None:
    if start < 0 or length < 0 or start + length > data.size or x < 0 or x + columns > width:
        raise RuleBroken(f"{length} bytes at {start} of {data.size}, columns {x} to {x + columns} of {width}")


def _address(rows: Values) -> tuple[int, int]:
    """Where `rows` begin, and the distance from one to the next, in values."""
    if rows.dtype != np.uint16 or rows.strides[1] != 2 or rows.strides[0] % 2:
        raise RuleBroken(f"rows of {rows.dtype} with strides {rows.strides}")
    return rows.ctypes.data, rows.strides[0] // 2
