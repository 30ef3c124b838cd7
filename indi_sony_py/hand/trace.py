"""A record of what goes over the wire, for a report of a fault (does I/O: one file, appended to).

INDI_SONY_TRACE names the file; without it nothing of this is loaded. One JSON object a line:

    {"at": 1.234, "took": 0.002, "op": "0x9209", "params": [], "out": "", "code": "0x2001", "answer": [], "in": "…"}
    {"at": 1.240, "event": "0xC203", "params": [53773]}

`at` and `took` are seconds, `out` and `in` the bytes of the data phases in hex. Of an image only its `size` is kept;
what is equal to the last answer to the same question is `same`. Instead of `code` there is `error` where none came.

Rules kept here:

- A file that cannot be written, or is full (`MAX_BYTES`), costs the record, never a transaction.
- Serial numbers and names are in it as the camera sends them: `indi-sony report` removes them.
"""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path

from indi_sony_py.clock import Clock, Deadline
from indi_sony_py.ptp.codes import Operation
from indi_sony_py.transport.base import Event, Progress, Reply, Request, Transport

__all__ = ["ENVIRONMENT", "MAX_BYTES", "Traced"]

ENVIRONMENT = "INDI_SONY_TRACE"
MAX_BYTES = 32 << 20
_log = logging.getLogger(__name__)


class Traced:
    """`transport.base.Transport` that writes down what another one does. Owned by the thread that owns that one."""

    def __init__(self, way: Transport, path: Path, clock: Clock) -> None:
        self._way = way
        self._path = path
        self._clock = clock
        self._start = clock.monotonic()
        self._last: dict[tuple[int, tuple[int, ...]], bytes] = {}
        self._open = True

    def transact(self, request: Request, deadline: Deadline, progress: Progress | None = None) -> Reply:
        line: dict[str, object] = {"op": f"0x{request.operation:04X}", "params": list(request.params)}
        if request.data is not None:
            line["out"] = bytes(request.data).hex()
        before = self._clock.monotonic()
        try:
            reply = self._way.transact(request, deadline, progress)
        except Exception as error:
            self._write({**line, "error": type(error).__name__, "text": str(error)}, before)
            raise
        answer = {"code": f"0x{reply.code:04X}", "answer": list(reply.params), **self._data(request, reply)}
        self._write({**line, **answer}, before)
        return reply

    def next_event(self, deadline: Deadline) -> Event | None:
        event = self._way.next_event(deadline)
        if event is not None:
            self._write({"event": f"0x{event.code:04X}", "params": list(event.params)}, self._clock.monotonic())
        return event

    def reset(self, deadline: Deadline) -> None:
        self._write({"reset": True}, self._clock.monotonic())
        self._way.reset(deadline)

    def close(self) -> None:
        self._write({"close": True}, self._clock.monotonic())
        self._way.close()

    def _data(self, request: Request, reply: Reply) -> dict[str, object]:
        if reply.data is None:
            return {}
        if request.operation == Operation.GET_OBJECT:
            return {"size": len(reply.data)}
        data, question = bytes(reply.data), (request.operation, request.params)
        if self._last.get(question) == data:
            return {"same": True}
        self._last[question] = data
        return {"in": data.hex()}

    def _write(self, line: dict[str, object], before: float) -> None:
        if not self._open:
            return
        now = self._clock.monotonic()
        text = json.dumps({"at": round(before - self._start, 4), "took": round(now - before, 4), **line}) + "\n"
        try:
            file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            try:
                if os.fstat(file).st_size + len(text) > MAX_BYTES:
                    raise OSError(f"{self._path} is full")
                os.write(file, text.encode())
            finally:
                os.close(file)
        except OSError as error:
            self._open = False
            _log.warning("the record of the wire ends: %s", error)
