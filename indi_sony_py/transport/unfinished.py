"""A transaction that its deadline cut short: what is done with it before the next one begins. Pure.

- Its answer is read away, for as long as the next request can be kept waiting: a button hardly, since an answer that
  comes after it is still told apart by its id.
- A GetObject is taken up instead, when the same object is asked for again: the camera gives an object only once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from indi_sony_py.clock import Deadline
from indi_sony_py.errors import CameraSilent
from indi_sony_py.ptp.codes import Operation, Response
from indi_sony_py.ptp.transaction import Reply, Request
from indi_sony_py.transport.base import Progress

__all__ = ["Unfinished", "kept_object"]

_FINISH_S = 2.0
_FINISH_BEFORE_BUTTON_S = 0.1
_BUTTON = 0x9207
_log = logging.getLogger(__name__)


def kept_object(request: Request, whole: bytearray | memoryview | None) -> Reply | None:
    """The answer to a GetObject whose data are `whole`, though no response came: the camera forgot it by then."""
    if whole is None or request.operation != Operation.GET_OBJECT:
        return None
    _log.warning("an object of %d bytes came whole, but no response after it", len(whole))
    return Reply(Response.OK, (), whole)


class _Exchange(Protocol):
    request: Request


_X = TypeVar("_X", bound=_Exchange)


class Unfinished(Generic[_X]):
    """Keeps one exchange. `read` reads its answer to the end; `unanswered` tidies up after one that never came."""

    def __init__(
        self, read: Callable[[_X, Deadline, Progress | None], Reply], unanswered: Callable[[_X], None]
    ) -> None:
        self._read = read
        self._unanswered = unanswered
        self._old: _X | None = None

    def keep(self, exchange: _X) -> None:
        """It went out, and its deadline passed."""
        self._old = exchange

    def forget(self) -> None:
        """Its answer cannot come any more."""
        self._old = None

    def goes_on(self, request: Request) -> bool:
        """Whether the request asks again for the object whose download was cut short."""
        return self._old is not None and request == self._old.request and request.operation == Operation.GET_OBJECT

    def finish(self, request: Request, deadline: Deadline, progress: Progress | None) -> Reply | None:
        """Finish what there is, if there is any. A reply comes back only when `request` goes on with it.

        Raises `CameraSilent` when that took all the time there was, and what `read` raises; what is kept then is kept
        only after `CameraSilent`.
        """
        same = self.goes_on(request)
        old, self._old = self._old, None
        if old is None:
            return None
        patience = _FINISH_BEFORE_BUTTON_S if request.operation == _BUTTON else _FINISH_S
        try:
            reply = self._read(old, deadline if same else deadline.within(patience), progress if same else None)
        except CameraSilent:
            if same or deadline.expired:
                self._old = old
                raise
            _log.warning("operation 0x%04X was never answered", old.request.operation)
            self._unanswered(old)
            return None
        if same:
            return reply
        if old.request.operation == Operation.GET_OBJECT and reply.data:
            _log.error("an object of %d bytes came too late and was read away", len(reply.data))
        return None
