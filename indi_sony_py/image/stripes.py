"""In which order a mosaic is decoded: the one place where its parts become jobs, whether the file is whole or arrives.

Rules kept here:

- A job is given once, as soon as the bytes that it needs are there. Jobs may run in any order, in any thread.
- What is said of a whole band (`check`) is said when the last of its pieces has been decoded.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import partial

from indi_sony_py.image.bands import Band, Piece

__all__ = ["Plan", "Stripes"]

Plan = Sequence[tuple[Band, tuple[Piece, ...]]]


class Stripes:
    """The jobs of `plan`: `decode` for each piece, then `check` for its band."""

    def __init__(self, plan: Plan, decode: Callable[[Band, Piece], None], check: Callable[[Band], None]) -> None:
        self._decode = decode
        self._check = check
        self._waiting = [(band, piece) for band, pieces in plan for piece in pieces]
        self._left = {band: len(pieces) for band, pieces in plan}
        self._lock = threading.Lock()

    @property
    def given(self) -> bool:
        """Whether every job was given."""
        return not self._waiting

    def due(self, arrived: int) -> list[Callable[[], None]]:
        """What can be done with the first `arrived` bytes of the file and was not given yet, from the top."""
        ready = [each for each in self._waiting if each[1].needs <= arrived]
        if ready:
            self._waiting = [each for each in self._waiting if each[1].needs > arrived]
        return [partial(self._do, band, piece) for band, piece in ready]

    def _do(self, band: Band, piece: Piece) -> None:
        self._decode(band, piece)
        with self._lock:
            self._left[band] -= 1
            last = not self._left[band]
        if last:
            self._check(band)
