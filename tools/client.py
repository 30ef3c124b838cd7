"""An INDI client for demonstrations and tests, on libindi's client library. Talks to a server, has threads.

Rules kept here:

- What the library reports is put into one queue, in order; everything else happens in the caller's thread.
- Values are copied when they are reported: a property that changes later does not change what was seen.
- Every wait has a limit.
"""

from __future__ import annotations

import os
import queue
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

import PyIndi

from tools.processes import Late

__all__ = ["Client", "Event", "What"]


class What(Enum):
    """What happened."""

    DEFINED = "defined"
    CHANGED = "changed"
    DELETED = "deleted"
    BLOB = "blob"
    MESSAGE = "message"
    GONE = "server gone"


@dataclass(frozen=True, slots=True)
class Event:
    """One report. `values` holds numbers, texts or booleans (switches) by element; `at` is monotonic seconds.

    `data`: a frame; only the caller who gets the report holds it, for a night has more frames than memory.
    """

    what: What
    at: float
    device: str = ""
    name: str = ""
    state: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    text: str = ""
    data: bytearray = field(default_factory=bytearray, repr=False, compare=False)


def _values(reported: Any) -> dict[str, Any]:
    kind = reported.getType()
    if kind == PyIndi.INDI_NUMBER:
        return {e.getName(): e.getValue() for e in PyIndi.PropertyNumber(reported)}
    if kind == PyIndi.INDI_TEXT:
        return {e.getName(): e.getText() for e in PyIndi.PropertyText(reported)}
    if kind == PyIndi.INDI_SWITCH:
        return {e.getName(): e.getState() == PyIndi.ISS_ON for e in PyIndi.PropertySwitch(reported)}
    if kind == PyIndi.INDI_LIGHT:
        return {e.getName(): e.getStateAsString() for e in PyIndi.PropertyLight(reported)}
    return {}


class _Library(PyIndi.BaseClient):  # type: ignore[misc]
    """The library's callbacks; they come in its own thread."""

    def __init__(self, put: Callable[[Event], None]) -> None:
        super().__init__()
        self._put = put

    def _report(self, what: What, reported: Any) -> None:
        self._put(
            Event(
                what, time.monotonic(), reported.getDeviceName(), reported.getName(),
                reported.getStateAsString(), _values(reported),
            )
        )  # fmt: skip

    def newProperty(self, reported: Any) -> None:
        self._report(What.DEFINED, reported)

    def removeProperty(self, reported: Any) -> None:
        self._put(Event(What.DELETED, time.monotonic(), reported.getDeviceName(), reported.getName()))

    def updateProperty(self, reported: Any) -> None:
        if reported.getType() != PyIndi.INDI_BLOB:
            self._report(What.CHANGED, reported)
            return
        for element in PyIndi.PropertyBlob(reported):
            self._put(
                Event(
                    What.BLOB, time.monotonic(), reported.getDeviceName(), reported.getName(),
                    reported.getStateAsString(), {"size": element.getSize()}, element.getFormat(),
                    element.getblobdata(),
                )
            )  # fmt: skip

    def newMessage(self, device: Any, number: int) -> None:
        self._put(Event(What.MESSAGE, time.monotonic(), device.getDeviceName(), text=device.messageQueue(number)))

    def serverDisconnected(self, code: int) -> None:
        self._put(Event(What.GONE, time.monotonic(), text=str(code)))


_LAST_CALL_S = 3.0
_stuck: list[_Library] = []
"""Those whose thread did not end: kept for ever."""


def _threads_now() -> set[str]:
    return set(os.listdir("/proc/self/task"))


@contextmanager
def _library_is_silent() -> Iterator[None]:
    """The library prints to stderr while it connects."""
    sys.stderr.flush()
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


class Client:
    """A client of one server, watching one device. Use as a context manager."""

    def __init__(self, port: int, device: str = "Sony Alpha", host: str = "127.0.0.1") -> None:
        # This queue of C code makes no Python thread object for the library's thread.
        self._queue: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._library = _Library(self._queue.put)
        self._library.setServer(host, port)
        self._threads: set[str] = set()
        self.device = device
        self.seen: list[Event] = []
        self.latest: dict[tuple[str, str], Event] = {}

    def __enter__(self) -> Client:
        before = _threads_now()
        with _library_is_silent():
            connected = self._library.connectServer()
        if not connected:
            raise Late("no INDI server answers")
        self._threads = _threads_now() - before
        return self

    def __exit__(self, *_: object) -> None:
        self._library.disconnectServer()
        # Its thread makes one more call, and must not be the one that drops the object: that waits for the thread, and
        # a thread that waits for itself ends the whole process.
        until = time.monotonic() + _LAST_CALL_S
        while self._threads & _threads_now() and time.monotonic() < until:
            self.next(0.01)
        if self._threads & _threads_now():
            _stuck.append(self._library)
        del self._library

    @property
    def messages(self) -> list[str]:
        """What the driver said to the user, in order."""
        return [event.text for event in self.seen if event.what is What.MESSAGE]

    def next(self, limit_s: float) -> Event | None:
        """The next report; None when the limit is reached."""
        try:
            event = self._queue.get(timeout=max(0.0, limit_s))
        except queue.Empty:
            return None
        self.seen.append(replace(event, data=bytearray()) if event.data else event)
        if event.what in (What.DEFINED, What.CHANGED):
            self.latest[event.device, event.name] = event
        elif event.what is What.DELETED:
            self.latest.pop((event.device, event.name), None)
        return event

    def wait(self, wanted: Callable[[Event], bool], limit_s: float, what: str) -> Event:
        """The next report that is `wanted`; those before it are kept in `seen`. Raises `Late`."""
        until = time.monotonic() + limit_s
        first = len(self.seen)
        while (left := until - time.monotonic()) > 0:
            event = self.next(left)
            if event is not None and wanted(event):
                return event
        told = "\n".join(f"  | {event}" for event in self.seen[first:][-30:])
        raise Late(f"no {what} within {limit_s} s; the server said:\n{told}")

    def is_defined(self, name: str) -> bool:
        return (self.device, name) in self.latest

    def defined(self, name: str, limit_s: float = 10.0) -> Event:
        """The property as it was last reported; waits for it if it was not defined yet."""
        if not self.is_defined(name):
            self.wait(lambda e: e.device == self.device and e.name == name, limit_s, f"property {name}")
        return self.latest[self.device, name]

    def wait_state(self, name: str, states: str | tuple[str, ...], limit_s: float) -> Event:
        """The next report of `name` in one of `states` ("Idle", "Ok", "Busy", "Alert")."""
        wanted = (states,) if isinstance(states, str) else states

        def is_it(event: Event) -> bool:
            return (
                event.what is What.CHANGED
                and event.device == self.device
                and event.name == name
                and event.state in wanted
            )

        return self.wait(is_it, limit_s, f"{name} {' or '.join(wanted)}")

    def blob(self, limit_s: float) -> Event:
        """The next frame of this device."""
        return self.wait(
            lambda e: e.what is What.BLOB and e.device == self.device and e.values["size"] > 0, limit_s, "BLOB"
        )

    def receive_blobs(self) -> None:
        """Asks the server for frames beside everything else."""
        self._library.setBLOBMode(PyIndi.B_ALSO, self.device, None)

    def _filled(self, vector: Any, name: str, values: Mapping[str, Any], put: Callable[[Any, Any], None]) -> Any:
        """A vector of our own: the library writes what it hears into its own one, also while that is being sent."""
        vector.setDeviceName(self.device)
        vector.setName(name)
        for element, (label, value) in zip(vector, values.items(), strict=True):
            element.setName(label)
            put(element, value)
        return vector

    def set_number(self, name: str, **values: float) -> None:
        sent = self._merged(name, values)
        vector = PyIndi.PropertyNumber(len(sent))
        self._library.sendNewNumber(self._filled(vector, name, sent, lambda e, v: e.setValue(float(v))))

    def set_text(self, name: str, **values: str) -> None:
        sent = self._merged(name, values)
        vector = PyIndi.PropertyText(len(sent))
        self._library.sendNewText(self._filled(vector, name, sent, lambda e, v: e.setText(v or "")))

    def set_switch(self, name: str, element_on: str) -> None:
        """Turns one switch on and the others of its vector off."""
        sent = {element: element == element_on for element in self.defined(name).values}
        vector = PyIndi.PropertySwitch(len(sent))
        states = {True: PyIndi.ISS_ON, False: PyIndi.ISS_OFF}
        self._library.sendNewSwitch(self._filled(vector, name, sent, lambda e, v: e.setState(states[v])))

    def _merged(self, name: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """All elements as last reported, with those of `values` in place; unknown ones are left out."""
        reported = self.defined(name).values
        return {element: values.get(element, reported[element]) for element in reported}

    def expose(self, seconds: float) -> None:
        self.set_number("CCD_EXPOSURE", CCD_EXPOSURE_VALUE=seconds)
