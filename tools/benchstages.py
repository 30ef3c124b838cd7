"""What each step of a frame costs alone: a part of `tools/bench growth` (makes memory files, writes to a folder)."""

from __future__ import annotations

import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from indi_sony_py.image.arw import frame_area, read_arw
from indi_sony_py.image.cfa import Mosaic
from indi_sony_py.image.compiled import compiled
from indi_sony_py.image.memory import FrameMemory
from indi_sony_py.image.pipeline import develop
from tools.benchfiles import Case

__all__ = ["Stage", "measure"]

_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Stage:
    """Milliseconds of one step, the best of the rounds, and as a multiple of a copy of the frame's values."""

    part: str
    file: str
    raw_type: str
    megapixels: float
    stage: str
    ms: float
    copies: float

    def __str__(self) -> str:
        return f"{self.file:24} {self.stage:44} {self.ms:9.3f} ms {self.copies:8.3f} copies"


def measure(case: Case, rounds: int) -> Iterator[Stage]:
    """All steps, in the order in which a frame meets them; the copy at last."""
    found = {name: _best(step, rounds) for name, step in _steps(case).items()}
    for name, seconds in found.items():
        copies = round(seconds / found[_COPY], 3)
        size = round(case.pixels / 1e6, 1)
        yield Stage("stages", case.name, case.raw_type, size, name, round(seconds * 1e3, 3), copies)


_COPY = "a copy (the unit)"
_Step = Callable[[], float]


def _best(step: _Step, rounds: int) -> float:
    step()
    return min(step() for _ in range(rounds))


def _timed(work: Callable[[], object]) -> _Step:
    def step() -> float:
        began = time.perf_counter()
        made = work()
        taken = time.perf_counter() - began
        del made
        return taken

    return step


def _steps(case: Case) -> dict[str, _Step]:
    header = read_arw(case.data)
    area = frame_area(header, case.record.area, case.visible, case.row.crop)
    assert area is not None
    mosaic = Mosaic(case.data, header, area)
    values = np.ones(mosaic.shape, np.uint16)
    copied = np.zeros(mosaic.shape, np.uint16)
    mosaic.fill(values, True)
    length = develop(case.data, case.record, case.visible, case.row.crop).size
    steps: dict[str, _Step] = {
        "head of the file": _timed(lambda: read_arw(case.data)),
        "FITS header": _timed(lambda: develop(case.data, case.record, case.visible, case.row.crop, header=header)),
        "new memory with its pages (shutter open)": lambda: _memory(length)[0],
        "decoding, the machine's order of bytes": _timed(lambda: mosaic.fill(values, False)),
        "decoding into FITS's order, as it is done": _timed(lambda: mosaic.fill(values, True)),
        "of it looking for holes, one core": _timed(lambda: _look_for_holes(values)),
        "letting go of the memory (afterwards)": lambda: _memory(length)[1],
        "spool": lambda: _spool(case.data),
        "descriptor through a socket": _descriptor,
        _COPY: _timed(lambda: np.copyto(copied, values)),
    }
    if compiled() is None:
        del steps["of it looking for holes, one core"]
    return steps


def _memory(length: int) -> tuple[float, float]:
    began = time.perf_counter()
    memory = FrameMemory(length, ready=True)
    made = time.perf_counter()
    memory.close()
    return made - began, time.perf_counter() - made


def _look_for_holes(values: np.ndarray[tuple[int, ...], np.dtype[np.uint16]]) -> None:
    part = compiled()
    assert part is not None
    part.hole(values, True)


def _spool(data: bytes) -> float:
    with tempfile.TemporaryDirectory(prefix="bench") as folder:
        view = memoryview(data)
        began = time.perf_counter()
        with (Path(folder) / "spool").open("wb", buffering=0) as file:
            for at in range(0, len(view), _PIECE):
                file.write(view[at : at + _PIECE])
        return time.perf_counter() - began


def _descriptor() -> float:
    one, other = socket.socketpair()
    with one, other, tempfile.TemporaryFile() as file:
        began = time.perf_counter()
        socket.send_fds(one, [b"x" * 400], [file.fileno()])
        _, fds, _, _ = socket.recv_fds(other, 1 << 16, 1)
        taken = time.perf_counter() - began
        for fd in fds:
            socket.close(fd)
    return taken
