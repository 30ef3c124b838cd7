"""Where the program `indi-sony` begins: Ctrl-C is an end of it before anything is loaded, too. Does I/O.

On a small computer loading takes a second, and who presses Ctrl-C in it meets no lines of Python.
"""

from __future__ import annotations

import sys

__all__ = ["main"]

_INTERRUPTED = 130


def main() -> int:
    """Run the command line's command; the exit status."""
    try:
        from indi_sony_py.cli.main import main as run

        return run()
    except KeyboardInterrupt:
        return _INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
