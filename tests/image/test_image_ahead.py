"""A frame that is developed while its file arrives: the same bytes, whatever arrives when, or none at all."""

from __future__ import annotations

import itertools
import mmap
import os
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indi_sony_py.errors import BrokenImage
from indi_sony_py.image import ahead, cfa, compiled
from indi_sony_py.image.arw import read_arw
from indi_sony_py.image.cores import Gang
from indi_sony_py.image.developer import Arrived, Begin, Developer, DevelopJob, Forget, JobResult, Reserve
from indi_sony_py.image.layout import Compression
from indi_sony_py.image.libraw import libraw_rows
from indi_sony_py.image.pipeline import Form, develop_to_memfd
from indi_sony_py.sim.arw_codecs import TILE
from indi_sony_py.sim.arw_encoder import RAW_TYPES, encode_arw
from indi_sony_py.sim.geometry import Geometry
from tests.image.defects import cut_off, zero_hole
from tests.image.frames import noise, record, spec

_GEOMETRY = Geometry(3 * TILE, 2 * TILE, (3 * TILE - 20, 2 * TILE - 30))
_VISIBLE = (3 * TILE - 20, 2 * TILE - 30)
_FILES = {raw_type: encode_arw(noise(_GEOMETRY), spec(raw_type, _GEOMETRY)) for raw_type in RAW_TYPES}

pytestmark = pytest.mark.skipif(
    compiled.compiled() is None, reason="the compiled decoder is not built here: python setup.py build_ext --inplace"
)


@pytest.fixture(autouse=True)
def _trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """LibRaw has seen a frame of each kind already."""
    monkeypatch.setattr(cfa, "_agrees", {kind: True for kind in Compression})


class _Bench:
    """A developer, and memory that a camera fills."""

    def __init__(self, file: bytes, size: int | None = None) -> None:
        self.file = file
        self.memory = memoryview(mmap.mmap(-1, size or len(file)))
        self.results: list[JobResult] = []
        self.developer = Developer(self.results.append)

    def job(self, **changes: Any) -> DevelopJob:
        job = DevelopJob(1, self.memory, record(), Form.FITS, _VISIBLE)
        return replace(job, **changes)

    def do(self, *jobs: Any) -> None:
        for job in jobs:
            self.developer.submit(job)
            while self.developer.step():
                pass

    def arrive(self, start: int, end: int) -> None:
        self.memory[start:end] = self.file[start:end]
        self.do(Arrived(end))

    def taken(self) -> bytes:
        (result,) = self.results
        assert result.error is None and result.frame is not None, result.error
        try:
            return os.pread(result.frame.fd, result.frame.length, 0)
        finally:
            result.frame.close()


def _whole(file: bytes, job: DevelopJob) -> bytes:
    frame = develop_to_memfd(file, job.record, job.visible, job.crop, None, job.form)
    try:
        return os.pread(frame.fd, frame.length, 0)
    finally:
        frame.close()


def _from_the_start(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Counts the frames that were developed from the start."""
    found: list[int] = []
    true = develop_to_memfd

    def counted(*args: Any) -> Any:
        found.append(1)
        return true(*args)

    monkeypatch.setattr("indi_sony_py.image.developer.develop_to_memfd", counted)
    return found


@settings(max_examples=30, deadline=None)
@given(
    raw_type=st.sampled_from(RAW_TYPES),
    cuts=st.lists(st.floats(0, 1), max_size=12),
    form=st.sampled_from((Form.FITS, Form.XISF)),
    reserve=st.booleans(),
)
def test_it_is_the_same_frame_however_it_arrives(raw_type: str, cuts: list[float], form: Form, reserve: bool) -> None:
    file = _FILES[raw_type]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cfa, "_agrees", {kind: True for kind in Compression})
        whole = _whole(file, _Bench(file).job(form=form))
        started = _from_the_start(patch)
        bench = _Bench(file)
        if reserve:
            bench.do(Reserve(len(whole)))
        bench.do(Begin(bench.job(form=form)))
        places = [0, *sorted(int(cut * len(file)) for cut in cuts), len(file)]
        for start, end in itertools.pairwise(places):
            bench.arrive(start, end)
        bench.do(bench.job(form=form))
        assert bench.taken() == whole
        assert not started


@pytest.mark.parametrize("raw_type", RAW_TYPES)
def test_the_values_are_made_while_it_arrives(raw_type: str, monkeypatch: pytest.MonkeyPatch) -> None:
    file = _FILES[raw_type]
    done: list[None] = []
    monkeypatch.setattr(Gang, "add", lambda self, jobs: done.extend(job() for job in jobs))
    bench = _Bench(file)
    bench.do(Begin(bench.job()))
    bench.arrive(0, len(file) // 2)
    half = len(done)
    assert half
    bench.arrive(len(file) // 2, len(file) - 1)
    assert len(done) > half
    bench.do(Forget())
    assert not bench.results


@pytest.mark.parametrize("raw_type", RAW_TYPES)
def test_what_turns_out_otherwise_is_developed_from_the_start(raw_type: str, monkeypatch: pytest.MonkeyPatch) -> None:
    file = _FILES[raw_type]
    others: list[dict[str, Any]] = [
        {"record": record(part=(16, 16, 64, 64))},
        {"record": record(binning=2)},
        {"record": record(cards=tuple((f"KEY{number}", number, "") for number in range(40)))},
        {"form": Form.XISF},
    ]
    for changes in others:
        started = _from_the_start(monkeypatch)
        bench = _Bench(file)
        bench.do(Begin(bench.job()))
        bench.arrive(0, len(file))
        job = bench.job(**changes)
        bench.do(job)
        assert bench.taken() == _whole(file, job), changes
        assert started, changes


def test_a_head_that_is_not_all_there_is_waited_for() -> None:
    """What it says must lie in what has arrived: zeros in the place of the rest would be believed."""
    for file in _FILES.values():
        known = read_arw(file)
        begins = min(offset for offset, _ in known.tiles or (known.strip,))
        for end in range(500, begins, 500):
            with suppress(BrokenImage):
                header = read_arw(file[:end] + bytes(len(file) - end), end)
                assert header in (None, known)
            assert end > 3000 or read_arw(file, end) is None
        assert read_arw(file[:begins] + bytes(len(file) - begins), begins) == known


def test_another_memory_is_another_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    started = _from_the_start(monkeypatch)
    bench = _Bench(_FILES["lossy"])
    bench.do(Begin(bench.job()))
    bench.arrive(0, len(bench.file))
    other = encode_arw(noise(_GEOMETRY, 7), spec("lossy", _GEOMETRY))
    bench.do(bench.job(data=other))
    assert bench.taken() == _whole(other, bench.job())
    assert started


@pytest.mark.parametrize("raw_type", RAW_TYPES)
def test_a_broken_file_is_refused_as_ever(raw_type: str) -> None:
    file = _FILES[raw_type]
    for bad in (cut_off(file), zero_hole(file, len(file) // 2, 60_000)):
        with pytest.raises(BrokenImage) as wanted:
            _whole(bad, _Bench(bad).job())
        bench = _Bench(bad)
        bench.do(Begin(bench.job()))
        for start in range(0, len(bad), 100_000):
            bench.arrive(start, min(start + 100_000, len(bad)))
        bench.do(bench.job())
        (result,) = bench.results
        assert result.frame is None and str(result.error) == str(wanted.value)


@pytest.mark.parametrize("raw_type", ("lossy", "lossless"))
def test_libraw_never_sees_a_file_that_arrives(raw_type: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A crash of it would take the camera's bytes with it."""
    file = _FILES[raw_type]
    seen: list[int] = []
    true = libraw_rows

    def rows(*args: Any) -> Any:
        assert not arriving
        seen.append(1)
        return true(*args)

    whole = _whole(file, _Bench(file).job())
    monkeypatch.setattr(cfa, "libraw_rows", rows)
    for refuse in (False, True):
        if refuse:
            monkeypatch.setattr(compiled.Compiled, "lossy", lambda *args: False)
            monkeypatch.setattr(compiled.Compiled, "tiles", lambda *args: False)
        else:
            monkeypatch.setattr(cfa, "_agrees", {})
        arriving = True
        bench = _Bench(file)
        bench.do(Begin(bench.job()))
        bench.arrive(0, len(file))
        arriving = False
        bench.do(bench.job())
        assert bench.taken() == whole
        assert seen
        seen.clear()
        monkeypatch.setattr(cfa, "_agrees", {kind: True for kind in Compression})


def test_what_is_forgotten_leaves_nothing_open(monkeypatch: pytest.MonkeyPatch) -> None:
    def files() -> int:
        return len(os.listdir("/proc/self/fd"))

    before = files()
    bench = _Bench(_FILES["uncompressed"])
    for end in (Forget(), Begin(bench.job())):
        bench.do(Reserve(1000), Begin(bench.job()))
        bench.arrive(0, len(bench.file))
        assert files() > before
        bench.do(end)
        assert files() == before
    bench.developer.stop()
    bench.developer.step()
    assert files() == before and not bench.results


def test_without_memory_the_frame_waits_for_its_file(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*args: object, **more: object) -> None:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr("indi_sony_py.image.developer.FrameMemory", none)
        bench = _Bench(_FILES["uncompressed"])
        bench.do(Begin(bench.job()))
        bench.arrive(0, len(bench.file))
    bench.do(bench.job())
    assert bench.taken() == _whole(bench.file, bench.job())


def test_a_file_whose_head_never_comes_is_given_up() -> None:
    bench = _Bench(bytes(4_000_000))
    bench.do(Begin(bench.job()))
    for number in range(40):
        bench.arrive(number * 100_000, (number + 1) * 100_000)
    assert bench.developer._ahead is not None
    assert bench.developer._ahead._looks == ahead._MOST_LOOKS
    bench.do(Forget())


@pytest.mark.parametrize("threads", (True, False))
def test_a_gang_does_all_and_says_whether_all_was_well(threads: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda pid: {0, 1} if threads else {0})
    done: list[int] = []

    def bad() -> None:
        raise NotImplementedError

    gang = Gang()
    for number in range(20):
        gang.add([lambda number=number: done.append(number)])  # type: ignore[misc]
    assert gang.done() and sorted(done) == list(range(20))
    gang = Gang()
    gang.add([bad])
    assert not gang.done()
    gang.drop()
    assert np.array_equal(sorted(done), np.arange(20))
