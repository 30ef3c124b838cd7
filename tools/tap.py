"""A driver that runs another one and writes down what passes between it and the server. Starts a process; does I/O.

    indiserver -> tap -> driver        INDI_TAP_DRIVER: the driver; INDI_TAP_FILE: where each piece goes, a JSON line

Rules kept here:

- What comes goes on at once, byte for byte, with the descriptors that came with it: neither side can tell.
- When one side ends, the other one's connection ends, too.
- `write_tap` makes the executable; `read_tap` joins the pieces to whole elements.
"""

from __future__ import annotations

import array
import json
import os
import selectors
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from xml.etree import ElementTree

__all__ = ["Passed", "main", "read_tap", "write_tap"]

_PIECE = 1 << 16
_DESCRIPTORS = 16
_LEAVES_S = 20.0


@dataclass(frozen=True)
class Passed:
    """One element. `at`: seconds since the first piece; `to_driver`: else to the server."""

    at: float
    to_driver: bool
    element: ElementTree.Element


def write_tap(path: Path, driver: Path, record: Path) -> Path:
    """An executable at `path` that taps `driver`; what passes is added to the file `record`."""
    root = Path(__file__).resolve().parents[1]
    path.write_text(
        f"#!/bin/sh\nexport INDI_TAP_DRIVER='{driver}' INDI_TAP_FILE='{record}' PYTHONPATH='{root}'\n"
        f"exec '{sys.executable}' -m tools.tap\n"
    )
    path.chmod(0o755)
    return path


def read_tap(record: Path) -> list[Passed]:
    """Everything that passed, in order. Whatever cannot be parsed is an error: both sides speak whole elements."""
    parsers: dict[bool, ElementTree.XMLPullParser[Any]] = {}
    depth = {True: 0, False: 0}
    found: list[Passed] = []
    first: float | None = None
    for way in (True, False):
        parsers[way] = ElementTree.XMLPullParser(["start", "end"])
        parsers[way].feed("<all>")
        list(parsers[way].read_events())
    for line in record.read_text().splitlines():
        at, to_driver, text = json.loads(line)
        first = at if first is None else first
        parsers[to_driver].feed(text)
        for event in parsers[to_driver].read_events():
            kind, element = cast(tuple[str, ElementTree.Element], event)
            depth[to_driver] += 1 if kind == "start" else -1
            if kind == "end" and depth[to_driver] == 0:
                found.append(Passed(at - first, to_driver, element))
    return found


class _Way:
    """One direction."""

    def __init__(self, source: socket.socket, sink: socket.socket, to_driver: bool) -> None:
        self.source, self.sink, self.to_driver = source, sink, to_driver

    def pass_on(self, record: int) -> bool:
        """One piece; False at the end."""
        room = socket.CMSG_SPACE(_DESCRIPTORS * array.array("i").itemsize)
        data, extra, _, _ = self.source.recvmsg(_PIECE, room)
        numbers = array.array("i")
        for level, kind, payload in extra:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                numbers.frombytes(payload[: len(payload) - len(payload) % numbers.itemsize])
        if data:
            # Latin 1 keeps each byte; ours is ASCII and escaped.
            entry = json.dumps([round(time.monotonic(), 4), self.to_driver, data.decode("latin-1")])
            os.write(record, entry.encode() + b"\n")
            rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, numbers)] if numbers else []
            sent = self.sink.sendmsg([data], rights)
            self.sink.sendall(data[sent:])
        for number in numbers:
            os.close(number)
        return bool(data)


def main() -> int:
    """Runs until either side ends; the driver's exit status."""
    record = os.open(os.environ["INDI_TAP_FILE"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    server = socket.socket(fileno=os.dup(0))
    ours, theirs = socket.socketpair()
    driver = subprocess.Popen([os.environ["INDI_TAP_DRIVER"]], stdin=theirs.fileno(), stdout=theirs.fileno())
    theirs.close()
    with selectors.DefaultSelector() as ways:
        ways.register(server, selectors.EVENT_READ, _Way(server, ours, True))
        ways.register(ours, selectors.EVENT_READ, _Way(ours, server, False))
        try:
            while all(key.data.pass_on(record) for key, _ in ways.select()):
                pass
        except OSError as error:
            print(f"tap: {error}", file=sys.stderr)
    ours.close()
    return driver.wait(_LEAVES_S)


if __name__ == "__main__":
    sys.exit(main())
