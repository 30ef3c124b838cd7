"""The whole chain on one machine: simulated cameras, a real indiserver with the driver, and a client. Starts processes.

Rules kept here:

- Loopback and Unix sockets only; the server has a socket path and a port of its own, so that rigs do not meet.
- The driver has a home of its own: nobody's INDI settings are read or written.
- At the end everything that was started is ended by its id, the client first, the cameras last; their referees have
  then written their last lines.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from tools.client import Client, What
from tools.processes import Child, Late, children_of, name_of_process, process_ended

__all__ = ["Refused", "Rig", "Server", "Simulator", "free_port", "own_environment"]

DEVICE = "Sony Alpha"
_HAND_LEAVES_S = 20.0
_PORTS = 3
_REDIR = "listening redir "
DRIVER = Path(sys.executable).with_name("indi_sony_py")
COMMAND = Path(sys.executable).with_name("indi-sony")


class Refused(ValueError):
    """The simulator does not take these options; the text is what it said."""


def free_port() -> int:
    """A TCP port of the loopback address that nobody listens at now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def own_environment(home: Path, **more: str) -> dict[str, str]:
    """The environment of a user who never used INDI: a home of its own, none of the caller's settings."""
    env = {
        name: value for name, value in os.environ.items() if not name.startswith(("INDI", "XDG_", "COV_", "COVERAGE"))
    }
    env["HOME"] = str(home)
    return env | more


def _rows(path: Path) -> list[dict[str, Any]]:
    """The whole lines of a file of JSON lines; a line that is being written is left out."""
    text = path.read_text() if path.exists() else ""
    return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]


class Simulator:
    """One simulated camera as a program, with its referee's and truth's files and its control socket.

    `network`: it is at a TCP `port` of its own, or at the place that is named, and speaks PTP/IP; else on the simulated
    bus.
    """

    def __init__(
        self, folder: Path, name: str = "camera", network: bool | str = False, **options: str | float | bool
    ) -> None:
        self.options = options
        self.network = bool(network)
        self.redir_port = 0
        self.bus = folder / f"{name}.bus"
        self.control_path = folder / f"{name}.control"
        self.referee_path = folder / f"{name}-referee.jsonl"
        self.truth_path = folder / f"{name}-truth.jsonl"
        listen = network or f"unix:{self.bus}"
        if listen is True:
            listen = "tcp:127.0.0.1:0"
        command = [str(COMMAND), "simulate", "--listen", listen, "--control", f"unix:{self.control_path}"]
        command += ["--referee", str(self.referee_path), "--truth", str(self.truth_path)]
        for key, value in options.items():
            if value is not False:
                command.append("--" + key.replace("_", "-"))
                command += [] if value is True else [str(value)]
        self.child = Child(command, own_environment(folder), name=f"simulated {name}")
        try:
            said = self.child.wait_line(lambda line: line.startswith("listening "), 20, "'listening' line")
            if "redir" in options:
                way = self.child.wait_line(lambda line: line.startswith(_REDIR), 20, "line with the redir port")
                self.redir_port = int(way.rpartition(":")[2])
        except Late:
            if self.child.stop() == 2:
                raise Refused(" ".join(self.child.lines).rpartition("error: ")[2]) from None
            raise
        self.port = int(said.rpartition(":")[2]) if network else 0

    @property
    def address(self) -> str:
        """What INDI_SONY_BUS takes."""
        return f"unix:{self.bus}"

    def control(self, **command: Any) -> dict[str, Any]:
        """One command on the control socket, and its answer."""
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(10)
            line.connect(str(self.control_path))
            line.sendall(json.dumps(command).encode() + b"\n")
            with line.makefile("rb") as answers:
                answer: dict[str, Any] = json.loads(answers.readline())
        return answer

    def referee(self) -> list[dict[str, Any]]:
        """Everything written down so far."""
        return _rows(self.referee_path)

    def broken_rules(self) -> list[dict[str, Any]]:
        return [row for row in self.referee() if row["kind"] == "rule"]

    def truth(self) -> list[dict[str, Any]]:
        """One row for each press so far."""
        return _rows(self.truth_path)

    def stop(self) -> int:
        """Ends the camera; its exit status."""
        return self.child.stop()


class Server:
    """A real indiserver (`program`) with drivers, or with devices of another one (`device@host:port`)."""

    def __init__(
        self, folder: Path, env: Mapping[str, str], drivers: Iterable[str | Path] = (DRIVER,),
        options: Iterable[str] = ("-r", "0", "-m", "1000"), prefix: Iterable[str] = (), program: str = "indiserver",
    ) -> None:  # fmt: skip
        self.fifo = folder / "indi.fifo"
        if not self.fifo.exists():
            os.mkfifo(self.fifo)
        command = [*prefix, program, "-v", "-u", str(folder / "indi.sock"), "-f", str(self.fifo), *options]
        for attempt in range(_PORTS):
            self.port = free_port()
            self.child = Child([*command, "-p", str(self.port), *map(str, drivers)], env, name="indiserver")
            try:
                self.child.wait_line(lambda line: f"listening to port {self.port}" in line, 10, "listening line")
                break
            except Late:
                self.child.stop()
                # Somebody else may take the port between its choice and its use.
                if attempt == _PORTS - 1 or not any("ddress already in use" in line for line in self.child.lines):
                    raise

    def drivers(self) -> list[int]:
        """The process ids of the drivers that run now."""
        return [pid for pid in children_of(self.child.pid) if name_of_process(pid).startswith("indi_")]

    def order(self, line: str) -> None:
        """A line for the server's FIFO: start or stop a driver."""
        handle = os.open(self.fifo, os.O_WRONLY | os.O_NONBLOCK)
        try:
            os.write(handle, line.encode() + b"\n")
        finally:
            os.close(handle)

    def stop(self, limit_s: float = 10.0) -> None:
        """Ends the server, and sees that its drivers end by themselves; those that do not are killed and named."""
        drivers = children_of(self.child.pid)
        self.child.stop(limit_s)
        stuck = [pid for pid in drivers if not process_ended(pid, limit_s)]
        for pid in stuck:
            os.kill(pid, 9)
        if stuck:
            raise Late(f"drivers that outlived their server by more than {limit_s} s: {stuck}")


class Rig:
    """Cameras, a server with the driver, and a client, made in this order. Use as a context manager."""

    def __init__(self, folder: Path | None = None) -> None:
        self._stack = ExitStack()
        self._place = ExitStack()
        self._given = folder
        self.folder = Path()
        self.cameras: list[Simulator] = []
        self.times: dict[str, float] = {}
        self.started_at = 0.0

    def __enter__(self) -> Rig:
        # Paths of sockets are short: the folder of a test may not be.
        if self._given is None:
            made = tempfile.TemporaryDirectory(prefix="indi-sony-", ignore_cleanup_errors=True)
            self._given = Path(self._place.enter_context(made))
        self.folder = self._given
        self.home = self.folder / "home"
        self.home.mkdir(parents=True, exist_ok=True)
        self.started_at = time.monotonic()
        return self

    def __exit__(self, *_: object) -> None:
        with self._place:
            self.end()

    def end(self) -> None:
        """Ends everything now; the files stay until the rig is left."""
        self._stack.close()

    def _end_camera(self, camera: Simulator) -> None:
        status = camera.stop()
        if status != 0:
            raise Late(f"a simulated camera ended with {status}:\n{camera.child.tail()}")

    def _end_hands(self) -> None:
        """A hand leaves by itself when nothing is left to do; one that does not is killed and named."""
        stuck = [pid for pid in self.hands() if not process_ended(pid, _HAND_LEAVES_S)]
        for pid in stuck:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if stuck:
            raise Late(f"hands that outlived their rig by more than {_HAND_LEAVES_S:g} s: {stuck}")

    def hands(self) -> list[int]:
        """The process ids of the hands that this rig's driver started; they may have outlived it."""
        mark = b"HOME=" + os.fsencode(self.home) + b"\0"
        found = []
        for folder in Path("/proc").iterdir():
            if not folder.name.isdigit():
                continue
            try:
                is_hand = b"--key\0" in (folder / "cmdline").read_bytes()
                if is_hand and mark in (folder / "environ").read_bytes():
                    found.append(int(folder.name))
            except OSError:
                continue
        return found

    def hurry(self) -> None:
        """Asks the hands to close the shutter, save what there is, and leave."""
        for pid in self.hands():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)

    def rescued(self) -> list[dict[str, Any]]:
        """What the driver's journal says of frames that went to disk."""
        rows = _rows(self.home / ".local" / "state" / "indi_sony_py" / "rescued.jsonl")
        return [row["frame"] for row in rows if "frame" in row]

    def mark(self, step: str, ago_s: float = 0.0) -> None:
        """Writes down when a step was reached, in seconds since the rig was made; it may have been `ago_s` ago."""
        self.times[step] = round(time.monotonic() - self.started_at - ago_s, 3)

    def camera(self, name: str = "", network: bool | str = False, **options: str | float | bool) -> Simulator:
        """Starts a simulated camera with these options of `indi-sony simulate`."""
        made = Simulator(self.folder, name or f"camera{len(self.cameras) + 1}", network, **options)
        self.cameras.append(made)
        self._stack.callback(self._end_camera, made)
        self.mark("simulator ready")
        return made

    def cameras_on_bus(self) -> dict[str, str]:
        """The variable by which a driver finds the cameras of the rig."""
        bus = ",".join(camera.address for camera in self.cameras if not camera.network)
        return {"INDI_SONY_BUS": bus or f"unix:{self.folder}/no.bus"}

    def environment(self, **more: str) -> dict[str, str]:
        """What the driver is started with: every camera of the rig is on its bus."""
        return own_environment(self.home, **self.cameras_on_bus(), **more)

    def ends_hands(self) -> None:
        """Hands that are started from now on end with the rig, before its cameras."""
        self._stack.callback(self._end_hands)

    def server(self, env: Mapping[str, str] | None = None, **more: Any) -> Server:
        self.ends_hands()
        made = Server(self.folder, env or self.environment(), **more)
        self._stack.callback(made.stop)
        self.mark("server ready")
        return made

    def client(self, server: Server, device: str = DEVICE) -> Client:
        made = self._stack.enter_context(Client(server.port, device))
        made.receive_blobs()
        return made

    def connected(self, server: Server, device: str = DEVICE, limit_s: float = 30.0) -> Client:
        """A client whose device is connected and can expose."""
        client = self.client(server, device)
        client.defined("CONNECTION", 10)
        self.mark("first property")
        client.set_switch("CONNECTION", "CONNECT")
        answer = client.wait_state("CONNECTION", ("Ok", "Alert"), limit_s)
        if answer.state != "Ok":
            # The reason follows the state.
            with suppress(Late):
                client.wait(lambda event: event.what is What.MESSAGE, 2, "reason")
            raise Late("the driver could not connect: " + (" / ".join(client.messages[-3:]) or "no message"))
        client.defined("CCD_EXPOSURE", limit_s)
        self.mark("connected")
        return client
