"""The threads of the hand: one that cannot be started is told of like one that failed."""

from __future__ import annotations

from collections.abc import Callable

from indi_sony_py.hand.crew import Crew, ThreadEnded


def test_a_thread_that_is_not_to_be_had_ends_at_once_and_is_tried_again() -> None:
    scarce, done = [True], []

    def spawn(name: str, body: Callable[[], None]) -> None:
        if scarce[0]:
            raise RuntimeError("can't start new thread")
        body()

    crew: Crew[int] = Crew(spawn, lambda: None)
    crew.start("disk", lambda: done.append(1))
    assert crew.take() == ThreadEnded("disk", "can't start new thread")
    assert not crew.running and not done
    scarce[0] = False
    crew.start("disk", lambda: done.append(1))
    assert done and crew.take() == ThreadEnded("disk")
