"""The pixel thread: frames in memory files, warnings, errors, and an end that leaves nothing open."""

from __future__ import annotations

import errno
import gc
import io
import mmap
import os
import sys
import threading
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from indi_sony_py import texts
from indi_sony_py.errors import BrokenImage, NoMemory, NotInstalled, OutsideError, UnknownImage, advise
from indi_sony_py.image import developer, installed
from indi_sony_py.image.developer import Developer, DevelopJob, Job, JobResult, Reserve, Tidy
from indi_sony_py.image.memory import FrameMemory
from indi_sony_py.image.pipeline import Form, develop, develop_to_memfd, facts, native_to_memfd
from indi_sony_py.sim.arw_encoder import encode_arw
from indi_sony_py.sim.jpeg import preview_of
from tests.image.defects import as_ycbcr, cut_off, zero_hole
from tests.image.frames import noise, record, spec

_VISIBLE = (488, 384)
_CFA = noise(spec().geometry)
_DATA = encode_arw(_CFA, spec())


def _taken(fd: int, length: int) -> bytes:
    try:
        assert os.fstat(fd).st_size == length
        return os.pread(fd, length, 0)
    finally:
        os.close(fd)


def _open_files() -> set[str]:
    return {os.readlink(f"/proc/self/fd/{name}") for name in os.listdir("/proc/self/fd") if _is_open(name)}


def _is_open(name: str) -> bool:
    return os.path.lexists(f"/proc/self/fd/{name}")


def test_a_frame_in_a_memory_file() -> None:
    frame = develop_to_memfd(_DATA, record(), _VISIBLE)
    assert (frame.width, frame.height, frame.pattern, frame.suffix) == (488, 384, "RGGB", ".fits")
    with fits.open(io.BytesIO(_taken(frame.fd, frame.length))) as hdus:
        assert np.array_equal(hdus[0].data, _CFA[:, :488])
    assert frame.facts == facts(_DATA)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"iso_set": 1600}, "ISO 1600 was set, but the camera used ISO 800"),
        ({"body": "ILCE-7RM4"}, "The file comes from a ILCE-7M3"),
        ({"requested_s": 10.0, "nominal_s": 10.0}, "took 5 s"),
        ({"expected_size": (6024, 4024)}, "a full one has 6024 x 4024"),
    ],
)
def test_contradictions_are_warnings_with_the_true_values(changes: dict[str, object], word: str) -> None:
    frame = develop(_DATA, record(**changes), _VISIBLE)
    assert any(word in warning for warning in frame.warnings)
    header = fits.Header.fromstring(frame.header)
    assert (header["ISOSPEED"], header["EXPTIME"], header["CAMERA"]) == (800, 5.0, "ILCE-7M3")


def test_a_dark_of_the_cameras_own_is_told() -> None:
    frame = develop(encode_arw(_CFA, spec(long_exposure_nr=True)), record(), _VISIBLE)
    assert any("Long Exposure NR" in warning for warning in frame.warnings)
    short = encode_arw(_CFA, spec(long_exposure_nr=True, exposure=Fraction(1, 50)))
    quick = record(requested_s=0.02, nominal_s=0.02)
    assert develop(short, quick, _VISIBLE).warnings == ()


def test_the_cameras_own_file() -> None:
    frame = native_to_memfd(_DATA, record(iso_set=100), _VISIBLE)
    assert _taken(frame.fd, frame.length) == _DATA
    assert (frame.suffix, frame.width, frame.height) == (".arw", 488, 384)
    assert "ISO 100" in frame.warnings[0]


def test_the_cameras_own_file_of_an_unknown_kind() -> None:
    frame = native_to_memfd(as_ycbcr(_DATA), record())
    assert _taken(frame.fd, frame.length) == as_ycbcr(_DATA)
    assert "RAW File Type" in frame.warnings[0]
    jpeg = preview_of(_CFA, 160, 120, 512)
    frame = native_to_memfd(jpeg, record())
    assert _taken(frame.fd, frame.length) == jpeg
    assert frame.suffix == ".jpg"


def test_a_frame_that_cannot_be_written_leaves_nothing_open(monkeypatch: pytest.MonkeyPatch) -> None:
    def write(*args: object) -> None:
        raise MemoryError

    before = _open_files()
    monkeypatch.setattr("indi_sony_py.image.pipeline.write_fits", write)
    results: list[JobResult] = []
    pixel = Developer(results.append)
    pixel.submit(DevelopJob(1, _DATA, record(), visible=_VISIBLE))
    pixel.step()
    assert isinstance(results[0].error, NoMemory)
    assert _open_files() == before


def test_errors_leave_nothing_open() -> None:
    before = _open_files()
    for bad, kind in ((cut_off(_DATA), BrokenImage), (as_ycbcr(_DATA), UnknownImage)):
        reserved = FrameMemory(100, ready=True)
        with pytest.raises(kind):
            develop_to_memfd(bad, record(), _VISIBLE, reserved=reserved)
        reserved.close()
    with pytest.raises(BrokenImage):
        native_to_memfd(cut_off(_DATA), record())
    assert _open_files() == before


def test_what_is_wrong_with_the_pixels_is_told_when_they_are_written() -> None:
    """Half of the frame is in its memory by then, and the error's traceback holds that memory."""
    holed = zero_hole(_DATA, len(_DATA) - 60_000)
    with pytest.raises(BrokenImage, match="a hole of zeros"):
        develop_to_memfd(holed, record(), _VISIBLE)


def test_too_little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    def fallocate(fd: int, offset: int, length: int) -> None:
        raise OSError(errno.ENOSPC, "no")

    before = _open_files()
    monkeypatch.setattr("indi_sony_py.image.memory.os.posix_fallocate", fallocate)
    results: list[JobResult] = []
    pixel = Developer(results.append)
    pixel.submit(Reserve(1000))
    pixel.submit(DevelopJob(1, _DATA, record(), Form.FITS, _VISIBLE))
    while pixel.step():
        pass
    assert isinstance(results[0].error, NoMemory)
    assert _open_files() == before


@pytest.mark.parametrize("form", list(Form))
@pytest.mark.parametrize("call", ["posix_fallocate", "ftruncate"])
def test_memory_that_the_system_does_not_give(monkeypatch: pytest.MonkeyPatch, form: Form, call: str) -> None:
    def refuse(*args: object) -> None:
        raise OSError(errno.EFBIG, "File too large")

    before = _open_files()
    monkeypatch.setattr(f"indi_sony_py.image.memory.os.{call}", refuse)
    results: list[JobResult] = []
    pixel = Developer(results.append)
    pixel.submit(DevelopJob(1, _DATA, record(), form, _VISIBLE))
    pixel.step()
    assert isinstance(results[0].error, OutsideError) and "File too large" in str(results[0].error)
    assert _open_files() == before


def test_a_native_file_that_cannot_be_mapped_leaves_nothing_open(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_map(*args: object) -> None:
        raise OSError(errno.ENOMEM, "no")

    before = _open_files()
    monkeypatch.setattr("indi_sony_py.image.memory.mmap.mmap", no_map)
    with pytest.raises(NoMemory):
        native_to_memfd(_DATA, record())
    assert _open_files() == before


@pytest.mark.parametrize("form", list(Form))
def test_bytes_of_every_kind_are_developed(form: Form, tmp_path: Path) -> None:
    path = tmp_path / "a.arw"
    path.write_bytes(encode_arw(_CFA, spec("lossy")))
    wanted = b""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        whole = bytes(mapped)
        for data in (whole, bytearray(whole), memoryview(whole), mapped):
            results: list[JobResult] = []
            pixel = Developer(results.append)
            pixel.submit(DevelopJob(1, data, record(), form, _VISIBLE))
            pixel.step()
            frame = results.pop().frame
            assert frame is not None
            taken = _taken(frame.fd, frame.length)
            wanted = wanted or taken
            assert taken == wanted
            # Nothing may keep the memory of the file.
            gc.collect()


def test_jobs_step_by_step() -> None:
    results: list[JobResult] = []
    pixel = Developer(results.append)
    assert not pixel.step()
    pixel.submit(DevelopJob(1, _DATA, record(), visible=_VISIBLE))
    pixel.submit(DevelopJob(2, cut_off(_DATA), record()))
    pixel.submit(DevelopJob(3, _DATA, record(), Form.NATIVE))
    pixel.stop()
    pixel.submit(DevelopJob(4, _DATA, record()))
    assert [pixel.step() for _ in range(5)] == [True, True, True, True, False]
    assert [result.key for result in results] == [1, 2, 3]
    assert isinstance(results[1].error, BrokenImage) and results[1].frame is None
    for result in results:
        if result.frame is not None:
            os.close(result.frame.fd)


def test_reserved_memory_is_used_once() -> None:
    size = develop(_DATA, record(), _VISIBLE).size
    results: list[JobResult] = []
    before = _open_files()
    pixel = Developer(results.append)
    for length in (12345, size, size):
        pixel.submit(Reserve(length))
        pixel.step()
    reserved = _open_files() - before
    assert len(reserved) == 1
    assert pixel._reserved is not None
    made = os.fstat(pixel._reserved._fd).st_ino
    for key in (1, 2):
        pixel.submit(DevelopJob(key, _DATA, record(), visible=_VISIBLE))
        pixel.step()
    first, second = (result.frame for result in results)
    assert first is not None and second is not None and first.fd != second.fd
    assert os.fstat(first.fd).st_ino == made != os.fstat(second.fd).st_ino
    assert _taken(first.fd, first.length) == _taken(second.fd, second.length)
    pixel.submit(Reserve(99))
    pixel.step()
    pixel.stop()
    pixel.step()
    assert _open_files() == before


@pytest.mark.parametrize("end", [Tidy(), Reserve(99), DevelopJob(2, b"", record())])
def test_memory_is_let_go_of_when_the_frame_was_taken(end: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[FrameMemory] = []
    close = FrameMemory.close

    def noted(self: FrameMemory) -> None:
        closed.append(self)
        close(self)

    monkeypatch.setattr(FrameMemory, "close", noted)
    pixel = Developer(lambda result: None if result.frame is None else result.frame.close())
    for job in (Reserve(develop(_DATA, record(), _VISIBLE).size), DevelopJob(1, _DATA, record(), visible=_VISIBLE)):
        pixel.submit(job)
        pixel.step()
    assert not closed
    pixel.submit(end)
    pixel.step()
    assert len(closed) == 1 and closed[0]._map.closed
    pixel.stop()
    pixel.step()


def test_memory_that_cannot_be_had_ahead_is_no_error_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*args: object) -> int:
        raise OSError(errno.EMFILE, "Too many open files")

    results: list[JobResult] = []
    pixel = Developer(results.append)
    with monkeypatch.context() as patch:
        patch.setattr(os, "memfd_create", none)
        pixel.submit(Reserve(1000))
        assert pixel.step()
    pixel.submit(DevelopJob(1, _DATA, record(), visible=_VISIBLE))
    pixel.step()
    assert results[0].frame is not None
    results[0].frame.close()


def test_a_developer_whose_thread_failed_leaves_nothing_open(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(*args: object) -> None:
        raise ValueError("a fault of ours")

    before = _open_files()
    pixel = Developer(lambda result: None)
    pixel.submit(Reserve(develop(_DATA, record(), _VISIBLE).size))
    pixel.step()
    monkeypatch.setattr(developer, "develop_to_memfd", wrong)
    pixel.submit(DevelopJob(1, _DATA, record(), visible=_VISIBLE))
    with pytest.raises(ValueError, match="ours"):
        pixel.step()
    pixel.drop_all()
    assert _open_files() == before


def test_in_a_thread_of_its_own() -> None:
    results: list[JobResult] = []
    pixel = Developer(results.append)
    thread = threading.Thread(target=pixel.run)
    thread.start()
    for key in range(5):
        pixel.submit(DevelopJob(key, _DATA, record(), visible=_VISIBLE))
    pixel.stop()
    thread.join(30)
    assert not thread.is_alive()
    assert [result.key for result in results] == list(range(5))
    for result in results:
        assert result.frame is not None
        os.close(result.frame.fd)


def test_the_face_may_import_records_without_numpy() -> None:
    import subprocess
    import sys

    code = (
        "import sys; import indi_sony_py.image.record, indi_sony_py.image.files, indi_sony_py.image.arw, "
        "indi_sony_py.image.developer; print({'numpy', 'rawpy', 'astropy'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_what_cannot_be_loaded_is_told_as_memory_and_ends_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """With too little memory numpy is the first that fails: its text of many lines tells the cause in the last one."""

    def fails(*args: object) -> None:
        raise ImportError("PLEASE READ THIS\n\nOriginal error was: Cannot allocate memory\n")

    monkeypatch.setattr(developer, "develop_to_memfd", fails)
    results: list[JobResult] = []
    pixels = Developer(results.append)
    pixels.submit(DevelopJob(1, b"", record()))
    assert pixels.step()
    (result,) = results
    assert isinstance(result.error, NoMemory)
    assert "(Original error was: Cannot allocate memory)" in str(result.error)


def _one_result(data: bytes, form: Form = Form.FITS) -> JobResult:
    results: list[JobResult] = []
    pixels = Developer(results.append)
    pixels.submit(DevelopJob(1, data, record(), visible=_VISIBLE, form=form))
    assert pixels.step()
    (result,) = results
    if result.frame is not None:
        os.close(result.frame.fd)
    return result


def test_without_rawpy_uncompressed_files_become_frames_and_others_name_it(monkeypatch: pytest.MonkeyPatch) -> None:
    lossy = encode_arw(_CFA, spec("lossy"))
    monkeypatch.setitem(sys.modules, "rawpy", None)
    monkeypatch.setitem(sys.modules, installed.DECODER, None)
    monkeypatch.setattr("indi_sony_py.image.cfa.compiled", lambda: None)
    assert installed.missing() is texts.frames.NO_RAWPY
    assert _one_result(_DATA).error is None
    assert _one_result(lossy, Form.NATIVE).error is None
    error = _one_result(lossy).error
    assert isinstance(error, NotInstalled) and advise(error) == texts.frames.NO_RAWPY()


def test_without_numpy_files_are_delivered_as_they_are_and_a_fits_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "numpy"] + ["rawpy"]:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.delitem(sys.modules, "indi_sony_py.image.cfa", raising=False)
    assert installed.missing() is texts.frames.NO_NUMPY
    assert _one_result(_DATA, Form.NATIVE).error is None
    error = _one_result(_DATA).error
    assert isinstance(error, NotInstalled) and advise(error) == texts.frames.NO_NUMPY()


def test_with_all_libraries_nothing_is_missing() -> None:
    assert installed.missing() is None
