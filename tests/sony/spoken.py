"""A transport that answers whole transactions by a script, and keeps what it was asked."""

from __future__ import annotations

from collections import defaultdict, deque

from indi_sony_py.clock import Deadline
from indi_sony_py.ptp.codes import Response
from indi_sony_py.transport.base import Event, Progress, Reply, Request

__all__ = ["Spoken"]


class Spoken:
    """`say(operation, …)` adds answers, taken in turn; the last one stays. An exception as an answer is raised."""

    def __init__(self) -> None:
        self.answers: dict[int, deque[Reply | Exception]] = defaultdict(deque)
        self.asked: list[Request] = []
        self.events: deque[Event] = deque()
        self.resets = 0
        self.closed = False

    def say(self, operation: int, *answers: bytes | int | Exception) -> None:
        """Bytes are data with an OK, a number is a response without data."""
        for answer in answers:
            match answer:
                case Exception():
                    self.answers[operation].append(answer)
                case int():
                    self.answers[operation].append(Reply(answer))
                case _:
                    self.answers[operation].append(Reply(Response.OK, (), answer))

    def transact(self, request: Request, deadline: Deadline, progress: Progress | None = None) -> Reply:
        self.asked.append(request)
        answers = self.answers[request.operation]
        if not answers:
            return Reply(Response.OK)
        answer = answers.popleft() if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        if progress is not None:
            progress(len(answer.data or b""))
        return answer

    def next_event(self, deadline: Deadline) -> Event | None:
        return self.events.popleft() if self.events else None

    def reset(self, deadline: Deadline) -> None:
        self.resets += 1

    def close(self) -> None:
        self.closed = True

    def parameters(self, operation: int) -> list[tuple[int, ...]]:
        return [r.params for r in self.asked if r.operation == operation]
