"""Record of a frame that exhausts memory: 61 megapixels within 700 MB, in processes of their own.

`python -m tests.bugs.test_memory_records 20` takes that many frames by hand; the suite takes four.
"""

from __future__ import annotations

import errno
import mmap
import shutil
import sys
from pathlib import Path

import pytest

from indi_sony_py.engine.messages import Role
from tests.bugs.benches import BOTH, connected, serials
from tests.engine.bench import serial_of
from tests.hand.realrig import House

LIMIT_BYTES = 700_000_000
RAW_BYTES = 2 * 9600 * 6376


def peak_bytes(pid: int) -> int:
    """The most memory that a process had resident."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


def frames(count: int, limit_s: float = 100.0) -> int:
    """Take frames of an A7R IV, FITS and native by turns, face and hand limited in their address space each.

    The peak of the hand's resident memory, bytes.
    """
    with House(body="ILCE-7RM4") as house:
        face = house.face(prefix=("prlimit", f"--as={LIMIT_BYTES}"))
        limits = Path(f"/proc/{face.hand}/limits").read_text()
        assert str(LIMIT_BYTES) in limits, "the hand has the limit of its face"
        face.ready()
        for number in range(1, count + 1):
            native = number % 2 == 0
            face.expose(number, 1 / 100, transfer="native" if native else "fits")
            ready = face.hears("FrameReady", limit_s, exposure_id=number)
            assert ready["format"] == (".arw" if native else ".fits")
            assert ready["length"] >= (RAW_BYTES if native else 2 * 9568 * 6376)
            (house.folder / "frames" / f"{number}{ready['format']}").unlink()
        assert face.all("ExposureFailed") == []
        peak = peak_bytes(face.hand)
        assert [press["serial"] for press in house.camera.truth()] == list(range(1, count + 1))
        face.end()
        house.hand_leaves()
        assert house.camera.broken() == []
        return peak


@pytest.mark.realtime
@pytest.mark.timeout(400)
def test_b37_sixty_one_megapixels_within_seven_hundred_megabytes() -> None:
    """Reserved address space counts, too: what is resident is less than half of the limit."""
    if shutil.which("prlimit") is None:
        pytest.skip("there is no prlimit here")
    assert frames(4) < LIMIT_BYTES / 2


@BOTH
def test_b37_too_little_memory_is_told_and_the_image_is_kept(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a transfer would cost the session: the image stays in the camera, in words, until there is memory."""
    room = [False]
    make = mmap.mmap

    def scarce(fd: int, size: int, **more: int) -> mmap.mmap:
        if not room[0]:
            raise OSError(errno.ENOMEM, "Cannot allocate memory")
        return make(fd, size, **more)

    monkeypatch.setattr("indi_sony_py.ptp.landing.mmap.mmap", scarce)
    bench = connected(model)
    text = bench.failure(1.0)
    assert "No image came" in text
    told = [notice for notice in bench.notices if "there is no memory" in notice]
    assert len(told) == 1 and "DSC00001.ARW stays in the camera" in told[0] and "add swap" in told[0]
    assert bench.camera.memory.counter() & 0x8000
    room[0] = True
    assert serial_of(bench.frame(1.0).data) == 2
    assert serials(bench, Role.KEPT) == [1]
    bench.settle()
    bench.assert_clean()


if __name__ == "__main__":
    wanted = int(sys.argv[1])
    print(f"{wanted} frames; the hand had {frames(wanted) / 1e6:.0f} MB resident at the most")
