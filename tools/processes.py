"""Child processes that are waited for by what they print and ended by their own id. Starts processes and threads.

Rules kept here:

- Every wait has a limit, and says what the child printed when the limit is reached.
- A child gets no standard input, its lines are collected by threads that end with it.
- A child is ended by SIGTERM, and by SIGKILL if that is not enough. Nothing that was not started here is signalled.
"""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

__all__ = ["Child", "Late", "children_of", "name_of_process", "process_ended", "resident_mb", "until"]

T = TypeVar("T")


class Late(AssertionError):
    """Something did not happen within its limit."""


def until(made: Callable[[], T], wanted: Callable[[T], bool], limit_s: float, what: str) -> T:
    """Asks again and again, where nothing tells by itself, until the answer is `wanted`. Raises `Late`."""
    ends_at = time.monotonic() + limit_s
    while True:
        answer = made()
        if wanted(answer):
            return answer
        if time.monotonic() > ends_at:
            raise Late(f"no {what} within {limit_s:g} s; the last answer was {answer!r}")
        time.sleep(0.05)


def children_of(pid: int) -> list[int]:
    """The ids of the direct children of a process; empty if it is gone."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [int(number) for number in task.read_text().split()]
        except OSError:
            continue
    return found


def name_of_process(pid: int) -> str:
    """The kernel's short name of a process; empty if it is gone."""
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def resident_mb(pid: int) -> float:
    """Resident memory now, in MB of 1024 x 1024 bytes; 0 if the process is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:")), 0.0)


def process_ended(pid: int, limit_s: float) -> bool:
    """Waits until a process of this user is gone (it need not be a child). False when the limit is reached."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        import select

        return bool(select.select([handle], [], [], limit_s)[0])
    finally:
        os.close(handle)


class Child:
    """A process and the lines that it printed (stdout and stderr, in the order in which they came)."""

    def __init__(
        self, command: Sequence[str | Path], env: Mapping[str, str], cwd: Path | None = None, name: str = ""
    ) -> None:
        self.name = name or Path(command[0]).name
        self.started_at = time.monotonic()
        self._lines: list[str] = []
        self._news: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self.process = subprocess.Popen(
            [str(word) for word in command], env=dict(env), cwd=cwd, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
        )  # fmt: skip
        self._reader = threading.Thread(target=self._read, name=f"lines of {self.name}", daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def lines(self) -> tuple[str, ...]:
        """Everything printed so far."""
        return tuple(self._lines)

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout:
            for line in self.process.stdout:
                self._lines.append(line.rstrip("\n"))
                self._news.put(line.rstrip("\n"))
        self._news.put(None)

    def wait_line(self, wanted: Callable[[str], bool], limit_s: float, what: str) -> str:
        """The first line that has not been waited for yet and is `wanted`. Raises `Late`."""
        until = time.monotonic() + limit_s
        while True:
            try:
                line = self._news.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                raise Late(f"{self.name}: no {what} within {limit_s} s; it printed:\n{self.tail()}") from None
            if line is None:
                raise Late(f"{self.name} ended without {what}; it printed:\n{self.tail()}")
            if wanted(line):
                return line

    def tail(self, count: int = 30) -> str:
        """The last lines, for messages."""
        return "\n".join(f"  | {line}" for line in self._lines[-count:])

    def running(self) -> bool:
        return self.process.poll() is None

    def signal(self, number: signal.Signals) -> None:
        if self.running():
            self.process.send_signal(number)

    def wait(self, limit_s: float) -> int:
        """The exit status; raises `Late`."""
        try:
            return self.process.wait(limit_s)
        except subprocess.TimeoutExpired:
            raise Late(f"{self.name} did not end within {limit_s} s; it printed:\n{self.tail()}") from None

    def stop(self, limit_s: float = 10.0) -> int:
        """Ends the process, if it still runs, and returns its status."""
        self.signal(signal.SIGTERM)
        try:
            self.process.wait(limit_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._reader.join(limit_s)
        return self.process.returncode
