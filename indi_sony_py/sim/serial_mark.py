"""The serial number of a press, written into the pixels: a program can read which press a frame belongs to. Pure.

Serial in the pixels
--------------------
Place: columns 64 to 319 and rows 48 to 111 of the stored buffer (x from the left, y from the top, both from 0), on
every body, every RAW type and every area: no crop of any body begins behind column 32 or row 20. A frame too small
for that (below 352 x 128) has no mark.

Form: 8 x 8 cells of 32 columns x 8 rows. A cell is one bit: all its pixels, whatever their colour, have the value
black + 64 for 0 and black + 1024 for 1, exactly (no noise, no stars). Each cell lies on whole blocks of the lossy code,
so even that one keeps the values, to the unit for the black levels 512 and 800.

Bits, most significant first, by rows of cells from the top:

    row 0       1011 0010                    start
    rows 1-4    32 bits                      the serial number, unsigned
    rows 5-6    16 bits                      CRC-16 of the 4 bytes (polynomial 0x1021, start 0xFFFF, high bit first)
    row 7       0100 1101                    end, the start turned over

Reading: take the middle of each cell, the threshold half-way between the darkest and the brightest; if start, end and
CRC do not fit, there is no mark at that place. In a cropped frame the mark lies left and up by the crop's origin.
"""

from __future__ import annotations

import binascii

import numpy as np
import numpy.typing as npt

__all__ = ["MARK", "read_serial", "write_serial"]

_CELL_COLUMNS = 32
_CELL_ROWS = 8
_CELLS = 8
_START = 0b10110010
_END = _START ^ 0xFF
_LOW = 64
_HIGH = 1024

# x, y, width, height of the mark in the stored buffer.
MARK = (64, 48, _CELLS * _CELL_COLUMNS, _CELLS * _CELL_ROWS)

# No crop begins further in than this, columns and rows.
_FURTHEST = (64, 40)
_STEP = (4, 2)


def write_serial(cfa: npt.NDArray[np.uint16], serial: int, black: int) -> bool:
    """Write `serial` (0 to 2^32 - 1) into a stored buffer (height, width); False where the frame is too small."""
    x, y, width, height = MARK
    if cfa.shape[0] < y + height + 16 or cfa.shape[1] < x + width + 32:
        return False
    number = serial.to_bytes(4, "big")
    crc = binascii.crc_hqx(number, 0xFFFF).to_bytes(2, "big")
    rows = np.frombuffer(bytes([_START]) + number + crc + bytes([_END]), np.uint8)
    bits = np.unpackbits(rows).reshape(_CELLS, _CELLS)
    levels = np.where(bits, black + _HIGH, black + _LOW).astype(np.uint16)
    cfa[y : y + height, x : x + width] = np.kron(levels, np.ones((_CELL_ROWS, _CELL_COLUMNS), np.uint16))
    return True


def read_serial(cfa: npt.NDArray[np.uint16]) -> int | None:
    """The serial number in a frame (height, width), whole or cropped by a body's areas; None where there is none."""
    x, y, _, _ = MARK
    for left in range(x, x - _FURTHEST[0] - 1, -_STEP[0]):
        for top in range(y, y - _FURTHEST[1] - 1, -_STEP[1]):
            serial = _read_at(cfa, left, top)
            if serial is not None:
                return serial
    return None


def _read_at(cfa: npt.NDArray[np.uint16], left: int, top: int) -> int | None:
    middle = cfa[
        top + _CELL_ROWS // 2 : top + _CELLS * _CELL_ROWS : _CELL_ROWS,
        left + _CELL_COLUMNS // 2 : left + _CELLS * _CELL_COLUMNS : _CELL_COLUMNS,
    ]
    if middle.shape != (_CELLS, _CELLS):
        return None
    low, high = int(middle.min()), int(middle.max())
    if high - low < (_HIGH - _LOW) // 2:
        return None
    rows = np.packbits(middle > (low + high) // 2, axis=1).tobytes()
    if rows[0] != _START or rows[7] != _END or binascii.crc_hqx(rows[1:5], 0xFFFF).to_bytes(2, "big") != rows[5:7]:
        return None
    return int.from_bytes(rows[1:5], "big")
