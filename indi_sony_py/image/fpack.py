"""A FITS packed as `fpack` does it: a tile for each row, RICE_1, no value lost (does I/O: a library, two files).

Rules kept here:

- The code is cfitsio's own, by its one function `fits_rcomp_short`: wherever an INDI server runs, its library is there.
  It works without the interpreter's lock, so rows are packed on all cores.
- All cards stay, in their order; unpacking gives the plain file back.
- Rows are packed as they are read: nothing is in memory twice but some rows for each core.

Sources: FITS Standard 4.0, section 10 (tiled images); what Debian's fpack 4.2.0 writes, observed; cfitsio `fitsio2.h`.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from functools import cache, partial

from indi_sony_py.errors import RuleBroken
from indi_sony_py.image.cores import in_order
from indi_sony_py.image.fits import BLOCK, CARD, card, header_bytes

__all__ = ["NoCodec", "pack"]

_LIBRARIES = ("libcfitsio.so.10", "libcfitsio.so.9", "libcfitsio.so.11", "libcfitsio.so")
_PIXELS = 32
_CHUNK_ROWS = 32
_DESCRIPTOR = 8

_REPLACED = (b"SIMPLE", b"BITPIX", b"NAXIS", b"NAXIS1", b"NAXIS2", b"EXTEND", b"END")

_Code = Callable[[int, int, int, int, int], int]


class NoCodec(Exception):
    """There is no cfitsio on this machine that has the code."""


@cache
def _code() -> _Code:
    for name in _LIBRARIES:
        try:
            found = ctypes.CDLL(name).fits_rcomp_short
        except (OSError, AttributeError):
            continue
        found.argtypes = (ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_int)
        found.restype = ctypes.c_int
        code: _Code = found
        return code
    raise NoCodec


def pack(plain: int, fd: int) -> int:
    """Write the file `plain`, a FITS with one image of 16 bits, packed into the empty file `fd`. Gives its length.

    Raises `NoCodec` where cfitsio is missing, `OSError` where the file takes no more.
    """
    import numpy as np

    code = _code()
    cards, start = _cards(plain)
    width, height = _integer(cards, b"NAXIS1"), _integer(cards, b"NAXIS2")
    kept = [each for each in cards if each[:8].rstrip() not in _REPLACED]
    head = len(_header(width, height, 0, 0, kept))
    heap = head + _DESCRIPTOR * height
    places = np.zeros((height, 2), ">u4")
    done = 0
    tops = range(0, height, _CHUNK_ROWS)
    jobs = (partial(_rows, code, plain, start, width, top, min(_CHUNK_ROWS, height - top)) for top in tops)
    for top, (lengths, data) in zip(tops, in_order(jobs), strict=True):
        ends = done + np.cumsum(lengths)
        places[top : top + len(lengths)] = np.stack((lengths, ends - lengths), axis=-1)
        _write(fd, data, heap + done)
        done += len(data)
    end = -(-(heap + done) // BLOCK) * BLOCK
    os.ftruncate(fd, end)
    largest = int(places[:, 0].max())
    _write(fd, _header(width, height, done, largest, kept) + places.tobytes(), 0)
    return end


def _rows(code: _Code, plain: int, start: int, width: int, top: int, rows: int) -> tuple[list[int], bytes]:
    """So many rows from `top` on, packed: the length of each, and all of them."""
    import numpy as np

    words = np.frombuffer(os.pread(plain, 2 * width * rows, start + 2 * width * top), ">i2").astype(np.int16)
    # More than the worst case, where no value can be foretold: each as it is, and a few bits for each block.
    room = 2 * width + width // _PIXELS + 64
    packed = np.empty(room * rows, np.uint8)
    source, target = words.ctypes.data, packed.ctypes.data
    lengths: list[int] = []
    done = 0
    for number in range(rows):
        length = code(source + 2 * width * number, width, target + done, room, _PIXELS)
        if length <= 0:
            raise RuleBroken(f"row {top + number} of {width} values could not be packed")
        lengths.append(length)
        done += length
    return lengths, packed[:done].tobytes()


def _header(width: int, height: int, heap: int, largest: int, kept: list[bytes]) -> bytes:
    """Both headers. Their length depends on `kept` alone."""
    primary = [card("SIMPLE", True), card("BITPIX", 8), card("NAXIS", 0), card("EXTEND", True)]
    table = [
        card("XTENSION", "BINTABLE", "binary table extension"),
        card("BITPIX", 8, "8-bit bytes"),
        card("NAXIS", 2, "2-dimensional binary table"),
        card("NAXIS1", _DESCRIPTOR, "width of table in bytes"),
        card("NAXIS2", height, "number of rows in table"),
        card("PCOUNT", heap, "size of special data area"),
        card("GCOUNT", 1, "one data group"),
        card("TFIELDS", 1, "number of fields in each row"),
        card("TTYPE1", "COMPRESSED_DATA", "label for field 1"),
        card("TFORM1", f"1PB({largest})", "variable length array"),
        card("ZIMAGE", True, "extension contains compressed image"),
        card("ZTILE1", width, "size of tiles to be compressed"),
        card("ZTILE2", 1, "size of tiles to be compressed"),
        card("ZCMPTYPE", "RICE_1", "compression algorithm"),
        card("ZNAME1", "BLOCKSIZE", "compression block size"),
        card("ZVAL1", _PIXELS, "pixels per block"),
        card("ZNAME2", "BYTEPIX", "bytes per pixel"),
        card("ZVAL2", 2, "bytes per pixel"),
        card("EXTNAME", "COMPRESSED_IMAGE"),
        card("ZSIMPLE", True, "file conforms to the FITS standard"),
        card("ZBITPIX", 16, "bits of a value"),
        card("ZNAXIS", 2, "axes"),
        card("ZNAXIS1", width, "columns"),
        card("ZNAXIS2", height, "rows"),
        card("ZEXTEND", True, "extensions may follow"),
    ]
    return header_bytes(primary) + header_bytes([*table, *kept])


def _cards(plain: int) -> tuple[list[bytes], int]:
    """The cards before END, and where the data begin."""
    found: list[bytes] = []
    start = 0
    while len(block := os.pread(plain, BLOCK, start)) == BLOCK:
        start += BLOCK
        for at in range(0, BLOCK, CARD):
            if block[at : at + CARD].rstrip() == b"END":
                return found, start
            found.append(block[at : at + CARD])
    raise RuleBroken("a FITS without END")


def _integer(cards: list[bytes], keyword: bytes) -> int:
    (text,) = (each[10:30] for each in cards if each[:8].rstrip() == keyword)
    return int(text)


def _write(fd: int, data: bytes, at: int) -> None:
    view = memoryview(data)
    while view:
        count = os.pwrite(fd, view, at)
        view, at = view[count:], at + count
