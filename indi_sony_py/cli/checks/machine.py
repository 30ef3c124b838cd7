"""The computer, as the checks look at it (does I/O: files of the system, statvfs, PATH). Changes nothing.

`root` is where its files are: a test has a folder of its own there.
"""

from __future__ import annotations

import ctypes
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

__all__ = ["Machine"]


@dataclass(frozen=True)
class Machine:
    """Paths given to its methods are those of a real machine, without `root`."""

    root: Path = Path("/")
    env: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))

    def at(self, path: str) -> Path:
        """Where a path of the machine is."""
        return self.root / path.lstrip("/")

    def read(self, path: str) -> str:
        """The text of a small file, stripped; "" where there is none."""
        try:
            return self.at(path).read_text(errors="replace").strip()
        except OSError:
            return ""

    def names(self, path: str) -> list[str]:
        """What is in a folder, sorted; nothing where there is none."""
        try:
            return sorted(os.listdir(self.at(path)))
        except OSError:
            return []

    def processes(self) -> Iterator[tuple[int, str]]:
        """Number and name (15 bytes at most) of each process that can be seen."""
        for name in self.names("/proc"):
            if name.isdecimal() and (comm := self.read(f"/proc/{name}/comm")):
                yield int(name), comm

    def program(self, name: str) -> str | None:
        """The path of a program, as a shell finds it."""
        return shutil.which(name, path=self.env.get("PATH"))

    def has_module(self, name: str) -> bool:
        """Whether this Python has a module; nothing is loaded."""
        try:
            return find_spec(name) is not None
        except (ImportError, ValueError):
            return False

    def has_library(self, name: str) -> bool:
        """Whether a library of C can be loaded; it is not used."""
        try:
            ctypes.CDLL(name)
        except OSError:
            return False
        return True

    def free_bytes(self, folder: Path) -> int | None:
        """Room for this user where `folder` is, or would be made; None where that is not told."""
        for place in (folder, *folder.parents):
            try:
                found = os.statvfs(place)
            except FileNotFoundError:
                continue
            except OSError:
                return None
            return found.f_bavail * found.f_frsize
        return None

    def writable(self, folder: Path) -> bool:
        """Whether this user may make files in `folder`, or may make it."""
        for place in (folder, *folder.parents):
            if place.exists():
                return place.is_dir() and os.access(place, os.W_OK | os.X_OK)
        return False
