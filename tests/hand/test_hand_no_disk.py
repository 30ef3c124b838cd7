"""Real processes whose folders take nothing: a frame is kept all the same, and its place is told."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.hand.realrig import ROOT, House
from tests.hand.test_hand_killed import serial_in

pytestmark = [pytest.mark.realtime, pytest.mark.timeout(120)]

NOBODY = 65534
AS_NOBODY = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--")
SHOT_S = 0.1


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system without a free byte."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("this user may not mount a small disk")
    try:
        (folder / "home").mkdir()
        with suppress(OSError), (folder / "ballast").open("wb", buffering=0) as file:
            while file.write(bytes(4096)):
                pass
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def last_resort(house: House) -> Iterator[Path]:
    """The folder of this user's in /var/tmp: what is put there is taken away again."""
    folder = house.places.shared[0]
    before = {path: path.read_bytes() for path in folder.iterdir()} if folder.exists() else {}
    try:
        yield folder
    finally:
        for path in set(folder.iterdir()) - set(before) if folder.exists() else ():
            path.unlink()
        for path, data in before.items():
            if path.read_bytes() != data:
                path.write_bytes(data)
        if not before:
            with suppress(OSError):
                folder.rmdir()


def killed_and_kept(house: House, asked: Path, prefix: tuple[str, ...] = ()) -> dict[str, Any]:
    """Take a frame for a client, kill the face while it has it; the line of the journal that tells of it."""
    name = f"test{os.getpid()}"
    face = house.face("--mute", prefix=prefix)
    face.ready()
    face.expose(101, SHOT_S, folder=str(asked), prefix=name)
    face.hears("FrameReady", exposure_id=101)
    face.kill()
    house.hand_leaves()
    (entry,) = (line for line in house.lines() if name in line["path"])
    (press,) = house.camera.truth()
    path = Path(entry["path"])
    assert path.name == f"{name}_duplicate.fits" and serial_in(path) == press["serial"]
    assert house.camera.broken() == []
    return entry


def test_a_full_disk(full_disk: Path) -> None:
    house = House()
    house.home = full_disk / "home"
    with house, last_resort(house) as folder:
        entry = killed_and_kept(house, full_disk / "home")
        assert Path(entry["path"]).parent == folder and folder.stat().st_mode & 0o777 == 0o700
        assert "no space left" in entry["why"] and "Free some space" in entry["why"]
        assert not list((full_disk / "home").rglob("*.fits"))


def test_folders_that_an_ordinary_user_may_not_write_to() -> None:
    root = os.getuid() == 0
    if root:
        again = "import subprocess, sys; sys.exit(subprocess.call([sys.executable, '-c', 'import indi_sony_py']))"
        if subprocess.call([*AS_NOBODY, sys.executable, "-c", again], stderr=subprocess.DEVNULL, cwd=ROOT) != 0:
            pytest.skip("an ordinary user cannot run this interpreter or read this checkout")
    with House() as house:
        if root:
            for path in (house.folder, *house.folder.rglob("*")):
                os.chown(path, NOBODY, NOBODY)
        locked = house.home / ".local" / "state"
        locked.mkdir(parents=True)
        if root:
            os.chown(house.home / ".local", NOBODY, NOBODY)
        locked.chmod(0o555)
        house.out.chmod(0o555)
        if root:
            os.chown(house.out, 0, 0)
            house.as_user(NOBODY)
        with last_resort(house):
            entry = killed_and_kept(house, house.out, AS_NOBODY if root else ())
            assert Path(entry["path"]).parent == house.home / ".local/share/indi_sony_py/frames"
            assert "may not be written" in entry["why"] and "Choose a folder" in entry["why"]
            assert not list(locked.iterdir()), "neither marker nor log nor spool: and it works"
        locked.chmod(0o755)
