"""A disk that fills up, or becomes read-only: what the system's calls say below one folder, for a while.

A full disk makes files and takes no byte; a read-only one makes none. What lies there can be read. Only writes below
`root` are met, but for those below the folders `beside`, which are on other disks.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from types import TracebackType
from typing import Any

__all__ = ["Disk", "DiskState"]

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT


class DiskState(Enum):
    OK = 0
    FULL = errno.ENOSPC
    READ_ONLY = errno.EROFS


class Disk:
    """While entered, `state` decides. The calls of this process alone are changed."""

    def __init__(self, root: Path, beside: tuple[Path, ...] = ()) -> None:
        self._root = str(root)
        self._beside = tuple(map(str, beside))
        self.state = DiskState.OK
        self._real: dict[tuple[object, str], Any] = {}
        self._here: set[int] = set()

    def __enter__(self) -> Disk:
        self._put(os, "open", self._open)
        self._put(os, "close", self._close)
        self._put(os, "write", self._write)
        for name in ("link", "rename", "replace"):
            self._put(os, name, self._second(name))
        self._put(os, "unlink", self._unlink)
        self._put(os, "mkdir", self._making("mkdir"))
        self._put(os, "statvfs", self._statvfs)
        self._put(Path, "open", self._path_open())
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        for (owner, name), real in self._real.items():
            setattr(owner, name, real)

    def _put(self, owner: object, name: str, mine: Callable[..., Any]) -> None:
        self._real[owner, name] = getattr(owner, name)
        setattr(owner, name, mine)

    def _fault(self) -> OSError:
        number = int(self.state.value)
        return OSError(number, os.strerror(number))

    def _below(self, path: Any) -> bool:
        if isinstance(path, int):
            return False
        name = os.fspath(path)
        return name.startswith(self._root) and not name.startswith(self._beside)

    def _open(self, path: Any, flags: int, *args: Any, **named: Any) -> int:
        writes = bool(flags & _WRITES) and self._below(path)
        if writes and self.state is DiskState.READ_ONLY:
            raise self._fault()
        fd: int = self._real[os, "open"](path, flags, *args, **named)
        if writes:
            self._here.add(fd)
        return fd

    def _close(self, fd: int) -> None:
        self._here.discard(fd)
        self._real[os, "close"](fd)

    def _write(self, fd: int, data: Any) -> int:
        if fd in self._here and self.state is not DiskState.OK:
            raise self._fault()
        count: int = self._real[os, "write"](fd, data)
        return count

    def _second(self, name: str) -> Callable[..., Any]:
        def moved(source: Any, target: Any, **named: Any) -> None:
            if self.state is DiskState.READ_ONLY and self._below(target):
                raise self._fault()
            self._real[os, name](source, target, **named)

        return moved

    def _unlink(self, path: Any, **named: Any) -> None:
        if self.state is DiskState.READ_ONLY and self._below(path) and os.path.lexists(path):
            raise self._fault()
        self._real[os, "unlink"](path, **named)

    def _making(self, name: str) -> Callable[..., Any]:
        def made(path: Any, *args: Any, **named: Any) -> None:
            if self.state is not DiskState.OK and self._below(path) and not os.path.isdir(path):
                raise self._fault()
            self._real[os, name](path, *args, **named)

        return made

    def _statvfs(self, path: Any) -> os.statvfs_result:
        found: os.statvfs_result = self._real[os, "statvfs"](path)
        if self.state is DiskState.OK or not self._below(path):
            return found
        fields = list(found)
        fields[3] = fields[4] = 0
        return os.statvfs_result(fields)

    def _path_open(self) -> Callable[..., Any]:
        real = Path.open

        def opened(path: Path, mode: str = "r", *args: Any, **named: Any) -> Any:
            if self.state is not DiskState.OK and set(mode) & set("wxa+") and self._below(path):
                raise self._fault()
            return real(path, mode, *args, **named)

        return opened
