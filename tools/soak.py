"""Hours of exposures through the real chain, watched: what `tools/soak` runs. Starts processes, prints and writes.

    simulated camera <- bus -> hand <-> driver <- indiserver -> client (bare XML; frames beside it, or over TCP as text)

Rules kept here:

- Every frame is read for the serial number in its pixels: it must be that of its press, one more than the last.
- Memory, file descriptors and threads of every process are counted at the same moment of each frame: when it came.
- What grows is told by tools/growth.py.
- The exit status is 0 only if every frame came and was true, nothing grew, and the referee is silent.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from tools.compare import serial_of
from tools.growth import Reading, growth
from tools.interruptible import interruptible
from tools.processes import Late, children_of, name_of_process, resident_mb
from tools.rig import DEVICE, Refused, Rig, Server, Simulator
from tools.wire import Wire, blobs, enable_blob, new_vector

__all__ = ["main"]

_SOON_S, _CONNECT_S, _FRAME_S = 10.0, 40.0, 120.0
_STATE = b'name="%b" state="%b"'


@dataclass(slots=True)
class Report:
    """What the report file holds. Seconds, MB of 1024 x 1024 bytes."""

    ok: bool = False
    failures: list[str] = field(default_factory=list)
    body: str = ""
    raw: str = ""
    exposure_s: float = 0.0
    frames: int = 0
    frame_bytes: int = 0
    minutes: float = 0.0
    cadence_s: dict[str, float] = field(default_factory=dict)
    processes: dict[str, Any] = field(default_factory=dict)
    restarts: int = 0
    messages: list[str] = field(default_factory=list)


def _reading(pid: int) -> Reading | None:
    try:
        return Reading(resident_mb(pid), len(os.listdir(f"/proc/{pid}/fd")), len(os.listdir(f"/proc/{pid}/task")))
    except OSError:
        return None


class _Watch:
    """The processes of the chain, by name; a process that is replaced begins a row of its own."""

    def __init__(self, rig: Rig, server: Server, camera: Simulator) -> None:
        self._rig = rig
        self._server = server
        self._camera = camera
        self.readings: dict[tuple[str, int], list[Reading]] = {}

    def _all(self) -> Iterator[tuple[str, int]]:
        yield "indiserver", self._server.child.pid
        for pid in children_of(self._server.child.pid):
            yield f"driver ({name_of_process(pid)})", pid
        for pid in self._rig.hands():
            yield "hand", pid
        yield "simulated camera", self._camera.child.pid

    def look(self) -> None:
        for who in self._all():
            if reading := _reading(who[1]):
                self.readings.setdefault(who, []).append(reading)


class _Client:
    """It holds one frame at a time; libindi's own client was ended by a fault of its own after 900 frames (2.1.2)."""

    def __init__(self, place: int | Path) -> None:
        self._wire = Wire(place)
        self.messages: list[str] = []

    def close(self) -> None:
        self._wire.close()

    def connect(self) -> None:
        """Connects the camera and asks for frames. Raises `Late`."""
        wire = self._wire
        wire.get_properties()
        wire.until(b'name="CONNECTION"', _SOON_S)
        wire.send(enable_blob("Also"))
        wire.send(new_vector("Switch", DEVICE, "CONNECTION", CONNECT="On"))
        place = wire.until((_STATE % (b"CONNECTION", b"Ok"), _STATE % (b"CONNECTION", b"Alert")), _CONNECT_S)
        self._judge(place, b"CONNECTION")
        wire.until(b'name="CCD_EXPOSURE"', _SOON_S)
        self._read()

    def disconnect(self) -> None:
        self._wire.send(new_vector("Switch", DEVICE, "CONNECTION", DISCONNECT="On"))

    def next_frame(self, seconds: float) -> tuple[bytes, float]:
        """The frame of one exposure, and when it came; raises `Late` with what the driver said."""
        wire, limit_s = self._wire, seconds + _FRAME_S
        wire.send(new_vector("Number", DEVICE, "CCD_EXPOSURE", CCD_EXPOSURE_VALUE=seconds))
        alert = _STATE % (b"CCD_EXPOSURE", b"Alert")
        place = wire.until((b"</setBLOBVector>", alert), limit_s)
        came = time.monotonic()
        self._judge(place, b"CCD_EXPOSURE")
        self._judge(wire.until((_STATE % (b"CCD_EXPOSURE", b"Ok"), alert), limit_s, place), b"CCD_EXPOSURE")
        frame = self._beside() if wire.fds else blobs(wire.received)[0]
        self._read()
        return frame, came

    def _beside(self) -> bytes:
        """The frame in the memory that the driver made it in: a local client is given that."""
        (fd,) = self._wire.fds
        frame = os.pread(fd, os.fstat(fd).st_size, 0)
        self._wire.forget_fds()
        return frame

    def _judge(self, place: int, name: bytes) -> None:
        if self._wire.received.startswith(_STATE % (name, b"Alert"), place):
            # The reason may follow the state.
            with suppress(Late):
                self._wire.until(b"<message", _SOON_S, place)
            self._read()
            raise Late(f"{name.decode()} is Alert: {' / '.join(self.messages[-3:]) or 'no message'}")

    def _read(self) -> None:
        found = re.findall(rb'<message[^>]* message="([^"]*)"', self._wire.received)
        self.messages = [*self.messages, *(text.decode() for text in found)][-20:]
        self._wire.forget()


def _expose(
    options: argparse.Namespace, report: Report, client: _Client, watch: _Watch, tell: Callable[[str], None]
) -> list[float]:
    """Exposures until the time is over and there are enough; when each frame came."""
    began, last = time.monotonic(), None
    times: list[float] = []
    while (time.monotonic() - began < options.minutes * 60 and not report.failures) or len(times) < options.at_least:
        data, came = client.next_frame(options.exposure)
        watch.look()
        serial = serial_of(data)
        if serial is None or (last is not None and serial != last + 1):
            report.failures.append(f"frame {len(times) + 1} carries serial number {serial} after {last}")
            break
        last = serial
        times.append(came)
        report.frames, report.frame_bytes = len(times), len(data)
        if len(times) % options.tell_every == 0:
            sizes = "  ".join(f"{who[0]} {rows[-1].resident_mb:.1f} MB" for who, rows in watch.readings.items())
            tell(f"{(came - began) / 60:6.1f} min  {len(times):5d} frames  {sizes}")
    return times


def _judge(report: Report, watch: _Watch, times: Sequence[float]) -> None:
    report.minutes = (times[-1] - times[0]) / 60 if times else 0.0
    steps = [later - sooner for sooner, later in pairwise(times)]
    if len(steps) >= 10:
        part = len(steps) // 5
        report.cadence_s = {
            "first_fifth_median": round(statistics.median(steps[:part]), 3),
            "last_fifth_median": round(statistics.median(steps[-part:]), 3),
            "longest": round(max(steps), 3),
        }
    for (who, pid), readings in watch.readings.items():
        if len(readings) < 10:
            report.failures.append(f"{who} (process {pid}) lived for {len(readings)} frames only")
            continue
        found = growth(readings)
        report.processes[f"{who} {pid}"] = {
            name: {"MB": round(row.resident_mb, 1), "descriptors": row.descriptors, "threads": row.threads}
            for name, row in (("first", found.first), ("last", found.last), ("most", found.most))
        }
        report.failures += [f"{who}: {fault}" for fault in found.faults]


def _run(options: argparse.Namespace, report: Report, tell: Callable[[str], None]) -> None:
    with Rig() as rig:
        camera = rig.camera(body=options.body, raw=options.raw or False)
        server = rig.server()
        client = _Client(server.port if options.tcp else rig.folder / "indi.sock")
        client.connect()
        watch = _Watch(rig, server, camera)
        times: list[float] = []
        try:
            times = _expose(options, report, client, watch, tell)
        except Late as error:
            report.failures.append(str(error))
        finally:
            report.messages = client.messages
        report.raw = next((row["raw"] for row in reversed(camera.truth())), "")
        report.restarts = sum("restart" in line and "#" in line for line in server.child.lines)
        if report.restarts:
            report.failures.append(f"the server restarted the driver {report.restarts} times")
        _judge(report, watch, times)
        client.disconnect()
        rig.end()
        client.close()
        report.failures += [f"referee: {row['rule']}: {row['detail']}" for row in camera.broken_rules()]


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tools/soak", description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=72.0, help="how long (default: %(default)g)")
    parser.add_argument("--at-least", type=int, default=1000, metavar="N", help="frames (default: %(default)d)")
    parser.add_argument("--exposure", type=float, default=1.0, metavar="S", help="seconds (default: %(default)g)")
    parser.add_argument("--body", default="ILCE-7RM4", help="the camera (default: %(default)s, 61 megapixels)")
    parser.add_argument("--raw", choices=("uncompressed", "lossy", "lossless"), help="RAW type (default: the first)")
    parser.add_argument("--tcp", action="store_true", help="a client as on another computer: frames as text")
    parser.add_argument("--tell-every", type=int, default=20, metavar="N", help="a line each N frames")
    parser.add_argument("--report", type=Path, metavar="FILE", help="where the report goes, as JSON")
    return parser.parse_args(given)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the soak; returns the exit status: 0 nothing wrong, 1 something, 2 a bad argument."""
    options = _arguments(arguments)
    report = Report(body=options.body, exposure_s=options.exposure)
    try:
        _run(options, report, lambda line: print(line, flush=True))
    except Refused as error:
        print(f"tools/soak: {error}", file=sys.stderr)
        return 2
    except Late as error:
        report.failures.append(str(error))
    report.ok = report.frames >= options.at_least and not report.failures
    text = json.dumps(asdict(report), indent=1)
    if options.report:
        options.report.write_text(text + "\n")
    print(text)
    return 0 if report.ok else 1


if __name__ == "__main__":
    sys.exit(interruptible(main, "tools/soak"))
