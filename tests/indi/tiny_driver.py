"""Does I/O: a driver of nothing but this package's INDI side, to be started by a real indiserver.

It answers SEND (ATTACHED, INLINE or EMPTY) with a BLOB, and sets SEND to Ok when the server has acknowledged it.
"""

from __future__ import annotations

import os
import queue
import random
from datetime import UTC, datetime

from indi_sony_py.clock import Deadline, SystemClock
from indi_sony_py.indi.blobs import BlobFlow, BlobItem, Way, blob, choose_way
from indi_sony_py.indi.messages import (
    BlobWritten,
    EndOfInput,
    GetProperties,
    Incoming,
    Kind,
    NewVector,
    OutputClosed,
    Permission,
    PingReply,
    ProcessEvent,
    Rule,
    State,
)
from indi_sony_py.indi.notices import message
from indi_sony_py.indi.process import Reader, Stderr, Writer
from indi_sony_py.indi.vectors import Accepted, BlobDef, Refused, SwitchDef, TextDef, Vector, VectorDef

DEVICE = "Tiny & <Camera>"
TEXT = "a < b & \"c\" 'd' > é"
SIZE = 5_000_001
WAYS = ("ATTACHED", "INLINE", "EMPTY")


def payload() -> bytes:
    """What both ways carry: the same bytes each time."""
    return random.Random(1).randbytes(SIZE)


def utc() -> datetime:
    return datetime.now(UTC)


def _vectors() -> dict[str, Vector]:
    switches = tuple(SwitchDef(name, name.title()) for name in WAYS)
    rows = [
        VectorDef("SEND", "Send", "Main", Kind.SWITCH, Permission.READ_WRITE, switches, Rule.AT_MOST_ONE, 60),
        VectorDef("CCD1", "Image", "Main", Kind.BLOB, Permission.READ_ONLY, (BlobDef("CCD1", "Image"),), timeout_s=60),
        VectorDef("WORDS", "Words", "Main", Kind.TEXT, Permission.READ_ONLY, (TextDef("A", "a"),)),
    ]
    vectors = {row.name: Vector(row, utc, device=DEVICE) for row in rows}
    vectors["WORDS"].commit({"A": TEXT})
    return vectors


def main() -> None:
    inbox: queue.SimpleQueue[Incoming | ProcessEvent] = queue.SimpleQueue()
    reader, writer, log = Reader(inbox.put), Writer(inbox.put), Stderr()
    vectors, flow, clock = _vectors(), BlobFlow(), SystemClock()
    frame = os.memfd_create("frame")
    os.write(frame, payload())
    reader.start()
    writer.start()
    log.write("x" * 5000 + "\n")
    log.write("still here\n")

    def image(way: Way) -> None:
        def make(uid: str) -> BlobItem:
            vectors["CCD1"].state = State.OK
            return blob(vectors["CCD1"], "CCD1", frame, ".fits", way, uid, 1)

        flow.offer(1, make)

    def send(which: str | None) -> None:
        match which:
            case "ATTACHED":
                image(choose_way())
            case "INLINE":
                image(Way.INLINE)
            case _:
                writer.put(vectors["CCD1"].set(State.BUSY))
                writer.put(vectors["SEND"].set(State.OK))

    while True:
        match inbox.get():
            case EndOfInput() | OutputClosed():
                break
            case GetProperties():
                for vector in vectors.values():
                    writer.put(vector.define())
                writer.put(message(DEVICE, f"[INFO] {TEXT} way={choose_way().value}", utc))
            case NewVector(name="SEND") as request:
                match vectors["SEND"].apply(request):
                    case Accepted(values=values):
                        vectors["SEND"].commit(values)
                        writer.put(vectors["SEND"].set(State.BUSY))
                        send(vectors["SEND"].chosen())
                    case Refused(state=state, text=text):
                        writer.put(vectors["SEND"].set(state, text))
            case BlobWritten() as event:
                flow.written(event, clock.monotonic())
            case PingReply(uid=uid):
                if flow.replied(uid) is not None:
                    writer.put(vectors["SEND"].set(State.OK))
        if (item := flow.due(clock.monotonic())) is not None:
            writer.put(item)
    writer.stop(Deadline.after(clock, 1.0))
    log.write("the end\n")


if __name__ == "__main__":
    main()
