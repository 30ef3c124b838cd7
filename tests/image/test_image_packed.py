"""Frames packed as fpack does it: cfitsio's own funpack and astropy get the plain file back, each value and card."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from hypothesis import given, settings
from hypothesis import strategies as st

from indi_sony_py.errors import RuleBroken
from indi_sony_py.image import fpack
from indi_sony_py.image.developer import Developer, DevelopJob, JobResult
from indi_sony_py.image.fits import card, fits_size, header_bytes, write_fits
from indi_sony_py.image.fpack import NoCodec, pack
from indi_sony_py.image.pipeline import PACKED, Form, develop_to_memfd, packed
from indi_sony_py.sim.arw_encoder import encode_arw
from tests.image.frames import Cfa, Pieces, noise, record, spec

_VISIBLE = (488, 384)
_DATA = encode_arw(noise(spec().geometry), spec())
_LONG = "a telescope with a very long name, longer than one card of eighty characters can hold, and 'quotes'"


@pytest.fixture(autouse=True)
def _library() -> None:
    try:
        fpack._code()
    except NoCodec:
        pytest.skip("no libcfitsio on this machine")


def _plain(cfa: Cfa) -> bytes:
    height, width = cfa.shape
    head = header_bytes(
        [card("SIMPLE", True), card("BITPIX", 16), card("NAXIS", 2), card("NAXIS1", width), card("NAXIS2", height),
         card("EXTEND", True), card("BZERO", 32768), card("BSCALE", 1), card("OBJECT", "M 31"),
         card("TELESCOP", _LONG), card("COMMENT", "a remark")]
    )  # fmt: skip
    whole = bytearray(fits_size(len(head), width, height))
    write_fits(memoryview(whole), head, Pieces(cfa.shape, [(0, cfa)]))
    return bytes(whole)


def _packed(plain: bytes) -> bytes:
    source, fd = os.memfd_create("plain"), os.memfd_create("packed")
    try:
        os.write(source, plain)
        length = pack(source, fd)
        assert os.fstat(fd).st_size == length
        return os.pread(fd, length, 0)
    finally:
        os.close(fd)
        os.close(source)


@settings(max_examples=60)
@given(
    st.integers(1, 90), st.integers(1, 40), st.integers(0, 2**32), st.sampled_from(("noise", "flat", "wild", "steps"))
)
def test_each_value_comes_back(width: int, height: int, seed: int, kind: str) -> None:
    dice = np.random.default_rng(seed)
    cfa = {
        "noise": dice.normal(900, 40, (height, width)).clip(0, 65535),
        "flat": np.full((height, width), dice.integers(0, 65536)),
        "wild": dice.integers(0, 65536, (height, width)),
        "steps": dice.choice([0, 1, 32767, 32768, 65535], (height, width)),
    }[kind].astype(np.uint16)
    made = _packed(_plain(cfa))
    assert len(made) % 2880 == 0
    with fits.open(io.BytesIO(made)) as hdus:
        assert np.array_equal(hdus[1].data, cfa)


@pytest.mark.skipif(
    None in (shutil.which("funpack"), shutil.which("fitsverify")),
    reason="funpack or fitsverify (Debian: libcfitsio-bin, fitsverify) is not installed",
)
def test_funpack_gives_the_plain_file_back(tmp_path: Path) -> None:
    frame = packed(develop_to_memfd(_DATA, record(cards=(("TELESCOP", _LONG, "mount"),)), _VISIBLE))
    assert frame.packed is not None
    plain, made = (os.pread(fd, length, 0) for fd, length in ((frame.fd, frame.length), frame.packed))
    frame.close()
    (tmp_path / "f.fits.fz").write_bytes(made)
    subprocess.run(["funpack", "f.fits.fz"], cwd=tmp_path, check=True, timeout=60, capture_output=True)
    with fits.open(io.BytesIO(plain)) as before, fits.open(tmp_path / "f.fits") as after:
        assert np.array_equal(before[0].data, after[0].data)
        # cfitsio adds nothing but its remarks about FITS itself and its sums.
        kept = [str(each) for each in before[0].header.cards][6:]
        found = [str(each) for each in after[0].header.cards]
        assert [each for each in found if each in kept] == kept
        others = {each[:8].strip() for each in found if each not in kept}
        assert others <= {"SIMPLE", "BITPIX", "NAXIS", "NAXIS1", "NAXIS2", "EXTEND", "COMMENT", "CHECKSUM", "DATASUM"}
    assert len(made) < 0.8 * len(plain)
    verdict = subprocess.run(
        ["fitsverify", "-q", "f.fits.fz"], cwd=tmp_path, timeout=60, capture_output=True, text=True, check=False
    )
    assert verdict.returncode == 0, verdict.stdout


def _jobs(*jobs: DevelopJob) -> list[JobResult]:
    results: list[JobResult] = []
    pixel = Developer(results.append)
    for job in jobs:
        pixel.submit(job)
    while pixel.step():
        pass
    return results


def test_a_job_that_packs_keeps_the_plain_frame_for_the_disk() -> None:
    (result,) = _jobs(DevelopJob(1, _DATA, record(binning=2), visible=_VISIBLE, pack=True))
    frame = result.frame
    assert frame is not None and frame.packed is not None and frame.suffix == ".fits"
    plain, made = (io.BytesIO(os.pread(fd, length, 0)) for fd, length in ((frame.fd, frame.length), frame.packed))
    with fits.open(plain) as before, fits.open(made) as hdus:
        assert np.array_equal(before[0].data, hdus[1].data)
        assert hdus[1].header["XBINNING"] == 2 and hdus[1].header["BAYERPAT"] == "RGGB"
    frame.close()


def test_only_fits_is_packed() -> None:
    for form in (Form.NATIVE, Form.XISF):
        (result,) = _jobs(DevelopJob(1, _DATA, record(), form, _VISIBLE, pack=True))
        assert result.frame is not None and result.frame.packed is None
        result.frame.close()


def test_without_the_library_the_frame_comes_plain_and_that_is_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fpack, "_LIBRARIES", ("libnone.so.0",))
    fpack._code.cache_clear()
    job = DevelopJob(1, _DATA, record(), visible=_VISIBLE, pack=True)
    results = _jobs(job, job)
    fpack._code.cache_clear()
    said = []
    for result in results:
        assert result.frame is not None and result.frame.packed is None
        said.append(any("has no cfitsio library" in warning for warning in result.frame.warnings))
        result.frame.close()
    assert said == [True, False]


def test_without_memory_the_frame_comes_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    def write(fd: int, data: object, at: int) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("indi_sony_py.image.fpack.os.pwrite", write)
    open_before = len(os.listdir("/proc/self/fd"))
    (result,) = _jobs(DevelopJob(1, _DATA, record(), visible=_VISIBLE, pack=True))
    assert result.frame is not None and result.frame.packed is None
    assert any("The frame is not packed ([Errno 28]" in warning for warning in result.frame.warnings)
    result.frame.close()
    assert len(os.listdir("/proc/self/fd")) == open_before


def test_what_is_no_fits_of_ours_is_a_fault_of_our_own(monkeypatch: pytest.MonkeyPatch) -> None:
    for bad in (b"", b" " * 2880):
        with pytest.raises(RuleBroken):
            _packed(bad)
    monkeypatch.setattr(fpack, "_code", lambda: lambda *args: -1)
    frame = develop_to_memfd(_DATA, record(), _VISIBLE)
    with pytest.raises(RuleBroken):
        packed(frame)
    with pytest.raises(OSError, match="Bad file"):
        os.fstat(frame.fd)
    assert PACKED == ".fz"
