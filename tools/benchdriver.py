"""What the driver's processes cost: `tools/bench driver`. Starts the driver and a simulated camera, no INDI server.

Measured are the time from the driver's start to its first property, the memory of face and hand at rest and at the
most, the processor's share of both while the camera is connected and nothing happens, and the time from the end of an
exposure (as asked for) to the frame's BLOB. The camera gives its file as fast as the machine can.
"""

from __future__ import annotations

import argparse
import array
import os
import re
import select
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

from tools.benchfiles import FILES
from tools.benchmachine import peak_bytes, write_json

__all__ = ["Driver", "DriverFigures", "main"]

_DEVICE = "Sony Alpha"
_LIMIT_S = 90.0
_MAIN = "import sys; from indi_sony_py.cli.main import main; sys.exit(main(sys.argv[1:]))"
_TICK_S = 1 / os.sysconf("SC_CLK_TCK")
_EXPOSURE_S = 1.0


@dataclass(frozen=True, slots=True)
class DriverFigures:
    """Milliseconds, megabytes (10^6 bytes), percent of one core. `spare_mb`: what face and hand had resident at the
    most beside the file and the frame; pages that both have mapped count twice.
    """

    file: str
    first_property_ms: float
    first_property_middle_ms: float
    face_start_mb: float
    face_mb: float
    hand_ready_mb: float
    hand_mb: float
    face_peak_mb: float
    hand_peak_mb: float
    file_mb: float
    frame_mb: float
    spare_mb: float
    idle_face_percent: float
    idle_hand_percent: float
    behind_exposure_ms: float


class Driver:
    """The driver on one end of a socket pair, as a server has it. `environment`: with a home of its own."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.began = time.perf_counter()
        self.server, driver = socket.socketpair()
        with driver:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "indi_sony_py.cli.driver"], env=dict(environment), stdin=driver.fileno(),
                stdout=driver.fileno(), stderr=subprocess.DEVNULL,
            )  # fmt: skip
        self.received = ""
        self._fds: list[int] = []

    def send(self, kind: str, name: str, **elements: object) -> None:
        """One new vector."""
        inside = "".join(f"<one{kind} name='{key}'>{value}</one{kind}>" for key, value in elements.items())
        self.server.sendall(f"<new{kind}Vector device='{_DEVICE}' name='{name}'>{inside}</new{kind}Vector>".encode())

    def until(self, wanted: str, start: int = 0) -> re.Match[str]:
        """The first match behind `start`. Raises `TimeoutError`."""
        limit = time.monotonic() + _LIMIT_S
        while (found := re.compile(wanted, re.S).search(self.received, start)) is None:
            ready = select.select([self.server], [], [], max(0.0, limit - time.monotonic()))[0]
            if not ready:
                raise TimeoutError(f"no {wanted!r}; the end of what came: {self.received[-500:]}")
            data, ancillary, _, _ = self.server.recvmsg(1 << 16, socket.CMSG_SPACE(64))
            self.received += data.decode()
            for _, _, value in ancillary:
                self._fds += array.array("i", value[: len(value) // 4 * 4]).tolist()
        return found

    def frame(self, seconds: float) -> tuple[int, float]:
        """(bytes of the BLOB, seconds from the end of the exposure until it came)."""
        start = len(self.received)
        self.send("Number", "CCD_EXPOSURE", CCD_EXPOSURE_VALUE=seconds)
        self.until('name="CCD_EXPOSURE" state="Busy"', start)
        opened = self.until(r'name="CCD_EXPOSURE" state="Busy"[^/]*?>\s*[0-9.]+', start) and time.perf_counter()
        blob = self.until(r'<setBLOBVector.*?size="(\d+)".*?</setBLOBVector>', start)
        came = time.perf_counter()
        ping = self.until(r'<pingRequest uid="([^"]+)"', start)
        self.server.sendall(f"<pingReply uid='{ping[1]}'/>".encode())
        self.until('name="CCD_EXPOSURE" state="Ok"', start)
        for fd in self._fds:
            os.close(fd)
        self._fds.clear()
        return int(blob[1]), came - opened - seconds

    def close(self) -> None:
        """As a server ends it."""
        self.server.close()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(20)
        self.process.kill()
        self.process.wait()


def _resident(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _used_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * _TICK_S


def _hand_of(home: Path) -> int:
    mark = f"HOME={home}".encode()
    for folder in Path("/proc").iterdir():
        with suppress(OSError):
            known = folder.name.isdigit() and mark in (folder / "environ").read_bytes().split(b"\0")
            if known and b"--key" in (folder / "cmdline").read_bytes().split(b"\0"):
                return int(folder.name)
    raise LookupError("there is no hand")


def _first_property(environment: Mapping[str, str], times: int) -> list[float]:
    taken = []
    for _ in range(times):
        driver = Driver(environment)
        driver.server.sendall(b"<getProperties version='1.7'/>")
        driver.until("<def.*?>")
        taken.append(time.perf_counter() - driver.began)
        driver.close()
    return taken


def measure(word: str, idle_s: float, starts: int, frames: int) -> DriverFigures:
    """Of one body and RAW type."""
    model, _, raw_type = word.partition(":")
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench")))
        base = {k: v for k, v in os.environ.items() if not k.startswith(("INDI", "XDG_"))}
        environment = base | {"HOME": str(home), "XDG_RUNTIME_DIR": str(home)}
        bus, keep = home / "bus", home / "kept"
        keep.mkdir()
        first = _first_property(environment, starts)
        begun = subprocess.Popen(
            [sys.executable, "-c", _MAIN, "simulate", "--body", model, "--raw", raw_type or "uncompressed",
             "--listen", f"unix:{bus}", "--keep", str(keep)],
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        # Its end is waited for, and its output closed.
        camera = stack.enter_context(begun)
        stack.callback(camera.send_signal, signal.SIGTERM)
        assert camera.stdout is not None
        while not camera.stdout.readline().startswith(b"listening "):
            if camera.poll() is not None:
                raise ValueError(f"no camera can be simulated as {word}")
        driver = Driver(environment | {"INDI_SONY_BUS": f"unix:{bus}"})
        stack.callback(driver.close)
        driver.server.sendall(b"<getProperties version='1.7'/>")
        driver.until("<def.*?>")
        face, start = driver.process.pid, _resident(driver.process.pid)
        driver.send("Switch", "CONNECTION", CONNECT="On")
        driver.until(r"<defSwitchVector[^>]*CCD_ISO.*?</defSwitchVector>")
        hand = _hand_of(home)
        ready = _resident(hand)
        taken = [driver.frame(_EXPOSURE_S) for _ in range(frames)]
        before, began = (_used_s(face), _used_s(hand)), time.perf_counter()
        time.sleep(idle_s)
        passed = time.perf_counter() - began
        idle = [100 * (_used_s(pid) - used) / passed for pid, used in zip((face, hand), before, strict=True)]
        file = max(path.stat().st_size for path in keep.rglob("*.ARW"))
        frame = taken[-1][0]
        peaks = peak_bytes(face), peak_bytes(hand)
        return DriverFigures(
            word, round(min(first) * 1e3, 1), round(statistics.median(first) * 1e3, 1), _mb(start),
            _mb(_resident(face)), _mb(ready), _mb(_resident(hand)), _mb(peaks[0]), _mb(peaks[1]), _mb(file), _mb(frame),
            _mb(sum(peaks) - file - frame), round(idle[0], 2), round(idle[1], 2),
            round(statistics.median(each[1] for each in taken[1:] or taken) * 1e3, 1),
        )  # fmt: skip


def _mb(count: int) -> float:
    return round(count / 1e6, 1)


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="tools/bench driver", description=__doc__)
    parser.add_argument("files", nargs="*", default=FILES, metavar="BODY:TYPE", help=f"default: {' '.join(FILES)}")
    parser.add_argument("--idle", type=float, default=20.0, help="seconds in which nothing happens (default 20)")
    parser.add_argument("--starts", type=int, default=9, help="starts of the driver (default 9)")
    parser.add_argument("--frames", type=int, default=4, help="frames of each file (default 4)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    options = parser.parse_args(argv)
    found = []
    for word in options.files:
        each = measure(word, options.idle, options.starts, options.frames)
        found.append(each)
        print(f"{each.file}: first property {each.first_property_ms} ms (middle {each.first_property_middle_ms})")
        print(f"  face {each.face_start_mb} MB at its start, {each.face_mb} after frames")
        print(f"  hand {each.hand_ready_mb} MB with the camera ready, {each.hand_mb} after frames")
        peaks = f"{each.face_peak_mb} + {each.hand_peak_mb} MB"
        print(f"  at the most {peaks}: file {each.file_mb}, frame {each.frame_mb}, and {each.spare_mb} MB")
        print(f"  idle: face {each.idle_face_percent} %, hand {each.idle_hand_percent} % of a core")
        print(f"  from the end of {_EXPOSURE_S:g} s to the BLOB {each.behind_exposure_ms} ms", flush=True)
    write_json(options.json, found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
