"""Live view through the hand: the newest frame wins, one at a time, and nothing else waits for it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indi_sony_py.engine.messages import LiveFrame, LiveState, LiveView, LiveViewStatus
from indi_sony_py.hand.liveframes import LiveFrames
from indi_sony_py.hand.messages import FrameReady, LiveFrameReady, LiveFrameTaken, Message, StreamForm
from tests.hand.handrig import Face, Rig


class Sent:
    """A door; what went through it, read at once."""

    def __init__(self) -> None:
        self.open = True
        self.got: list[tuple[LiveFrameReady, bytes]] = []

    def __call__(self, message: Message, fd: int | None = None) -> bool:
        if self.open:
            assert isinstance(message, LiveFrameReady) and fd is not None
            self.got.append((message, os.pread(fd, message.length, 0)))
        return self.open


def a_frame(number: int) -> LiveFrame:
    return LiveFrame(number, b"jpeg %d" % number, 1024, 680, number / 30)


def wanted(door: Sent) -> LiveFrames:
    """Every frame, as it is."""
    live = LiveFrames(door, lambda job: None, lambda frame: None, lambda text: None)
    live.shape(StreamForm(wanted=True, most_per_s=120))
    return live


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


def test_the_newest_goes_when_the_one_before_was_taken() -> None:
    door = Sent()
    live = wanted(door)
    before = descriptors()
    for number in range(1, 6):
        live.came(a_frame(number))
    live.taken(1)
    live.taken(5)
    live.taken(5)
    live.came(a_frame(6))
    assert [(ready.number, ready.skipped, data) for ready, data in door.got] == [
        (1, 0, b"jpeg 1"), (5, 3, b"jpeg 5"), (6, 0, b"jpeg 6"),
    ]  # fmt: skip
    assert descriptors() == before


def test_what_waits_at_the_end_of_live_view_is_not_shown_after_it() -> None:
    door = Sent()
    live = wanted(door)
    live.came(a_frame(1))
    live.came(a_frame(2))
    live.status(LiveViewStatus(LiveState.PAUSED))
    live.taken(1)
    assert [ready.number for ready, _ in door.got] == [1]


def test_without_a_face_nothing_is_kept_on_its_way() -> None:
    door = Sent()
    door.open = False
    live = wanted(door)
    live.came(a_frame(1))
    door.open = True
    live.came(a_frame(2))
    live.forget()
    live.came(a_frame(3))
    assert [ready.number for ready, _ in door.got] == [2]
    live.shape(StreamForm(wanted=True, most_per_s=120))
    live.came(a_frame(3))
    assert [ready.number for ready, _ in door.got] == [2, 3]


def test_no_memory_costs_that_frame_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    door = Sent()
    live = wanted(door)

    def none_left(name: str, flags: int) -> int:
        raise OSError(24, "Too many open files")

    with monkeypatch.context() as patched:
        patched.setattr(os, "memfd_create", none_left)
        live.came(a_frame(1))
    live.came(a_frame(2))
    assert [ready.number for ready, _ in door.got] == [2]


@given(st.lists(st.sampled_from(["came", "taken", "old"]), max_size=60))
def test_in_any_order_numbers_grow_and_one_is_on_its_way(acts: list[str]) -> None:
    door = Sent()
    live = wanted(door)
    number, done = 0, 0
    for act in acts:
        if act == "came":
            number += 1
            live.came(a_frame(number))
        elif act == "taken" and len(door.got) > done:
            done = len(door.got)
            live.taken(door.got[-1][0].number)
        else:
            live.taken(0)
        assert len(door.got) - done <= 1
    numbers = [ready.number for ready, _ in door.got]
    assert numbers == sorted(set(numbers))
    assert sum(1 + ready.skipped for ready, _ in door.got) <= number


# --- with the whole hand ----------------------------------------------------------------------------------------------


def begin(rig: Rig) -> Face:
    face = rig.ready()
    face.end.send(StreamForm(wanted=True, most_per_s=120))
    face.end.send(LiveView(True))
    rig.until(lambda: bool(face.all(LiveFrameReady)))
    return face


def take(rig: Rig, face: Face, count: int) -> None:
    """Take so many frames, each as soon as it is there."""
    for _ in range(count):
        seen = len(face.all(LiveFrameReady))
        face.end.send(LiveFrameTaken(face.last(LiveFrameReady).number))
        rig.until(lambda seen=seen: len(face.all(LiveFrameReady)) > seen)  # type: ignore[misc]


def test_a_face_that_keeps_up_gets_each_frame(rig: Rig) -> None:
    face = begin(rig)
    take(rig, face, 50)
    frames = face.all(LiveFrameReady)
    assert [frame.number for frame in frames] == list(range(1, 52))
    assert not any(frame.skipped for frame in frames)
    assert not rig.referee.broken


def test_a_slow_face_gets_a_new_frame_and_holds_up_no_photo(rig: Rig, tmp_path: Path) -> None:
    face = begin(rig)
    rig.expose(2.0)
    rig.until(lambda: bool(face.all(FrameReady)))
    assert len(face.all(LiveFrameReady)) == 1
    rig.until(lambda: face.last(LiveViewStatus).state is LiveState.ON)
    asked_at = rig.clock.monotonic()
    take(rig, face, 2)
    assert face.last(LiveFrameReady).at >= asked_at - 1.0
    assert [status.state for status in face.all(LiveViewStatus)] == [
        LiveState.STARTING, LiveState.ON, LiveState.PAUSED, LiveState.ON,
    ]  # fmt: skip
    assert not rig.referee.broken


def test_a_face_that_goes_ends_it_and_the_next_one_begins_without(rig: Rig) -> None:
    face = begin(rig)
    face.end.close()
    rig.step()
    other = rig.attach() if rig.hand is not None else rig.ready()
    end = rig.clock.monotonic() + 5
    rig.until(lambda: rig.clock.monotonic() >= end or rig.hand is None, 10)
    assert not other.all(LiveFrameReady)
    assert not rig.referee.broken
