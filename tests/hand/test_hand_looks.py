"""Frames that are looked at: after they are in other hands, one at a time, and never at a frame's cost."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from indi_sony_py.clock import VirtualClock
from indi_sony_py.engine.messages import Expose, ExposureRequest, Role
from indi_sony_py.hand.looker import Looker, LookJob, look_apart
from indi_sony_py.hand.lookprocess import look_here, main
from indi_sony_py.hand.looks import Looks
from indi_sony_py.hand.messages import Declined, Delivered, FrameReady, FrameSaved, Looked
from indi_sony_py.hand.nights import Nights, nights, read_night
from indi_sony_py.image.pipeline import DevelopedFrame, develop, develop_to_memfd
from indi_sony_py.sim.arw_encoder import encode_arw
from indi_sony_py.sim.geometry import Geometry, small
from indi_sony_py.sim.sky import Sky
from tests.hand.handrig import Rig
from tests.image.frames import fits_of, record, spec

_SIGMA = 1.7
"""Of the stars of the simulated sky."""


def _fits(folder: Path, geometry: Geometry | None = None) -> Path:
    geometry = geometry or Geometry(1536, 1024, (1536, 1024))
    cfa = Sky(4, geometry).render(5.0, 800, "sky", 3).cfa
    path = folder / "M31_001.fits"
    path.write_bytes(fits_of(develop(encode_arw(cfa, spec(geometry=geometry)), record(), geometry.visible)))
    return path


def test_a_delivered_frame_is_looked_at_where_the_client_wishes(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    face = rig.ready()
    rig.expose(5.0, 1)
    rig.until(lambda: bool(face.all(FrameReady)))
    rig.expose(5.0, 2, look="measure")
    rig.until(lambda: bool(face.all(Looked)))
    (looked,) = face.all(Looked)
    assert looked.exposure_id == 2 and looked.glance is not None
    assert (looked.glance.width, looked.glance.height) == (face.last(FrameReady).width, face.last(FrameReady).height)
    with Image.open(looked.picture) as picture:
        assert looked.preview == "" and picture.size[0] <= 360
    order = [type(message) for message in face.heard]
    assert order.index(Looked) > len(order) - 1 - order[::-1].index(FrameReady)
    (line,) = [line for line in read_night(rig.places.nights, nights(rig.places.nights)[0]) if line["kind"] == "looked"]
    assert line["exposure"] == 2 and line["glance"]["stars"] == looked.glance.stars


def test_a_saved_frame_has_its_preview_beside_it(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    face = rig.ready()
    rig.expose(5.0, 1, look="save", upload="both", folder=str(tmp_path / "mine"), prefix="M31_XXX")
    rig.until(lambda: bool(face.all(Looked)))
    (looked,) = face.all(Looked)
    assert sorted(path.name for path in (tmp_path / "mine").iterdir()) == ["M31_001.fits", "M31_001_preview.jpg"]
    with Image.open(looked.preview) as picture:
        assert picture.format == "JPEG"
    # The numbers of the next frames go on as if it were not there.
    rig.expose(5.0, 2, look="save", upload="local", folder=str(tmp_path / "mine"), prefix="M31_XXX")
    rig.until(lambda: len(face.all(Looked)) == 2)
    assert (tmp_path / "mine" / "M31_002.fits").exists() and (tmp_path / "mine" / "M31_002_preview.jpg").exists()


def test_a_packed_frame_is_looked_at_as_it_was_before(tmp_path: Path) -> None:
    pytest.importorskip("indi_sony_py.image.fpack")
    rig = Rig(tmp_path)
    face = rig.ready()
    rig.expose(5.0, 1, look="measure", compress=True)
    rig.until(lambda: bool(face.all(Looked)))
    assert face.last(Looked).glance is not None


def test_a_dark_has_no_stars_looked_for(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    face = rig.ready()
    rig.expose(1.0, 1, look="measure", frame_type="Dark")
    rig.until(lambda: bool(face.all(Looked)))
    glance = face.last(Looked).glance
    assert glance is not None and (glance.stars, glance.hfr) == (None, None)


class _Bench:
    """The wishes alone, with frames that are short files in memory."""

    def __init__(self, folder: Path) -> None:
        self.jobs: list[LookJob] = []
        self.memory: dict[int, int] = {}
        self.looks = Looks(VirtualClock(), Nights(folder / "nights", "sim-0"), self._find, self.jobs.append)

    def _find(self, frame_id: int) -> tuple[int, str] | None:
        return (self.memory[frame_id], ".fits") if frame_id in self.memory else None

    def offer(self, number: int, look: str = "measure", suffix: str = ".fits") -> None:
        self.looks.overheard(Expose(ExposureRequest(number, 1.0, look=look)))
        self.memory[number] = os.memfd_create("test")
        self.looks.overheard(FrameReady(number, number, suffix, 10))

    def end(self) -> None:
        self.looks.close()
        for job in self.jobs:
            job.close()
        for fd in self.memory.values():
            os.close(fd)


def _open_descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


def test_of_those_that_come_while_one_is_looked_at_the_newest_is_next(tmp_path: Path) -> None:
    before = _open_descriptors()
    bench = _Bench(tmp_path)
    for number in (1, 2, 3, 4):
        bench.offer(number)
        bench.looks.overheard(Delivered(number))
    assert [job.exposure_id for job in bench.jobs] == [1]
    bench.looks.overheard(Looked(0))
    assert [job.exposure_id for job in bench.jobs] == [1, 4]
    bench.looks.overheard(Looked(0))
    bench.offer(5)
    bench.looks.overheard(Delivered(5))
    assert [job.exposure_id for job in bench.jobs] == [1, 4, 5]
    # The one under way, and the one that waits: no more memory is held.
    assert _open_descriptors() == before + 5 + 3
    bench.end()
    assert _open_descriptors() == before


def test_what_is_not_in_other_hands_is_not_looked_at(tmp_path: Path) -> None:
    before = _open_descriptors()
    bench = _Bench(tmp_path)
    bench.offer(1)
    bench.offer(2, look="off")
    bench.looks.overheard(Delivered(2))
    bench.offer(3)
    bench.looks.overheard(Declined(3, "no"))
    bench.looks.overheard(Delivered(3))
    assert bench.jobs == []
    bench.looks.overheard(FrameSaved(3, 3, Role.FRAME, "/frames/M31_003.fits"))
    bench.looks.overheard(FrameSaved(4, 4, Role.FRAME, "/frames/nobody_asked.fits"))
    assert [(job.exposure_id, job.path) for job in bench.jobs] == [(3, "/frames/M31_003.fits")]
    bench.end()
    assert _open_descriptors() == before


def test_files_without_a_mosaic_are_left_alone(tmp_path: Path) -> None:
    bench = _Bench(tmp_path)
    bench.looks.overheard(Expose(ExposureRequest(1, 1.0, look="save")))
    bench.looks.overheard(FrameSaved(1, 1, Role.FRAME, "/frames/M31_003.jpg"))
    assert bench.jobs == []
    bench.end()


def test_a_glance_at_a_file(tmp_path: Path) -> None:
    path = _fits(tmp_path)
    looked = look_here(LookJob(9, path=str(path), picture=str(tmp_path / "9"), preview=str(tmp_path / "big")))
    assert looked.glance is not None and looked.text == ""
    assert looked.glance.hfr == pytest.approx(1.1774 * _SIGMA, rel=0.03)
    assert (looked.picture, looked.preview) == (str(tmp_path / "9.jpg"), str(tmp_path / "big.jpg"))
    again = look_here(LookJob(9, path=str(path), picture=str(tmp_path / "9")))
    assert again.picture == "" and again.glance == looked.glance


@pytest.mark.parametrize("damage", ["cut", "empty", "gone", "junk"])
def test_a_file_that_cannot_be_looked_at_costs_a_look(tmp_path: Path, damage: str) -> None:
    path = _fits(tmp_path, small())
    match damage:
        case "cut":
            path.write_bytes(path.read_bytes()[:-3000])
        case "empty":
            path.write_bytes(b"")
        case "junk":
            path.write_bytes(b"no picture at all " * 400)
        case _:
            path.unlink()
    results: list[Looked] = []
    looker = Looker(results.append, look_here)
    looker.submit(LookJob(1, path=str(path)))
    assert looker.step() and not looker.step()
    (result,) = results
    assert result.glance is None and "not looked at" in result.text


def test_the_process_answers_in_the_form_of_a_message(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = _fits(tmp_path, small())
    saved, frame = os.dup(0), os.open(path, os.O_RDONLY)
    try:
        os.dup2(frame, 0)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("indi_sony_py.hand.lookprocess._step_back", lambda: None)
            assert main([json.dumps({"exposure_id": 4, "fd": None, "path": "", "stars": True,
                                     "picture": "", "preview": ""})]) == 0  # fmt: skip
    finally:
        os.dup2(saved, 0)
        os.close(saved)
        os.close(frame)
    told = json.loads(capfd.readouterr().out)
    assert told["exposure_id"] == 4 and told["glance"]["width"] == 488


@pytest.mark.realtime
def test_a_process_of_its_own_looks_at_memory_and_ends(tmp_path: Path) -> None:
    geometry = Geometry(1536, 1024, (1536, 1024))
    cfa = Sky(4, geometry).render(5.0, 800, "sky", 3).cfa
    frame: DevelopedFrame = develop_to_memfd(encode_arw(cfa, spec(geometry=geometry)), record(), geometry.visible)
    job = LookJob(3, fd=frame.fd, picture=str(tmp_path / "3"))
    here = look_here(replace(job, picture=""))
    ended: list[int] = []
    looked = look_apart(job, lambda child: ended.append(child.pid))
    assert looked.glance == here.glance and looked.picture == str(tmp_path / "3.jpg")
    with pytest.raises(ProcessLookupError):
        os.kill(ended[0], 0)
    assert os.pread(frame.fd, 6, 0) == b"SIMPLE"
    frame.close()


@pytest.mark.realtime
def test_a_process_that_is_killed_costs_a_look(tmp_path: Path) -> None:
    results: list[Looked] = []
    looker = Looker(results.append)
    looker.stop()
    job = LookJob(3, path=str(_fits(tmp_path, small())))
    with pytest.raises(subprocess.SubprocessError, match="-9"):
        look_apart(job, lambda child: child.kill())
    looker.submit(job)
    looker.step()
    looker.step()
    assert [(result.exposure_id, result.glance) for result in results] == [(3, None)]
