"""Folders that a client names (asks the system where this process runs, and where the home is)."""

from __future__ import annotations

import os

__all__ = ["placed"]


def placed(folder: str) -> str:
    """An absolute folder: one without a root lies where the driver runs, as libindi's drivers have it. "" stays.

    The hand, which writes the files, runs elsewhere.
    """
    return os.path.abspath(os.path.expanduser(folder)) if folder else ""
