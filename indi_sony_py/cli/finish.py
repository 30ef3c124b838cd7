"""`indi-sony finish`: the cameras' processes of this user close the shutter, save, and end. Does I/O: signals, waits.

For a service manager that stops the server (indi-sony@.service) and for whoever is about to switch a machine off. It
does what the end of the machine does to them: SIGTERM (docs/HAND.md).
"""

from __future__ import annotations

import argparse
import os
import select
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from indi_sony_py.cli.numbers import seconds
from indi_sony_py.cli.output import Output
from indi_sony_py.cli.status import Status
from indi_sony_py.texts import system

__all__ = ["add", "own_hands", "run"]

_LIMIT_S = 600.0
_PROC = Path("/proc")


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("--limit", type=seconds, default=_LIMIT_S, metavar="S", help=system.HELP_LIMIT())


def run(arguments: argparse.Namespace, out: Output) -> int:
    """Ask all of them, then wait for each."""
    ends_at = time.monotonic() + arguments.limit
    asked: dict[int, int] = {}
    for process in own_hands():
        with suppress(ProcessLookupError):
            # The descriptor first: the number may be another process's a moment later.
            asked[process] = os.pidfd_open(process)
            signal.pidfd_send_signal(asked[process], signal.SIGTERM)
            out.say(system.FINISHING(process=process))
    if not asked:
        out.say(system.NO_HANDS())
    late = [process for process, handle in asked.items() if not _ended(handle, ends_at, process, arguments.limit, out)]
    out.data(asked=list(asked), late=late)
    return Status.FAILED if late else Status.DONE


def own_hands() -> Iterator[int]:
    """Process ids of the hands that run as this user."""
    for folder in _PROC.iterdir():
        if not folder.name.isdigit():
            continue
        with suppress(OSError):
            words = (folder / "cmdline").read_bytes().split(b"\0")
            if (
                folder.stat().st_uid == os.getuid()
                and b"--key" in words
                and any(b"indi_sony_py.hand" in w for w in words)
            ):
                yield int(folder.name)


def _ended(handle: int, ends_at: float, process: int, limit_s: float, out: Output) -> bool:
    try:
        ended = bool(select.select([handle], [], [], max(0.0, ends_at - time.monotonic()))[0])
    finally:
        os.close(handle)
    if ended:
        out.say(system.FINISHED(process=process))
    else:
        out.say(system.NOT_FINISHED(process=process, seconds=limit_s))
    return ended
