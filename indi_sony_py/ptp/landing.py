"""Memory that a data phase of a known length is received into: in one place from its first byte to its last. Pure.

Its pages come with the bytes, so a length that is not true costs nothing. What has arrived may be read by others while
the rest comes: it never moves, and is never written again.
"""

from __future__ import annotations

import mmap

from indi_sony_py.ptp.data import Buffer

__all__ = ["Landing"]


class Landing:
    """`size` bytes, filled from the begin; `view` holds them for as long as anybody has it. One thread fills it.

    Raises `OSError`, `ValueError` or `OverflowError` where there is not so much memory.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.view = memoryview(mmap.mmap(-1, size))
        self._filled = 0

    def __len__(self) -> int:
        """How many bytes have arrived."""
        return self._filled

    def extend(self, piece: Buffer) -> None:
        """The next bytes. They must fit."""
        end = self._filled + len(piece)
        self.view[self._filled : end] = piece
        self._filled = end
