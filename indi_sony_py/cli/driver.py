"""The program that an INDI server starts (does I/O): `indi_sony_py`, without arguments; `-v` says its version.

INDIDEV names the first device, INDICONFIG its config, INDI_SONY_BUS simulated cameras in place of USB.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from indi_sony_py import __version__

__all__ = ["main"]


def main(given: Sequence[str] | None = None) -> int:
    """Serve the INDI server on standard input and output. The exit status; 2 for a bad argument."""
    arguments = sys.argv[1:] if given is None else list(given)
    if arguments in (["-v"], ["--version"]):
        print(f"indi_sony_py {__version__}")
        return 0
    if any(argument != "-v" for argument in arguments):
        print("usage: indi_sony_py [-v]; it is started by indiserver", file=sys.stderr)
        return 2
    from indi_sony_py.driver.process import run

    _name_process()
    return run()


def _name_process() -> None:
    """Tools that list drivers look for process names with `indi_`: also after a start through an interpreter's path."""
    with suppress(OSError):
        Path("/proc/self/comm").write_text("indi_sony_py")


if __name__ == "__main__":
    sys.exit(main())
