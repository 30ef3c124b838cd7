"""Frames on their way to the server: one BLOB at a time, and the word to the hand when it has arrived.

- A frame counts as delivered when the server acknowledged it, or 5 s after its last byte was written (older servers
  know no ping; after the first one that stayed without an answer, the last byte counts).
- After the output was closed nothing is delivered any more: without that word the hand puts its frames on disk.
- A frame whose exposure was aborted or replaced before its turn came is taken back, and goes to disk.
- A frame of live view is `passing`: nothing waits for it, and nobody is owed it.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from indi_sony_py.clock import Clock
from indi_sony_py.driver.events import LinkLike
from indi_sony_py.indi.blobs import PING_LIMIT_S, BlobFlow, BlobItem, Way, blob
from indi_sony_py.indi.messages import BlobWritten
from indi_sony_py.indi.vectors import Vector

__all__ = ["Delivery", "Payload", "Recipient", "Upload"]

_log = logging.getLogger(__name__)


class Payload(Protocol):
    """What came from the hand."""

    @property
    def format(self) -> str:
        """The suffix with its dot."""


F = TypeVar("F", bound=Payload)


class Recipient(Protocol[F]):
    """Whose frame it is."""

    def blob_vector(self) -> Vector:
        """The one whose first element it is, in the state in which it is to be told."""

    def frame_left(self, delivery: Delivery[F]) -> None:
        """The element was handed to the writer."""

    def frame_arrived(self, delivery: Delivery[F]) -> None:
        """The server has it."""


@dataclass(slots=True, eq=False)
class Delivery(Generic[F]):
    """A frame between the hand and the server. The descriptor belongs to it."""

    token: int
    recipient: Recipient[F]
    link: LinkLike
    frame: F
    fd: int
    passing: bool = False
    written_at: float | None = None
    fd_open: bool = True

    def close(self) -> None:
        if self.fd_open:
            self.fd_open = False
            os.close(self.fd)


class Upload:
    """Of the whole process: the server acknowledges to the process. `out` hands an element to the writer."""

    def __init__(self, clock: Clock, way: Way, out: Callable[[BlobItem], None]) -> None:
        self._clock = clock
        self._way = way
        self._out = out
        self._flow = BlobFlow()
        self._deliveries: dict[int, Delivery[Any]] = {}
        self._count = 0
        self._answers = 0
        self._missed = False
        self.closed = False

    def offer(self, recipient: Recipient[F], link: LinkLike, frame: F, fd: int, passing: bool = False) -> Delivery[F]:
        """Take a frame over; its turn comes with a `step`."""
        self._count += 1
        delivery = Delivery(self._count, recipient, link, frame, fd, passing)
        self._deliveries[delivery.token] = delivery
        self._flow.offer(delivery.token, lambda uid: self._make(delivery, uid))
        return delivery

    def withdraw(self, recipient: Recipient[F], link: LinkLike) -> list[Delivery[F]]:
        """Take back what came over this link and has not left yet."""
        taken = [
            d for d in self._deliveries.values()
            if d.recipient is recipient and d.link is link and self._flow.withdraw(d.token)
        ]  # fmt: skip
        for delivery in taken:
            del self._deliveries[delivery.token]
            delivery.close()
        return taken

    def written(self, event: BlobWritten) -> None:
        now = self._clock.monotonic()
        self._flow.written(event, now)
        delivery = self._deliveries.get(event.token)
        if delivery is None:
            return
        delivery.written_at = now
        delivery.close()
        if self._missed and not self._answers:
            self._flow.unanswered(event.token)
            self._arrived(event.token)

    def replied(self, uid: str) -> None:
        acknowledged = self._flow.replied(uid)
        self._answers += 1
        if acknowledged is not None:
            self._arrived(acknowledged.token)

    def step(self, now: float) -> None:
        for delivery in list(self._deliveries.values()):
            if delivery.written_at is not None and now >= delivery.written_at + PING_LIMIT_S:
                self._missed = True
                self._arrived(delivery.token)
        item = self._flow.due(now)
        if item is not None:
            delivery = self._deliveries[item.token]
            self._out(item)
            delivery.recipient.frame_left(delivery)

    def wake_at(self) -> float | None:
        limits = [d.written_at + PING_LIMIT_S for d in self._deliveries.values() if d.written_at is not None]
        flow = self._flow.wake_at()
        return min((*limits, *(() if flow is None else (flow,))), default=None)

    @property
    def idle(self) -> bool:
        """Whether nobody is owed a frame."""
        return all(delivery.passing for delivery in self._deliveries.values())

    def close(self) -> None:
        """Let go of all descriptors."""
        for delivery in self._deliveries.values():
            delivery.close()
        self._deliveries.clear()

    def _make(self, delivery: Delivery[Any], uid: str) -> BlobItem:
        frame = delivery.frame
        vector = delivery.recipient.blob_vector()
        return blob(
            vector, vector.definition.elements[0].name, delivery.fd, frame.format, self._way, uid, delivery.token
        )

    def _arrived(self, token: int) -> None:
        delivery = self._deliveries.pop(token, None)
        if delivery is None:
            return
        delivery.close()
        if self.closed:
            _log.warning("not delivered, for nobody reads any more: %s", delivery.frame)
            return
        delivery.recipient.frame_arrived(delivery)
