"""What is left to do behind the last byte of a transfer: `tools/bench overlap`. Starts threads, writes to a folder.

The hand is the real one, from the worker's fetching to the frame that it offers to a face; the camera is a loop that
gives a file's bytes at a speed. Measured is the time from the last byte until the face has the frame, with the frame
developed while it comes and without, beside the time that developing takes alone (path "develop" of tools/bench).
"""

from __future__ import annotations

import argparse
import logging
import os
import queue
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from indi_sony_py.clock import Deadline, SystemClock
from indi_sony_py.engine.arrival import Coming, Grown, Lost, Told
from indi_sony_py.engine.fetching import Fetcher
from indi_sony_py.engine.messages import (
    Collected,
    Connect,
    ExposureRequest,
    ExposureStarted,
    Identity,
    Request,
    Role,
    Shot,
    ShutterMode,
)
from indi_sony_py.engine.moves import Image
from indi_sony_py.engine.plan import Plan
from indi_sony_py.engine.state import Camera, Job, State
from indi_sony_py.hand.core import Hand
from indi_sony_py.hand.launch import hello
from indi_sony_py.hand.messages import Delivered, FrameReady, Message
from indi_sony_py.hand.pair import LocalConnection, local_pair
from indi_sony_py.hand.places import Places
from indi_sony_py.hand.wiring import inspect
from indi_sony_py.ptp.data import ObjectInfo
from indi_sony_py.ptp.landing import Landing
from indi_sony_py.sony.session import Session
from indi_sony_py.sony.snapshot import Version
from indi_sony_py.transport.base import Progress
from indi_sony_py.transport.usb import portion
from tools.benchfiles import FILES, Case, make_case
from tools.benchmachine import hold_to, write_json
from tools.benchpaths import PATHS, best_of

__all__ = ["Overlap", "main", "measure"]

SPEEDS = (30, 100, 300)
_OPEN_S = 0.3
_LIMIT_S = 60.0


@dataclass(frozen=True, slots=True)
class Overlap:
    """Milliseconds, the middle of the rounds: `behind_ms` from the last byte to the frame at the face, `without_ms` the
    same where nothing is done before the last byte, `develop_ms` developing alone. `percent`: behind of develop.
    """

    file: str
    megapixels: float
    cores: int
    megabytes_s: int
    behind_ms: float
    without_ms: float
    develop_ms: float
    percent: float


class _Source:
    """A session that gives `data` at `rate` bytes a second, as reads of USB come."""

    def __init__(self, data: bytes, rate: float) -> None:
        self._data, self._rate = data, rate
        self.info = ObjectInfo(format=0xB101, size=len(data), sequence=1, name="DSC00001.ARW")
        self.ended = 0.0

    def object_info(self, deadline: Deadline) -> ObjectInfo:
        return self.info

    def image(self, deadline: Deadline, progress: Progress, into: Landing) -> memoryview:
        began = time.perf_counter()
        at, data = 0, memoryview(self._data)
        while at < len(data):
            piece = data[at : at + portion(len(data) - at)]
            time.sleep(max(0.0, began + (at + len(piece)) / self._rate - time.perf_counter()))
            into.extend(piece)
            at += len(piece)
            if at == len(data):
                self.ended = time.perf_counter()
            progress(len(into))
        return into.view


class _Worker:
    """In the place of `engine.worker.Worker`: opens a shutter, then fetches from a source."""

    def __init__(self, report: Callable[[Told], None], case: Case) -> None:
        self._report, self._case = report, case
        self._inbox: queue.SimpleQueue[tuple[_Source, bool] | None] = queue.SimpleQueue()
        self.finished = False

    def post(self, request: Request) -> None:
        return None

    def step(self) -> None:
        return None

    def order(self, source: _Source | None, ahead: bool = False) -> None:
        self._inbox.put(None if source is None else (source, ahead))

    def run(self) -> None:
        number = 0
        while (order := self._inbox.get()) is not None:
            number += 1
            self._fetch(number, *order)

    def _fetch(self, number: int, source: _Source, ahead: bool) -> None:
        record = self._case.record
        request = ExposureRequest(number, record.requested_s)
        shot = Shot(request, ShutterMode.TIMED, record.nominal_s, 0.0, record.pressed_utc, iso=record.iso_set)
        identity = Identity(self._case.row.model, "1", "1.00", "3.00")
        self._report(ExposureStarted(number, request.duration_s, ShutterMode.TIMED, shot.pressed_utc, 0.0))
        time.sleep(_OPEN_S)
        plan = Plan(ShutterMode.TIMED, 0, request.duration_s, request.duration_s, "30")
        state = State(job=Job(request, plan, shot=shot), camera=Camera(identity, Version.V300, self._case.row))
        clock, log = SystemClock(), logging.getLogger("bench")

        def report(told: Told) -> None:
            if ahead or not isinstance(told, Coming | Grown | Lost):
                self._report(told)

        image = Fetcher(clock, report, inspect, lambda size, folder: "", log).fetch(cast(Session, source), state, False)
        assert isinstance(image, Image)
        report(Collected(Role.FRAME, image.name, image.format, image.data, shot, identity))


class _Rig:
    """A hand with its threads, and a face."""

    def __init__(self, case: Case, home: Path) -> None:
        self._wake = threading.Event()
        self.worker: _Worker | None = None

        def make(report: Callable[[Told], None]) -> Any:
            self.worker = _Worker(report, case)
            return self.worker

        self.hand = Hand("bench", SystemClock(), Places(home / "state", (home / "last",)), make, _spawn, self._wake.set)
        self.face, theirs = local_pair()
        self.sent = 0.0
        # The face of a real pair has the message as soon as it is sent.
        send = theirs.send

        def timed(message: Message, fd: int | None = None) -> None:
            send(message, fd)
            if isinstance(message, FrameReady):
                self.sent = time.perf_counter()

        theirs.send = timed  # type: ignore[method-assign]
        self.hand.attach(theirs)
        self.face.send(hello("face"))
        self.face.send(Connect())
        for _ in range(100):
            self.hand.turn()
            if self._made():
                break

    def _made(self) -> bool:
        return self.worker is not None

    def frame(self, source: _Source, ahead: bool) -> float:
        """Seconds from the last byte until the face has the frame."""
        assert self.worker is not None
        self.worker.order(source, ahead)
        limit = time.perf_counter() + _LIMIT_S
        while time.perf_counter() < limit:
            self._wake.wait(1.0)
            self._wake.clear()
            self.hand.turn()
            if (number := _taken(self.face)) is not None:
                self.face.send(Delivered(number))
                self.hand.turn()
                return self.sent - source.ended
        raise TimeoutError("no frame came")

    def close(self) -> None:
        assert self.worker is not None
        self.worker.order(None)
        self.hand.close()


def _spawn(name: str, body: Callable[[], None]) -> None:
    threading.Thread(target=body, name=name, daemon=True).start()


def _taken(face: LocalConnection) -> int | None:
    while (parcel := face.poll()) is not None:
        if parcel.fd is not None:
            os.close(parcel.fd)
        if isinstance(parcel.message, FrameReady):
            return parcel.message.frame_id
    return None


def measure(case: Case, speeds: Sequence[int], rounds: int, cores: int) -> list[Overlap]:
    """The middle of the rounds."""
    develop = best_of(case, next(path for path in PATHS if path.name == "develop"), rounds)
    found = []
    with tempfile.TemporaryDirectory() as home:
        rig = _Rig(case, Path(home))
        # The first frame of a process is LibRaw's to judge.
        rig.frame(_Source(case.data, 1e9), False)
        for speed in speeds:
            behind, without = [], []
            for _ in range(rounds):
                behind.append(rig.frame(_Source(case.data, speed * 1e6), True))
                without.append(rig.frame(_Source(case.data, speed * 1e6), False))
            middle = statistics.median(behind)
            found.append(
                Overlap(
                    case.name, round(case.pixels / 1e6, 1), cores, speed, round(middle * 1e3, 2),
                    round(statistics.median(without) * 1e3, 2), round(develop * 1e3, 2),
                    round(100 * middle / develop, 1),
                )
            )  # fmt: skip
        rig.close()
    return found


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="tools/bench overlap", description=__doc__)
    parser.add_argument("files", nargs="*", default=FILES, metavar="BODY:TYPE", help=f"default: {' '.join(FILES)}")
    parser.add_argument(
        "--speed", type=int, nargs="+", default=SPEEDS, help="MB/s of the transfer (default: 30 100 300)"
    )
    parser.add_argument("--rounds", type=int, default=5, help="frames of each; the middle counts (default 5)")
    parser.add_argument("--cores", type=int, nargs="+", help="how many cores it may use (default: all, 1)")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep the files there, and take them from there")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    options = parser.parse_args(argv)
    mine = sorted(os.sched_getaffinity(0))
    found: list[Overlap] = []
    for word in options.files:
        model, _, raw_type = word.partition(":")
        case = make_case(model, raw_type or "uncompressed", options.keep)
        for count in options.cores or dict.fromkeys((len(mine), 1)):
            hold_to(mine[:count])
            figures = measure(case, options.speed, options.rounds, min(count, len(mine)))
            hold_to(mine)
            found += figures
            print(f"{case.name}, {case.pixels / 1e6:.1f} MP, {figures[0].cores} of {len(mine)} cores")
            for each in figures:
                times = f"{each.behind_ms:8.2f} ms behind, {each.without_ms:8.2f} without"
                whole = f"{each.develop_ms:8.2f} developing"
                print(f"  {each.megabytes_s:4} MB/s {times}, {whole}: {each.percent:5.1f} %", flush=True)
    write_json(options.json, found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
