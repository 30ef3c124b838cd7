"""The images in the camera's memory, and the number 0xD215 that tells of them. Pure.

- Below 0x8000: so many are being prepared, none may be touched. Bit 15: the oldest may be fetched.
- Oldest first; fetching removes. Nothing else does, but what `Menu` says about power and cable.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Memory", "Stored"]


@dataclass(frozen=True, slots=True)
class Stored:
    """One file. `sequence` is equal for the files of one photo; `serial` is the number of the press."""

    name: str
    format: int
    data: bytes
    sequence: int
    serial: int
    captured: str = ""
    width: int = 0
    height: int = 0


class Memory:
    """`changed` is called with the new 0xD215 whenever it may have changed."""

    def __init__(self, capacity: int, changed: Callable[[int], None]) -> None:
        self.capacity = capacity
        self.count_pairs_once = False
        self.preparing = 0
        self.shown: int | None = None
        self._files: deque[Stored] = deque()
        self._changed = changed

    def __len__(self) -> int:
        return len(self._files)

    @property
    def waiting(self) -> bool:
        """Whether the oldest file may be fetched."""
        return bool(self._files)

    @property
    def full(self) -> bool:
        return len(self._files) + self.preparing >= self.capacity

    @property
    def files(self) -> tuple[Stored, ...]:
        return tuple(self._files)

    def counter(self) -> int:
        """0xD215."""
        if self.shown is not None:
            return self.shown
        if self._files:
            count = len({f.sequence for f in self._files}) if self.count_pairs_once else len(self._files)
            return 0x8000 | count
        return self.preparing

    def prepare(self, files: int) -> None:
        """So many files more are on their way."""
        self.preparing += files
        self._changed(self.counter())

    def drop(self, files: int) -> None:
        """So many files will not come after all."""
        self.preparing = max(0, self.preparing - files)
        self._changed(self.counter())

    def store(self, stored: Stored) -> None:
        """A file that was being prepared is there."""
        self.preparing = max(0, self.preparing - 1)
        self._files.append(stored)
        self._changed(self.counter())

    def oldest(self) -> Stored | None:
        return self._files[0] if self._files else None

    def remove(self, stored: Stored) -> bool:
        """Take away the oldest file if it is still `stored`."""
        if self._files and self._files[0] is stored:
            self._files.popleft()
            self._changed(self.counter())
            return True
        return False

    def show(self, value: int | None) -> None:
        """Let 0xD215 read as `value` whatever is there; None: the truth again."""
        self.shown = value
        self._changed(self.counter())

    def clear(self) -> int:
        """Lose everything; returns how many files that were."""
        lost = len(self._files)
        self._files.clear()
        self.preparing = 0
        self.shown = None
        self._changed(self.counter())
        return lost
