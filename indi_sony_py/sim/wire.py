"""The bytes of an answer on their way to the host, and how faults spoil them. Pure.

A data phase is one transfer (header and payload together); one that fills its last packet ends with a zero-length
packet (PTP over USB). The response is a transfer of its own.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from indi_sony_py.ptp.codes import ContainerType, Response
from indi_sony_py.ptp.container import Container, encode, encode_data_header
from indi_sony_py.sim.faults import Fault
from indi_sony_py.sim.transaction import Answer, Command

__all__ = ["Transfer", "first_after", "payload_of", "transfers_of"]

_CHUNK = 64 * 1024


class Transfer:
    """One transfer: `ready` is when its first byte may be read, `done` is called when its last one was."""

    __slots__ = ("_head", "_payload", "break_at", "done", "ready", "sent", "stall", "total", "zlp")

    def __init__(self, head: bytes = b"", payload: bytes | memoryview = b"") -> None:
        self._head = head
        self._payload = memoryview(payload)
        self.total = len(head) + len(payload)
        self.ready = 0.0
        self.sent = 0
        self.zlp = False
        self.stall = False
        self.break_at: int | None = None
        self.done: Callable[[], None] | None = None

    def next_bytes(self, now: float, bytes_per_s: float | None) -> float:
        """When the next piece of it can be read, as far as is known at `now`; `bytes_per_s` None: all at once."""
        if now < self.ready or bytes_per_s is None:
            return self.ready
        goal = min(self.sent + _CHUNK, self.total)
        return self.ready + (goal - 0.5) / bytes_per_s

    def take(self, count: int) -> bytes:
        """The next `count` bytes."""
        start, head = self.sent, len(self._head)
        self.sent += count
        if start >= head:
            return bytes(self._payload[start - head : start - head + count])
        return self._head[start : start + count] + bytes(self._payload[: max(0, start + count - head)])


def first_after(
    since: float,
    planned: float | None,
    queue: Sequence[Transfer],
    events: Sequence[tuple[float, bytes]],
    bytes_per_s: float | None,
) -> float | None:
    """The first time after `since` at which a camera does something by itself: what is planned, bytes, or an event."""
    times = [planned]
    if queue:
        times.append(queue[0].next_bytes(since, bytes_per_s))
    if events:
        times.append(events[0][0])
    ahead = [t for t in times if t is not None and t > since]
    return min(ahead, default=None)


def payload_of(answer: Answer) -> tuple[memoryview, int]:
    """The payload of an answer with data, as its faults spoil it on every wire, and the length that it claims."""
    assert answer.data is not None
    payload, claimed = memoryview(answer.data), len(answer.data)
    for fault in answer.faults:
        match fault.kind:
            case "short-data":
                payload = payload[: max(0, len(payload) - fault["cut"])]
                claimed = len(payload)
            case "wrong-length":
                claimed += fault["by"]
            case "damaged-data":
                spoilt = bytearray(payload)
                first, count = fault["offset"], fault["bytes"]
                spoilt[first : first + count] = b"\xff" * len(spoilt[first : first + count])
                payload = memoryview(bytes(spoilt))
    return payload, claimed


def _response(code: int, transaction: int, params: tuple[int, ...] = ()) -> Transfer:
    return Transfer(encode(Container(ContainerType.RESPONSE, code, transaction, params)))


def _data(command: Command, answer: Answer) -> list[Transfer]:
    payload, claimed = payload_of(answer)
    alone = any(fault.kind == "header-alone" for fault in answer.faults)
    head = encode_data_header(command.operation, command.transaction, claimed)
    made = [Transfer(head), Transfer(b"", payload)] if alone else [Transfer(head, payload)]
    made[-1].done = answer.sent
    return made


def transfers_of(command: Command, answer: Answer, packet: int, before: int = 0) -> list[Transfer]:
    """What goes over the bulk endpoint, in order. `before`: so many answers went before, over the camera's life."""
    made = [] if answer.data is None else _data(command, answer)
    for transfer in made:
        transfer.zlp = transfer.total > 0 and transfer.total % packet == 0
    made.append(_response(answer.code, command.transaction, answer.params))
    for fault in answer.faults:
        match fault.kind:
            case "zlp-before-data":
                made.insert(0, Transfer())
            case "zlp-before-response":
                made.insert(len(made) - 1, Transfer())
            case "stale-answer":
                old = max(0, command.transaction - 7)
                made.insert(0, _response(Response.OK, old))
                made.insert(0, Transfer(encode_data_header(command.operation, old, 8), bytes(8)))
            case "noise":
                made = [_noisy(one, fault, before, number) for number, one in enumerate(made)]
            case "unplug" if fault["after_bytes"] >= 0:
                made[0].break_at = fault["after_bytes"]
    return made


def _noisy(whole: Transfer, fault: Fault, before: int, number: int) -> Transfer:
    """A container as noise on the cable leaves it: some bits turned over, or its end missing."""
    chance = random.Random(fault["seed"] * 1_000_003 + before * 101 + number)
    if chance.random() >= fault["share"] or not whole.total:
        return whole
    spoilt = bytearray(whole.take(whole.total))
    if chance.random() < 0.5:
        del spoilt[chance.randrange(len(spoilt)) :]
    else:
        for _ in range(chance.randint(1, 8)):
            # Half of the time near the head, where lengths and codes are.
            reach = len(spoilt) if chance.random() < 0.5 else min(len(spoilt), 64)
            spoilt[chance.randrange(reach)] ^= 1 << chance.randrange(8)
    made = Transfer(bytes(spoilt))
    made.zlp, made.done = whole.zlp and len(spoilt) == whole.total, whole.done
    return made
