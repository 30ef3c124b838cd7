"""The simulated camera of SIMULATION, as a process of its own (does I/O: starts and ends it).

- It listens on a socket of this user and of this driver alone; one that an earlier life of the driver left behind is
  used again, so that none pile up.
- A connection of ours keeps it; without that, and without a hand at work, it ends by itself after `LINGER_S`, also when
  this process was killed.
- It is ended with the driver; the face leaves it alone while an exposure is under way, since the hand still needs it.
- Ending it waits for nothing: the main loop has other cameras to serve.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from indi_sony_py import interpreter, texts
from indi_sony_py.driver.events import Event, SimulationEnded, SimulationReady

if TYPE_CHECKING:
    from subprocess import Popen

__all__ = ["DEFAULT_BODY", "LINGER_S", "Simulation", "socket_path"]

DEFAULT_BODY = "ILCE-7SM3"
LINGER_S = 30.0
_START_S = 20.0
_END_S = 3.0


def socket_path(environment: Mapping[str, str]) -> Path:
    """Where the simulated camera listens: in the user's runtime folder, else below the folder for temporary files."""
    runtime = environment.get("XDG_RUNTIME_DIR", "")
    temporary = Path(environment.get("TMPDIR") or "/tmp") / f"indi_sony_py-{os.getuid()}"
    folder = Path(runtime) if runtime.startswith("/") else temporary
    return folder / f"indi_sony_simulated-{environment.get('INDIDEV', '').replace('/', '_') or 'camera'}.bus"


class Simulation:
    """One simulated camera. `begin` and `stop` wait for nothing and belong to one thread; `start` has its own."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._environment = dict(os.environ if environment is None else environment)
        self._lock = threading.Lock()
        self._wish = 0
        self._child: Popen[str] | None = None
        self._hold: socket.socket | None = None

    def begin(self) -> int:
        """A wish to have it, for `start`."""
        with self._lock:
            self._wish += 1
            return self._wish

    def start(self, wish: int, post: Callable[[Event], None]) -> SimulationReady | None:
        """Start it, or find it at work. None: it was ended before it had started."""
        path = socket_path(self._environment)
        address = f"unix:{path}"
        hold = _connect(path)
        if hold is not None:
            return self._ready(wish, address, hold)
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            child = self._run(wish, address)
        except OSError as error:
            return SimulationReady("", texts.simulation.NOT_STARTED(reason=error))
        if child is None:
            return None
        said = _first_words(child)
        if self._child is not child:
            return None
        hold = _connect(path) if said.startswith("listening ") else None
        if hold is None:
            self.stop()
            return SimulationReady("", said or texts.simulation.NOT_IN_TIME())
        threading.Thread(target=self._watch, args=(child, post), name="simulation", daemon=True).start()
        return self._ready(wish, address, hold)

    def _ready(self, wish: int, address: str, hold: socket.socket) -> SimulationReady | None:
        with self._lock:
            if wish == self._wish:
                self._hold = hold
                return SimulationReady(address)
        hold.close()
        return None

    def stop(self) -> None:
        """End it, if it is ours."""
        with self._lock:
            self._wish += 1
            child, self._child = self._child, None
            hold, self._hold = self._hold, None
        if hold is not None:
            hold.close()
        if child is not None:
            child.terminate()
            threading.Thread(target=_see_it_end, args=(child,), name="simulation-end", daemon=True).start()

    def _run(self, wish: int, address: str) -> Popen[str] | None:
        import subprocess

        body = self._environment.get("INDI_SONY_SIMULATED_BODY", DEFAULT_BODY)
        options = ("--body", body, "--listen", address, "--linger", f"{LINGER_S:g}")
        command = interpreter.command("indi_sony_py.cli.main", ("simulate", *options))
        with self._lock:
            if wish != self._wish:
                return None
            self._child = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                env={k: v for k, v in self._environment.items() if k != "INDI_SONY_BUS"}, start_new_session=True,
            )  # fmt: skip
            return self._child

    def _watch(self, child: Popen[str], post: Callable[[Event], None]) -> None:
        """Until it ends; that it ended without being asked is told."""
        assert child.stdout is not None
        last = ""
        with child.stdout:
            for line in child.stdout:
                last = line.strip() or last
        child.wait()
        if self._child is child:
            post(SimulationEnded(last or texts.simulation.STATUS(code=child.returncode)))


def _see_it_end(child: Popen[str]) -> None:
    import subprocess

    try:
        child.wait(_END_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _first_words(child: Popen[str]) -> str:
    """The line that says it listens, or the last one before it gave up."""
    assert child.stdout is not None
    timer = threading.Timer(_START_S, child.kill)
    timer.daemon = True
    timer.start()
    try:
        said = child.stdout.readline().strip()
        if not said.startswith("listening "):
            with child.stdout:
                lines = [said, *(line.strip() for line in child.stdout)]
            said = next((line for line in reversed(lines) if line), "")
        return said
    finally:
        timer.cancel()


def _connect(path: Path) -> socket.socket | None:
    """A connection, if somebody listens there."""
    hold = socket.socket(socket.AF_UNIX)
    with suppress(OSError):
        hold.connect(str(path))
        return hold
    hold.close()
    return None
