"""A small face as a program: it attaches to a camera's hand, or starts one, and prints each message as a JSON line.

`python -m tests.hand.standin KEY [--frames FOLDER] [--mute] [--pair N]`. Orders come as JSON lines on standard input,
in the form of the pair: `{"type": "Expose", "fields": {…}}`; the end of the input is the end of the face. What a hand
sends is printed in the same form, and confirmed unless the face is mute; a frame's bytes go to a file in FOLDER first.
With --pair this face, and the hand that it starts, speak that version of the pair.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import threading
from pathlib import Path
from typing import Any

from indi_sony_py import interpreter
from indi_sony_py.clock import Deadline, SystemClock
from indi_sony_py.errors import HandLost, OutsideError, advise
from indi_sony_py.hand import launch, messages
from indi_sony_py.hand.codec import TYPES, dump, load
from indi_sony_py.hand.messages import Delivered, FrameReady, FrameSaved
from indi_sony_py.hand.pair import SocketConnection


def tell(kind: str, fields: Any) -> None:
    print(json.dumps({"type": kind, "fields": fields}), flush=True)


def speak(version: int) -> None:
    """Be of another version, and start hands of it."""
    launch.VERSION = version  # type: ignore[attr-defined]
    first = f"from indi_sony_py.hand import messages; messages.VERSION = {version}; from importlib"
    interpreter.BOOT = interpreter.BOOT.replace("from importlib", first)


def orders(connection: SocketConnection, sending: threading.Lock) -> None:
    """Hand on what is asked for. At the end of the input the process ends as after a kill: nothing is said."""
    for line in sys.stdin:
        order = json.loads(line)
        with sending:
            connection.send(load(TYPES[order["type"]], order["fields"]))
    os._exit(0)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("key")
    parser.add_argument("--frames", type=Path)
    parser.add_argument("--mute", action="store_true")
    parser.add_argument("--pair", type=int, default=messages.VERSION)
    arguments = parser.parse_args()
    speak(arguments.pair)
    clock = SystemClock()
    try:
        found = launch.attach_or_start(arguments.key, Deadline.after(clock, 20.0), clock=clock)
    except OutsideError as error:
        tell("Failed", advise(error))
        return 1
    tell("Hello", dump(found.hello))
    tell("HandState", dump(found.state))
    sending = threading.Lock()
    threading.Thread(target=orders, args=(found.connection, sending), daemon=True).start()
    try:
        while (parcel := found.connection.receive(None)) is not None:
            message = parcel.message
            if isinstance(message, FrameReady) and parcel.fd is not None:
                (arguments.frames / f"{message.exposure_id}{message.format}").write_bytes(
                    os.pread(parcel.fd, message.length, 0)
                )
                os.close(parcel.fd)
            tell(type(message).__name__, dump(message))
            if isinstance(message, FrameReady | FrameSaved) and not arguments.mute:
                with sending:
                    found.connection.send(Delivered(message.frame_id))
    except HandLost as error:
        tell("HandLost", str(error))
    return 0


if __name__ == "__main__":
    sys.exit(main())
