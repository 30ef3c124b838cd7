"""The memory that a frame is written into and handed over in (this module does I/O: memfd).

Rules kept here:

- It is fresh for every frame: what was handed over is never written again, for its receiver may read it later.
- Memory that is made while the shutter is open has all its pages, in the file and in this process: a page that is met
  for the first time costs as much as developing what stands on it.
- Too little memory is a `NoMemory` here, and no signal later.
"""

from __future__ import annotations

import errno
import mmap
import os
from contextlib import suppress

from indi_sony_py import texts
from indi_sony_py.errors import NoMemory

__all__ = ["FrameMemory"]


class FrameMemory:
    """`length` bytes in a memfd, mapped. `ready`: with all pages there already. Raises `NoMemory`.

    Whoever made it closes it; the descriptor goes its own way with `take`.
    """

    def __init__(self, length: int, ready: bool = False) -> None:
        self.length = length
        self._fd = os.memfd_create("indi_sony_py frame", os.MFD_CLOEXEC)
        self._taken = False
        flags = mmap.MAP_SHARED | (mmap.MAP_POPULATE if ready else 0)
        try:
            os.posix_fallocate(self._fd, 0, max(length, 1))
            os.ftruncate(self._fd, max(length, 1))
            self._map = mmap.mmap(self._fd, max(length, 1), flags)
        except BaseException as fault:
            os.close(self._fd)
            if isinstance(fault, OSError) and fault.errno in (errno.ENOSPC, errno.ENOMEM):
                raise NoMemory(texts.frames.NO_MEMORY_FOR, megabytes=length / 1e6) from fault
            raise

    def view(self) -> memoryview:
        """The memory, to be written. The caller releases the view."""
        return memoryview(self._map)[: self.length]

    def take(self) -> int:
        """The descriptor, which is the caller's from now on."""
        self._taken = True
        return self._fd

    def close(self) -> None:
        """Let go of it, but for a descriptor that was taken."""
        # While an error is on its way, its traceback holds the pixels: the memory is let go with it.
        with suppress(BufferError):
            self._map.close()
        if not self._taken:
            self._taken = True
            os.close(self._fd)
