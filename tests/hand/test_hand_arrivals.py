"""An image while it comes out of the camera: developed and spooled as its bytes come, nobody's before the end."""

from __future__ import annotations

import itertools
import logging
import os
from collections.abc import Iterator
from io import FileIO
from pathlib import Path
from typing import Any, cast

import pytest

from indi_sony_py.clock import Deadline, VirtualClock
from indi_sony_py.engine import fetching
from indi_sony_py.engine.arrival import Coming, Grown, Lost, Told
from indi_sony_py.engine.fetching import Fetcher
from indi_sony_py.engine.messages import Collected, ExposureRequest, Identity, Role, Shot, ShutterMode
from indi_sony_py.engine.moves import FileFacts, Image
from indi_sony_py.engine.plan import Plan
from indi_sony_py.engine.state import Camera, Fate, Job, State
from indi_sony_py.errors import BadData, CameraGone
from indi_sony_py.hand.arrivals import Arrivals
from indi_sony_py.hand.messages import FrameReady, FrameSaved
from indi_sony_py.hand.places import Places
from indi_sony_py.hand.spool import Spool
from indi_sony_py.image import cfa, compiled
from indi_sony_py.image.developer import Arrived, Begin, Developer, DevelopJob, Forget, Tidy
from indi_sony_py.image.layout import Compression
from indi_sony_py.ptp.data import ObjectInfo
from indi_sony_py.ptp.landing import Landing
from indi_sony_py.sony.bodies import body
from indi_sony_py.sony.session import Session
from indi_sony_py.sony.snapshot import Version
from indi_sony_py.transport import usb
from indi_sony_py.transport.base import Progress
from tests.hand.handrig import Rig

_PIECE = 64 * 1024


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    rig = Rig(tmp_path)
    yield rig
    rig.close()


@pytest.fixture
def in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small frames come in many pieces."""
    monkeypatch.setattr(usb, "_LARGEST_READ", _PIECE)
    monkeypatch.setattr(fetching, "STEP_BYTES", _PIECE)


def _jobs(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    jobs: list[Any] = []
    submit = Developer.submit

    def noted(self: Developer, job: Any) -> None:
        jobs.append(job)
        submit(self, job)

    monkeypatch.setattr(Developer, "submit", noted)
    return jobs


@pytest.mark.skipif(compiled.compiled() is None, reason="the compiled decoder is not built here")
def test_a_frame_is_developed_while_it_comes(rig: Rig, in_pieces: None, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = _jobs(monkeypatch)
    monkeypatch.setattr(cfa, "_agrees", {kind: True for kind in Compression})
    monkeypatch.setattr("indi_sony_py.image.developer.develop_to_memfd", lambda *args: pytest.fail("from the start"))
    face = rig.ready()
    for number in (1, 2):
        jobs.clear()
        rig.expose(1.0, number, area="crop")
        rig.until(lambda number=number: len(face.frames) == number)  # type: ignore[misc]
        (begun,) = (job for job in jobs if isinstance(job, Begin))
        (last,) = (job for job in jobs if isinstance(job, DevelopJob))
        counts = [job.count for job in jobs if isinstance(job, Arrived)]
        assert begun.job.data is last.data and len(counts) > 3
        assert jobs[-3:] == [last, Forget(), Tidy()]
        assert counts == sorted(set(counts)) and counts[-1] <= len(last.data)
    ready = face.last(FrameReady)
    assert ready.format == ".fits" and len(face.frames[ready.frame_id]) == ready.length
    assert not list((rig.places.state / "spool").iterdir())


def test_an_image_that_stops_half_way_is_no_frame(rig: Rig, in_pieces: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cable comes out in the middle: what came is nobody's. The camera still has it, and gives it as a whole."""
    jobs = _jobs(monkeypatch)
    face = rig.ready()
    read = usb.UsbTransport._read
    pulled = 0

    def pull(self: usb.UsbTransport, wanted: int, deadline: Deadline) -> Any:
        nonlocal pulled
        if wanted > 2 * _PIECE:
            pulled += 1
            if pulled == 3:
                rig.camera.unplug()
        return read(self, wanted, deadline)

    monkeypatch.setattr(usb.UsbTransport, "_read", pull)
    rig.expose(1.0, area="crop")
    rig.until(lambda: pulled >= 3)
    rig.wait(1.0)
    assert any(isinstance(job, Begin) for job in jobs) and isinstance(jobs[-1], Forget)
    assert not face.frames and not any(isinstance(job, DevelopJob) for job in jobs)
    assert not list((rig.places.state / "spool").iterdir())
    rig.camera.plug()
    rig.until(lambda: bool(face.all(FrameSaved)))
    assert len([job for job in jobs if isinstance(job, Begin)]) == 1, "the second time it is begun when it is whole"
    assert face.last(FrameSaved).role is Role.KEPT and not face.frames


# --- fetching ---------------------------------------------------------------------------------------------------------

_REQUEST = ExposureRequest(7, 1.0)
_SHOT = Shot(_REQUEST, ShutterMode.TIMED, 1.0, 10.0, "2026-01-02T03:04:05.000000")
_PLAN = Plan(ShutterMode.TIMED, 0x0001000A, 1.0, 1.0, '1"')
_JOB = Job(_REQUEST, _PLAN, shot=_SHOT)


class _Source:
    """A session that gives one image, in two pieces or as told."""

    def __init__(
        self, data: bytes, size: int | None = None, fault: Exception | None = None, largest: int | None = None
    ) -> None:
        self.data, self.fault, self.largest = data, fault, largest
        self.info = ObjectInfo(format=0xB101, size=len(data) if size is None else size, name="DSC00001.ARW")

    def object_info(self, deadline: Deadline) -> ObjectInfo:
        return self.info

    def image(self, deadline: Deadline, progress: Progress, into: Landing) -> bytes | memoryview:
        while self.largest and len(into) < into.size:
            size = usb.portion(into.size - len(into), self.largest)
            into.extend(self.data[len(into) : len(into) + size])
            progress(len(into))
        if self.largest:
            return into.view
        half = len(self.data) // 2
        into.extend(self.data[:half])
        progress(half)
        if self.fault is not None:
            raise self.fault
        if into.size != len(self.data):
            return self.data
        into.extend(self.data[half:])
        progress(len(self.data))
        return into.view


def _inspect(data: object, arrived: int | None = None) -> FileFacts | None:
    """The head is there with the second look."""
    return None if arrived is not None and arrived < 1_500_000 else FileFacts(iso=arrived)


def _fetched(source: _Source, state: State) -> tuple[list[Told], Image | None]:
    reports: list[Told] = []
    log = logging.getLogger("fetch")
    fetcher = Fetcher(VirtualClock(), reports.append, _inspect, lambda size, folder: "", log)
    try:
        image = fetcher.fetch(cast(Session, source), state, False)
    except (CameraGone, BadData):
        return reports, None
    assert isinstance(image, Image)
    return reports, image


def _state(job: Job | None) -> State:
    return State(job=job, camera=Camera(Identity("ILCE-7SM3"), Version.V300, body("ILCE-7SM3")))


def test_who_works_on_an_image_hears_of_its_bytes() -> None:
    data = bytes(range(256)) * 12000
    reports, image = _fetched(_Source(data), _state(_JOB))
    coming, first, second = reports
    assert image is not None and isinstance(coming, Coming)
    assert coming.expected.data is image.data and coming.expected.role is Role.FRAME
    assert (first, second) == (Grown(len(data) // 2), Grown(len(data)))
    assert image.data == data and image.facts.iso == len(data) // 2


def test_towards_its_end_an_image_is_told_of_in_smaller_parts() -> None:
    """What comes last is all that is left to do behind it."""
    reports, _ = _fetched(_Source(bytes(10 << 20), largest=1 << 20), _state(_JOB))
    told = [0, *(report.arrived for report in reports if isinstance(report, Grown))]
    parts = [after - before for before, after in itertools.pairwise(told)]
    assert parts == [*[1 << 20] * 9, 1 << 19, 1 << 18, 1 << 17, 1 << 17]
    reports, _ = _fetched(_Source(bytes(10 << 20), largest=1 << 14), _state(_JOB))
    told = [0, *(report.arrived for report in reports if isinstance(report, Grown))]
    parts = [after - before for before, after in itertools.pairwise(told)]
    assert told[-1] == 10 << 20 and parts == sorted(parts, reverse=True) and len(parts) < 30


def test_what_does_not_come_is_lost_in_words() -> None:
    data = bytes(4_000_000)
    reports, image = _fetched(_Source(data, fault=CameraGone("pulled")), _state(_JOB))
    assert image is None
    assert isinstance(reports[0], Coming) and reports[-1] == Lost()


@pytest.mark.parametrize("announced", [4_000_001, 3_999_999, 100_000_000])
def test_an_image_of_another_length_than_announced_is_one_all_the_same(announced: int) -> None:
    """The camera does not have it any more."""
    data = bytes(4_000_000)
    reports, image = _fetched(_Source(data, announced), _state(_JOB))
    assert image is not None and image.data == data
    assert isinstance(reports[0], Coming) and reports[-1] == Lost()


def test_only_what_is_most_likely_the_answer_is_worked_on() -> None:
    others = (
        None,
        Job(_REQUEST, _PLAN),
        Job(_REQUEST, _PLAN, shot=_SHOT, over=True),
        Job(_REQUEST, _PLAN, shot=_SHOT, fate=Fate.DROP),
        Job(_REQUEST, _PLAN, shot=_SHOT, raw_done=True),
        Job(_REQUEST, _PLAN, shot=_SHOT, interrupted=True),
        Job(_REQUEST, None, shot=_SHOT),
        Job(ExposureRequest(7, 1.0, capture_format="jpeg"), _PLAN, shot=_SHOT),
    )
    for job in others:
        reports, image = _fetched(_Source(bytes(4_000_000)), _state(job))
        assert image is not None and not reports, job


# --- spool ------------------------------------------------------------------------------------------------------------


def _collected(data: bytes) -> Collected:
    return Collected(Role.FRAME, "DSC00001.ARW", 0xB101, data, _SHOT, Identity("ILCE-7SM3"))


def test_what_was_spooled_in_part_is_no_image(tmp_path: Path) -> None:
    """The camera still has it: its next process fetches it again."""
    places, data = Places(tmp_path), b"one image"
    dead = Spool(places, "k")
    dead.begin(_collected(data))
    dead.more(3)
    assert b"one" in [path.read_bytes() for path in (tmp_path / "spool").iterdir()]
    assert dead._coming is not None
    dead._coming.file.close()
    after = Spool(places, "k")
    assert not list(after.left_over())
    after.rescue(lambda got: pytest.fail("nothing is there to be saved"))
    assert not list((tmp_path / "spool").iterdir())


def test_what_was_spooled_whole_is_an_image_without_a_word(tmp_path: Path) -> None:
    """The camera forgot it with its last byte: a process that was killed just then leaves the only copy."""
    places, data = Places(tmp_path), b"one image"
    dead = Spool(places, "k")
    dead.begin(_collected(data))
    dead.more(len(data))
    assert dead._coming is not None
    dead._coming.file.close()
    after = Spool(places, "k")
    assert after.holds(_REQUEST.id)
    saved: list[Collected] = []

    def save(got: Collected) -> int:
        saved.append(got)
        return len(saved)

    after.rescue(save)
    (got,) = saved
    assert (got.data, got.shot is not None, got.role) == (data, True, Role.KEPT)
    after.clear(1)
    assert not list((tmp_path / "spool").iterdir())


def test_what_came_and_is_asked_for_by_nobody_is_forgotten(tmp_path: Path) -> None:
    jobs: list[Any] = []
    spool = Spool(Places(tmp_path), "k")
    arrivals = Arrivals(VirtualClock(), spool, jobs.append)
    arrivals.over()
    arrivals.came(Coming(_collected(b"one image")))
    arrivals.over()
    arrivals.over()
    assert [type(job) for job in jobs] == [Begin, Forget]
    assert not list((tmp_path / "spool").iterdir())


def test_what_was_spooled_in_part_is_whole_in_the_end(tmp_path: Path) -> None:
    places, data = Places(tmp_path), b"one image"
    for told in ((3, 6), (), (9,)):
        spool = Spool(places, "k")
        spool.begin(_collected(data))
        for count in told:
            spool.more(count)
        spool.put(1, _collected(data))
        after = Spool(places, "k")
        ((name, got),) = after.left_over()
        assert got.data == data
        after.forget(name)
        assert not list((tmp_path / "spool").iterdir())


def test_another_image_than_the_one_that_was_coming_is_spooled_whole(tmp_path: Path) -> None:
    places = Places(tmp_path)
    spool = Spool(places, "k")
    spool.begin(_collected(b"one image"))
    spool.more(4)
    spool.put(1, _collected(b"another"))
    spool.more(9)
    ((_, got),) = Spool(places, "k").left_over()
    assert got.data == b"another"
    spool.clear(1)
    assert not list((tmp_path / "spool").iterdir())


def test_a_disk_that_is_full_half_way_is_no_obstacle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    spool = Spool(Places(tmp_path), "k")
    data = b"one image"
    spool.begin(_collected(data))
    monkeypatch.setattr("indi_sony_py.hand.spool._Coming.write", full)
    spool.more(4)
    spool.more(6)
    spool.put(1, _collected(data))
    spool.clear(1)
    assert not list((tmp_path / "spool").iterdir())


@pytest.mark.parametrize("full_after", [0, 4])
def test_where_the_first_disk_is_full_another_one_keeps_the_image(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, full_after: int
) -> None:
    real, data = FileIO.write, b"one image"

    class Full(FileIO):
        def write(self, part: Any) -> int:
            if str(self.name).startswith(str(tmp_path / "state")) and self.tell() + len(part) > full_after:
                raise OSError(28, "No space left on device")
            return real(self, part)

    real_open = Path.open
    monkeypatch.setattr(
        Path, "open", lambda path, mode="r", **how: Full(path, mode) if mode == "xb" else real_open(path, mode, **how)
    )
    places = Places(tmp_path / "state", (), (tmp_path / "memory",))
    dead = Spool(places, "k")
    dead.begin(_collected(data))
    dead.more(4)
    dead.more(6)
    dead.put(1, _collected(data))
    after = Spool(places, "k")
    assert after.holds(_REQUEST.id)
    saved: list[Collected] = []
    after.rescue(lambda got: saved.append(got) or 1)  # type: ignore[func-returns-value]
    assert [got.data for got in saved] == [data]
    after.clear(1)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    assert (tmp_path / "memory").stat().st_mode & 0o777 == 0o700


def test_a_folder_of_somebody_else_spools_nothing_and_is_not_looked_into(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "state").write_text("")
    places = Places(tmp_path / "state", (), (tmp_path / "memory",))
    Spool(places, "k").put(1, _collected(b"one image"))
    assert len(list(Spool(places, "k").left_over())) == 1
    us = os.getuid()
    monkeypatch.setattr("os.getuid", lambda: us + 1)
    assert not list(Spool(places, "k").left_over())
    Spool(places, "k").put(1, _collected(b"another"))
    assert len(list((tmp_path / "memory").glob("*.spool"))) == 1
