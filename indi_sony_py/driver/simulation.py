"""The simulated camera of SIMULATION, as a process of its own (does I/O: starts and ends it).

- It listens on a socket of this user and of this driver alone; one that an earlier life of the driver left behind is
  used again, so that none pile up.
- It is ended with the driver; the face leaves it alone while an exposure is under way, since the hand still needs it.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from indi_sony_py.driver.events import Event, SimulationEnded, SimulationReady

__all__ = ["DEFAULT_BODY", "Simulation", "socket_path"]

DEFAULT_BODY = "ILCE-7SM3"
_START_S = 20.0
_END_S = 3.0


def socket_path(environment: Mapping[str, str]) -> Path:
    """Where the simulated camera listens: in the user's runtime folder, else below the folder for temporary files."""
    runtime = environment.get("XDG_RUNTIME_DIR", "")
    folder = Path(runtime) if runtime.startswith("/") else Path(tempfile.gettempdir()) / f"indi_sony_py-{os.getuid()}"
    return folder / f"indi_sony_simulated-{environment.get('INDIDEV', '').replace('/', '_') or 'camera'}.bus"


class Simulation:
    """One simulated camera. `start` waits (it has a thread of its own), `stop` at most `_END_S`."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._environment = dict(os.environ if environment is None else environment)
        self._child: subprocess.Popen[str] | None = None
        self._asked_to_end = False

    def start(self, post: Callable[[Event], None]) -> SimulationReady:
        """Start it, or find it at work."""
        path = socket_path(self._environment)
        address = f"unix:{path}"
        if _listens(path):
            return SimulationReady(address)
        body = self._environment.get("INDI_SONY_SIMULATED_BODY", DEFAULT_BODY)
        command = [sys.executable, "-m", "indi_sony_py.cli.main", "simulate", "--body", body, "--listen", address]
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            child = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                env={k: v for k, v in self._environment.items() if k != "INDI_SONY_BUS"}, start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            return SimulationReady("", f"it cannot be started: {error}")
        self._asked_to_end = False
        self._child = child
        said = _first_line(child)
        if said.startswith("listening "):
            threading.Thread(target=self._watch, args=(child, post), name="simulation", daemon=True).start()
            return SimulationReady(address)
        self.stop()
        return SimulationReady("", said or "it did not start in time")

    def stop(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        self._asked_to_end = True
        child.terminate()
        try:
            child.wait(_END_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()

    def _watch(self, child: subprocess.Popen[str], post: Callable[[Event], None]) -> None:
        assert child.stdout is not None
        last = ""
        with child.stdout:
            for line in child.stdout:
                last = line.strip() or last
        child.wait()
        if not self._asked_to_end:
            post(SimulationEnded(last or f"it ended with {child.returncode}"))


def _first_line(child: subprocess.Popen[str]) -> str:
    assert child.stdout is not None
    timer = threading.Timer(_START_S, child.kill)
    timer.daemon = True
    timer.start()
    try:
        return child.stdout.readline().strip()
    finally:
        timer.cancel()


def _listens(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe, suppress(OSError):
        probe.connect(str(path))
        return True
    return False
