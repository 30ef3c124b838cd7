"""A small file that is replaced as a whole, or not at all (does I/O)."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["replace_file"]


def replace_file(path: Path, text: str) -> None:
    """Put `text` in the place of what was there, safe on disk. For this user alone. Raises `OSError`."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_suffix(".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    # A disk that is nearly full takes a part of it: only the whole may replace what was there.
    with open(descriptor, "wb", buffering=0) as file:
        left = memoryview(text.encode())
        while left:
            left = left[file.write(left) or 0 :]
        os.fsync(descriptor)
    fresh.replace(path)
