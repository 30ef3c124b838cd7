"""The threads of the hand, and the one inbox that they report into.

Rules kept here:

- A thread's body is started when there is work for it, once, and its end is a message like any other.
- Without `spawn` nothing is started: a test's scheduler calls the bodies' own `step`.
"""

from __future__ import annotations

import logging
import queue
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from indi_sony_py.engine.arrival import Told
from indi_sony_py.engine.messages import Request

__all__ = ["Crew", "MakeWorker", "Spawn", "ThreadEnded", "WorkerLike"]

Item = TypeVar("Item")
Spawn = Callable[[str, Callable[[], None]], None]
"""Runs a body in a thread by a name."""

_log = logging.getLogger(__name__)


class WorkerLike(Protocol):
    """What the hand needs of `engine.worker.Worker`."""

    @property
    def finished(self) -> bool: ...
    def post(self, request: Request) -> None: ...
    def step(self) -> float | None: ...
    def run(self) -> None: ...


MakeWorker = Callable[[Callable[[Told], None]], WorkerLike]


@dataclass(frozen=True, slots=True)
class ThreadEnded:
    """A thread's body returned; `error` says why it should not have, "" if it should."""

    name: str
    error: str = ""


class Crew(Generic[Item]):
    """`wake` is called after something came into the inbox, in the thread that put it there."""

    def __init__(self, spawn: Spawn | None, wake: Callable[[], None]) -> None:
        self._spawn = spawn
        self._wake = wake
        self._inbox: queue.SimpleQueue[Item | ThreadEnded] = queue.SimpleQueue()
        self._running: set[str] = set()

    @property
    def stepped(self) -> bool:
        """Whether a scheduler does the work of the threads."""
        return self._spawn is None

    @property
    def empty(self) -> bool:
        return self._inbox.empty()

    @property
    def running(self) -> frozenset[str]:
        """The threads whose end was not yet taken from the inbox."""
        return frozenset(self._running)

    def post(self, item: Item | ThreadEnded) -> None:
        """Into the inbox, from any thread."""
        self._inbox.put(item)
        self._wake()

    def take(self) -> Item | ThreadEnded | None:
        """The next item, None if there is none. Never waits."""
        try:
            item = self._inbox.get_nowait()
        except queue.Empty:
            return None
        if isinstance(item, ThreadEnded):
            self._running.discard(item.name)
        return item

    def start(self, name: str, body: Callable[[], None]) -> None:
        """Run `body` in a thread, unless the one of that name still runs. Where none is to be had it ends at once."""
        if self._spawn is None or name in self._running:
            return

        def guarded() -> None:
            error = ""
            try:
                body()
            except BaseException as fault:
                _log.critical("the %s failed", name, exc_info=True)
                error = ": ".join(filter(None, (type(fault).__name__, str(fault))))
            self.post(ThreadEnded(name, error))

        self._running.add(name)
        try:
            self._spawn(name, guarded)
        except RuntimeError as fault:
            # The system gives no thread away: that is how little memory shows first.
            _log.critical("the %s cannot be started: %s", name, fault)
            self.post(ThreadEnded(name, str(fault)))
