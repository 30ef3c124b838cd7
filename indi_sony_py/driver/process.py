"""Does I/O (threads, signals, standard input and output): the main loop of the face.

- One inbox; reader, writer, links and helpers post into it, and one loop takes events and ticks.
- The first getProperties is answered with what `choices` knows; only then all the rest is imported.
- The end of the input, SIGTERM and SIGINT all mean the same: end the pairs, write what is queued, leave within
  `LEAVE_S`. The hands finish by themselves.
- Bounded: with `MAX_EVENTS` in the inbox, or `MAX_ELEMENTS` on their way to a server that does not read, no more is
  read; a client that floods slows itself down.
- A fault in a handler is logged and told, and the loop goes on: a driver that is gone serves nobody.
"""

from __future__ import annotations

import logging
import os
import queue
import signal
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from indi_sony_py import texts
from indi_sony_py.clock import Clock, Deadline, SystemClock
from indi_sony_py.driver.choices import Choices, first_name
from indi_sony_py.driver.logs import Logs
from indi_sony_py.hand.places import Places
from indi_sony_py.indi.blobs import Way, choose_way
from indi_sony_py.indi.messages import EndOfInput, GetProperties
from indi_sony_py.indi.process import Reader, Writer

if TYPE_CHECKING:
    from indi_sony_py.driver.events import Event
    from indi_sony_py.driver.face import Face

__all__ = ["LEAVE_S", "MAX_ELEMENTS", "MAX_EVENTS", "run"]

LEAVE_S = 1.5
MAX_EVENTS = 64
MAX_ELEMENTS = 1000
"""An answer to getProperties has some 40."""
_MAX_FAULTS = 100
_log = logging.getLogger(__name__)


def run(
    environment: Mapping[str, str] | None = None, clock: Clock | None = None, ends: tuple[int, int] = (0, 1)
) -> int:
    """Serve until the server is gone or somebody wants the end. `ends`: input and output. The exit status."""
    environment = os.environ if environment is None else environment
    clock = clock or SystemClock()
    inbox: queue.SimpleQueue[Event] = queue.SimpleQueue()
    places = Places.of(environment)
    logs = Logs(inbox.put, places.state)
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda n, _: inbox.put(EndOfInput(signal.Signals(n).name)))
    writer = Writer(inbox.put, ends[1])

    def full(ended: bool) -> bool:
        return inbox.qsize() > MAX_EVENTS or (writer.waiting > MAX_ELEMENTS and not ended)

    reader = Reader(inbox.put, ends[0], full=full)
    writer.start()
    reader.start()
    first = Choices(first_name(environment), True, environment, clock.utc, writer.put)
    event = inbox.get()
    if isinstance(event, GetProperties):
        first.introduce()
        logs.apply(first.board)
    from indi_sony_py.driver.hotplug import Hotplug

    hotplug = Hotplug(inbox.put, environment.get("INDI_SONY_BUS", ""))
    heard = hotplug.start()
    face = _face(clock, inbox, writer, environment, places, logs, first, choose_way(ends[1]), heard)
    try:
        _loop(face, inbox, clock, None if first.introduced else event)
    finally:
        face.stop("a fault")
        hotplug.stop()
        reader.stop()
        writer.stop(Deadline.after(clock, LEAVE_S))
        logs.close()
    return 0


def _face(
    clock: Clock, inbox: queue.SimpleQueue[Event], writer: Writer, environment: Mapping[str, str], places: Places,
    logs: Logs, first: Choices, way: Way, heard: bool,
) -> Face:  # fmt: skip
    """All the rest. `heard`: what is plugged in is heard of."""
    from indi_sony_py.driver.face import LOOK_S, LOOK_UNHEARD_S, Face
    from indi_sony_py.driver.link import Threads
    from indi_sony_py.hand.journal import Journal

    outside = Threads(inbox.put, clock)
    look_s = LOOK_S if heard else LOOK_UNHEARD_S
    return Face(clock, writer.put, outside, way, environment, Journal(*places.journals), logs.apply, first, look_s)


def _loop(face: Face, inbox: queue.SimpleQueue[Event], clock: Clock, first: Event | None) -> None:
    """Until the face has stopped. `first`: an event that came already; None: it was answered."""
    faults = 0
    event = first
    begun = first is not None
    while True:
        try:
            if not begun:
                begun = True
                face.begin()
            if event is not None:
                face.handle(event)
            face.tick()
        except Exception as error:
            faults += 1
            _log.exception("a fault of the driver at %s", type(event).__name__)
            if faults > _MAX_FAULTS:
                raise
            face.first.board.notice(texts.driver.FAULT, detail=f"{type(error).__name__}: {error}")
        if face.stopped:
            return
        wake = face.wake_at()
        event = None
        with suppress(queue.Empty):
            event = inbox.get(timeout=None if wake is None else max(0.0, wake - clock.monotonic()))
