"""Recordings on the hand's desk: one that the disk is slow to finish, and the next one meanwhile."""

from __future__ import annotations

from pathlib import Path

from indi_sony_py.clock import VirtualClock
from indi_sony_py.engine.messages import LiveFrame, LiveState, LiveViewStatus, Notice
from indi_sony_py.hand.livedesk import RECORDER, LiveDesk, Outcome
from indi_sony_py.hand.messages import Message, Record, RecordReport, RecordState, StopRecord
from indi_sony_py.image.ser import decode_head
from tests.looking import SIZE, jpegs


class Rig:
    """A desk without threads. `came`: what the thread said, `sent`: what the face is told."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = VirtualClock()
        self.came: list[Outcome] = []
        self.sent: list[Message] = []
        self.desk = LiveDesk(self.clock, self.came.append, lambda name, body: None, self.send)
        self.pictures = jpegs()
        self.number = 0

    def send(self, message: Message, fd: int | None) -> bool:
        self.sent.append(message)
        return True

    def record(self, name: str) -> None:
        self.desk.ordered(Record(str(self.folder), name))

    def frames(self, count: int) -> None:
        for _ in range(count):
            self.number += 1
            self.clock.sleep_until(self.clock.monotonic() + 0.1)
            self.desk.came(LiveFrame(self.number, self.pictures(), *SIZE, self.clock.monotonic()))

    def work(self) -> None:
        """The thread does all that waits for it."""
        while self.desk.steps[RECORDER]():
            pass
        came, self.came[:] = list(self.came), []
        for outcome in came:
            self.desk.helped(outcome)

    def at_rest(self) -> bool:
        return not self.desk.busy

    def held(self, name: str) -> int:
        return int(str(decode_head((self.folder / f"{name}.ser").read_bytes())["frames"]))

    def reports(self) -> list[tuple[RecordState, str]]:
        return [(each.state, Path(each.path).stem) for each in self.sent if isinstance(each, RecordReport)]


def test_a_recording_that_ends_late_ends_not_the_next_one(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.record("first")
    rig.frames(5)
    rig.desk.forget()
    rig.record("second")
    rig.frames(3)
    rig.work()
    assert not rig.at_rest()
    rig.frames(4)
    rig.desk.ordered(StopRecord())
    rig.work()
    assert rig.at_rest()
    assert (rig.held("first"), rig.held("second")) == (5, 7)
    assert {name for _, name in rig.reports()} == {"second"}
    assert [state for state, _ in rig.reports() if state is not RecordState.ON] == [RecordState.DONE]
    assert any("first.ser" in each.text for each in rig.sent if isinstance(each, Notice))


def test_a_recording_that_could_not_begin_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "taken").write_bytes(b"")
    rig = Rig(tmp_path / "taken")
    rig.record("none")
    rig.desk.status(LiveViewStatus(LiveState.OFF, "Live view was switched off."))
    rig.record("none either")
    rig.work()
    assert rig.at_rest()
    assert [state for state, _ in rig.reports()] == [RecordState.FAILED]
