"""A fresh interpreter that runs a part of this same package, wherever it lies. Pure.

- The folder in which somebody stands never adds to its path.
- It is as isolated as this one: an installed driver is started with `-I`, so that neither PYTHONPATH nor packages in
  the user's home take the place of those that it was tested with, and so are the programs that it starts.
"""

from __future__ import annotations

import errno
import sys
from collections.abc import Iterable
from pathlib import Path

import indi_sony_py

__all__ = ["BOOT", "command"]

BOOT = (
    "import sys; root = sys.argv[1]; root in sys.path or sys.path.insert(0, root); "
    "from importlib import import_module; sys.exit(import_module(sys.argv[2]).main(sys.argv[3:]))"
)


def command(module: str, arguments: Iterable[str] = ()) -> list[str]:
    """What runs `main(arguments)` of a module of this package. `FileNotFoundError`: Python does not know its path."""
    if not sys.executable:
        raise FileNotFoundError(errno.ENOENT, "Python does not know its own path")
    root = str(Path(indi_sony_py.__file__).absolute().parent.parent)
    isolation = "-I" if sys.flags.isolated else "-P"
    return [sys.executable, isolation, "-c", BOOT, root, module, *arguments]
