"""How exactly a bulb is ended under load: `tools/bench bulb`. Starts processes and threads.

In one process the worker waits for releases, as it does at the end of a bulb, and writes them to a camera that takes
them at once; beside it, in the same process, frames are developed and packed without a pause. A second process sends
frames to a slow client, as text. A third one only sleeps until given times: what it is late is the machine's own
scatter under the same load.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from indi_sony_py.clock import Deadline, SystemClock
from indi_sony_py.engine.moves import Button, FileFacts
from indi_sony_py.engine.worker import Worker
from indi_sony_py.image.developer import Developer, DevelopJob, JobResult
from indi_sony_py.ptp.codes import Response
from indi_sony_py.sony.codes import Ctl
from indi_sony_py.sony.session import Session
from indi_sony_py.transport.base import Event, Progress, Reply, Request
from tools.benchfiles import Case, make_case
from tools.benchmachine import hold_to, write_json

__all__ = ["Lateness", "main"]

_SHORTEST_S, _LONGEST_S = 0.01, 0.03
_SLEEPER = """
import json, random, sys, time
late = []
for _ in range(int(sys.argv[1])):
    until = time.monotonic() + random.uniform(float(sys.argv[2]), float(sys.argv[3]))
    while (left := until - time.monotonic()) > 0:
        time.sleep(left)
    late.append(time.monotonic() - until)
print(json.dumps(late))
"""
_SENDER = """
import base64, os, socket, threading, time
here, there = socket.socketpair()
def client():
    while there.recv(1 << 16):
        time.sleep(0.001)
threading.Thread(target=client, daemon=True).start()
frame = memoryview(os.urandom(1 << 24))
while True:
    for at in range(0, len(frame), 3 << 16):
        here.sendall(base64.b64encode(frame[at : at + (3 << 16)]))
"""


@dataclass(frozen=True, slots=True)
class Lateness:
    """Milliseconds behind the time that was asked for. `who`: "release", or "bare sleep"."""

    who: str
    load: str
    cores: int
    count: int
    median_ms: float
    p99_ms: float
    p999_ms: float
    worst_ms: float


class _Taker:
    """A transport that takes all at once, and tells when."""

    def __init__(self) -> None:
        self.at = 0.0

    def transact(self, request: Request, deadline: Deadline, progress: Progress | None = None) -> Reply:
        self.at = time.monotonic()
        return Reply(Response.OK)

    def next_event(self, deadline: Deadline) -> Event | None:
        return None

    def reset(self, deadline: Deadline) -> None:
        return None

    def close(self) -> None:
        return None


def _releases(count: int) -> list[float]:
    """Seconds that each of them came late."""

    def nowhere(deadline: Deadline) -> _Taker:
        raise NotImplementedError

    def nothing(data: object, arrived: int | None = None) -> FileFacts:
        return FileFacts()

    clock, taker = SystemClock(), _Taker()
    worker = Worker(nowhere, clock, lambda report: None, nothing)
    worker._session = Session(taker)
    late = []
    for _ in range(count):
        until = clock.monotonic() + random.uniform(_SHORTEST_S, _LONGEST_S)
        while clock.monotonic() < until:
            worker._wait(until)
        worker._perform(Button(Ctl.FULL_PRESS, False))
        late.append(taker.at - until)
    return late


def _load(case: Case) -> Callable[[], None]:
    """Frames are developed and packed until what comes back is called."""
    ended = threading.Event()

    def again(result: JobResult | None) -> None:
        if result is not None and result.frame is not None:
            result.frame.close()
        if ended.is_set():
            developer.stop()
        else:
            developer.submit(DevelopJob(1, case.data, case.record, visible=case.visible, crop=case.row.crop, pack=True))

    developer = Developer(again)
    again(None)
    thread = threading.Thread(target=developer.run, name="developer", daemon=True)
    thread.start()

    def end() -> None:
        ended.set()
        thread.join()

    return end


def _of(who: str, load: str, cores: int, late: list[float]) -> Lateness:
    ordered = sorted(late)

    def share(part: float) -> float:
        return round(ordered[min(math.ceil(part * len(ordered)), len(ordered)) - 1] * 1e3, 3)

    return Lateness(who, load, cores, len(late), share(0.5), share(0.99), share(0.999), share(1.0))


def measure(case: Case | None, cores: int, count: int) -> list[Lateness]:
    """With the load, or with `case` None without one."""
    with ExitStack() as stack:
        if case is not None:
            sender = subprocess.Popen([sys.executable, "-c", _SENDER])
            stack.callback(sender.wait)
            stack.callback(sender.kill)
            stack.callback(_load(case))
        words = [str(count), str(_SHORTEST_S), str(_LONGEST_S)]
        sleeper = subprocess.Popen([sys.executable, "-c", _SLEEPER, *words], stdout=subprocess.PIPE)
        mine = _releases(count)
        bare: list[float] = json.loads(sleeper.communicate()[0])
    load = "none" if case is None else f"{case.name}, packed, and a slow client"
    return [_of("release", load, cores, mine), _of("bare sleep", load, cores, bare)]


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="tools/bench bulb", description=__doc__)
    parser.add_argument("file", nargs="?", default="ILCE-7M4:lossless", metavar="BODY:TYPE", help="frames of the load")
    parser.add_argument("--count", type=int, default=2000, help="releases (default 2000)")
    parser.add_argument("--cores", type=int, nargs="+", help="how many cores it may use (default: all, 1)")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep the file there, and take it from there")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    options = parser.parse_args(argv)
    model, _, raw_type = options.file.partition(":")
    case = make_case(model, raw_type or "lossless", options.keep)
    mine = sorted(os.sched_getaffinity(0))
    found: list[Lateness] = []
    for cores in options.cores or dict.fromkeys((len(mine), 1)):
        hold_to(mine[:cores])
        for load in (None, case):
            figures = measure(load, min(cores, len(mine)), options.count)
            found += figures
            for each in figures:
                times = f"median {each.median_ms:7.3f}, 99 % {each.p99_ms:7.3f}, 99.9 % {each.p999_ms:7.3f} ms"
                print(
                    f"{each.cores} cores, {each.who:10}, load {each.load}: {times}, worst {each.worst_ms:.3f}",
                    flush=True,
                )
        hold_to(mine)
    write_json(options.json, found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
