"""Files on disk: names, never an overwrite, never a half file, and words for what went wrong."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from indi_sony_py.errors import DiskError, DiskFull, NoFolder, NotWritable, advise
from indi_sony_py.image.files import fallback_folder, save, save_somewhere

_NOW = datetime(2026, 11, 25, 0, 30, 19)


def _save(folder: Path, prefix: str, suffix: str = ".fits", data: bytes = b"x" * 10) -> str:
    return str(save([data], folder, prefix, suffix, _NOW).relative_to(folder))


def test_names_as_indi_makes_them(tmp_path: Path) -> None:
    assert _save(tmp_path, "L_XXX") == "L_001.fits"
    assert _save(tmp_path, "L_XXX") == "L_002.fits"
    assert _save(tmp_path, "M_ISO8601_XXX") == "M_2026-11-25T00-30-19_001.fits"
    assert _save(tmp_path, "M_ISO8601_XXX") == "M_2026-11-25T00-30-19_002.fits"
    assert _save(tmp_path, "IMAGE_XXX", ".arw") == "IMAGE_001.arw"


def test_the_index_is_one_above_the_largest(tmp_path: Path) -> None:
    for name in ("L_007.fits", "L_041.fits", "D_099.fits", "L_x.fits"):
        (tmp_path / name).write_bytes(b"")
    assert _save(tmp_path, "L_XXX") == "L_042.fits"
    (tmp_path / "L_999.fits").write_bytes(b"")
    assert _save(tmp_path, "L_XXX") == "L_1000.fits"


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    assert [_save(tmp_path, "flat", data=bytes([n])) for n in range(3)] == ["flat.fits", "flat_1.fits", "flat_2.fits"]
    assert [(tmp_path / name).read_bytes() for name in ("flat.fits", "flat_1.fits")] == [b"\0", b"\1"]


def test_parts_are_joined_and_sub_folders_made(tmp_path: Path) -> None:
    path = save([b"ab", bytearray(b"cd"), memoryview(b"ef")], tmp_path / "new", "M31/Light/L_XXX", ".fits", _NOW)
    assert path == tmp_path / "new" / "M31" / "Light" / "L_001.fits"
    assert path.read_bytes() == b"abcdef"
    assert [entry.name for entry in path.parent.iterdir()] == ["L_001.fits"]
    assert path.stat().st_mode & 0o400


@pytest.mark.parametrize("prefix", ["../x_XXX", "a/../../x", "/etc/x", "..", "a/.."])
def test_a_name_never_leaves_the_folder(tmp_path: Path, prefix: str) -> None:
    folder = tmp_path / "frames"
    with pytest.raises(NotWritable, match="upload folder"):
        save([b"x"], folder, prefix, ".fits", _NOW)
    assert not list(tmp_path.rglob("*x*"))


@pytest.mark.parametrize(("prefix", "name"), [("", "IMAGE_001.fits"), ("a\nb\0c", "a_b_c.fits"), ("./M1", "M1.fits")])
def test_odd_names(tmp_path: Path, prefix: str, name: str) -> None:
    assert _save(tmp_path, prefix) == name


def test_long_folders_and_files_that_cannot_be(tmp_path: Path) -> None:
    with pytest.raises(NoFolder, match="too long"):
        save([b"x"], tmp_path / ("f" * 300), "L", ".fits", _NOW)
    with pytest.raises(NotWritable, match="too long"):
        _save(tmp_path, "L", "." + "s" * 300)
    assert list(tmp_path.iterdir()) == []


def test_a_part_of_an_earlier_life_is_neither_used_nor_touched(tmp_path: Path) -> None:
    left = tmp_path / f".indi_sony_py.{os.getpid()}.0.part"
    left.write_bytes(b"half a frame")
    assert _save(tmp_path, "L_XXX", data=b"whole") == "L_001.fits"
    assert left.read_bytes() == b"half a frame"
    assert (tmp_path / "L_001.fits").read_bytes() == b"whole"


def test_names_that_are_all_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("indi_sony_py.image.files._MOST_TRIES", 3)
    assert [_save(tmp_path, "flat") for _ in range(3)] == ["flat.fits", "flat_1.fits", "flat_2.fits"]
    with pytest.raises(NotWritable, match="no free name"):
        _save(tmp_path, "flat")
    for number in range(3):
        (tmp_path / f".indi_sony_py.{os.getpid()}.{number}.part").write_bytes(b"")
    with pytest.raises(NotWritable, match="unfinished files"):
        _save(tmp_path, "L_XXX")


@pytest.mark.parametrize(
    ("code", "kind"), [(errno.ENOSPC, DiskFull), (errno.EACCES, NotWritable), (errno.EIO, DiskError)]
)
def test_a_name_that_cannot_be_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, kind: type[DiskError]
) -> None:
    def link(source: Path, target: Path) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr("indi_sony_py.image.files.os.link", link)
    with pytest.raises(kind, match="L_001"):
        _save(tmp_path, "L_XXX")
    assert list(tmp_path.iterdir()) == []


def test_without_links_nothing_half_is_left_under_the_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(source: Path, target: Path) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr("indi_sony_py.image.files.os.link", refuse)
    monkeypatch.setattr("indi_sony_py.image.files.os.rename", refuse)
    with pytest.raises(NotWritable):
        _save(tmp_path, "L_XXX")
    assert list(tmp_path.iterdir()) == []


def test_a_very_long_name(tmp_path: Path) -> None:
    assert len(_save(tmp_path, "é" * 300)) <= 255


def test_a_folder_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(NoFolder, match="file") as caught:
        save([b"x"], tmp_path / "file" / "sub", "L", ".fits", _NOW)
    assert "Upload Settings" in advise(caught.value)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (errno.ENOSPC, DiskFull),
        (errno.EDQUOT, DiskFull),
        (errno.EACCES, NotWritable),
        (errno.EROFS, NotWritable),
        (errno.EIO, DiskError),
    ],
)
def test_errors_while_writing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, kind: type[DiskError]
) -> None:
    def write(descriptor: int, data: bytes) -> int:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr("indi_sony_py.image.files.os.write", write)
    with pytest.raises(kind) as caught:
        save([b"x" * 5_000_000], tmp_path, "L_XXX", ".fits", _NOW)
    assert str(tmp_path) in str(caught.value)
    assert list(tmp_path.iterdir()) == []
    if kind is DiskFull:
        assert "5.0 MB" in str(caught.value)


def test_an_error_of_the_sync_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fsync(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr("indi_sony_py.image.files.os.fsync", fsync)
    with pytest.raises(DiskFull):
        save([b"x"], tmp_path, "L_XXX", ".fits", _NOW)
    assert list(tmp_path.iterdir()) == []


def test_a_file_system_without_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def link(source: Path, target: Path) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr("indi_sony_py.image.files.os.link", link)
    assert [_save(tmp_path, "flat", data=bytes([n])) for n in range(2)] == ["flat.fits", "flat_1.fits"]
    assert (tmp_path / "flat.fits").read_bytes() == b"\0"
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["flat.fits", "flat_1.fits"]


def test_two_writers_never_share_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.link
    rivals = iter(["L_001.fits", "L_002.fits"])

    def link(source: Path, target: Path) -> None:
        rival = next(rivals, None)
        if rival is not None:
            (tmp_path / rival).write_bytes(b"rival")
        real(source, target)

    monkeypatch.setattr("indi_sony_py.image.files.os.link", link)
    assert _save(tmp_path, "L_XXX") == "L_003.fits"
    assert (tmp_path / "L_001.fits").read_bytes() == b"rival"


def test_a_full_disk(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("a tmpfs can't be mounted here: " + mounted.stderr.decode().strip())
    try:
        with pytest.raises(DiskFull, match=r"3\.0 MB"):
            save([b"x" * 3_000_000], disk, "L_XXX", ".fits", _NOW)
        assert list(disk.iterdir()) == []
        saved = save_somewhere([b"x" * 3_000_000], disk, "L_XXX", ".fits", _NOW, tmp_path / "other")
        assert saved.path == tmp_path / "other" / "L_001.fits"
        assert "no space left" in saved.reason
    finally:
        subprocess.run(["umount", disk], check=True)


_AS_USER = """
import sys, datetime
from indi_sony_py.errors import NotWritable
from indi_sony_py.image.files import save
try:
    save([b"x"], sys.argv[1], "L_XXX", ".fits", datetime.datetime(2026, 1, 1))
except NotWritable as fault:
    print("refused:", fault)
"""


@pytest.mark.parametrize("folder", ["closed", "closed/sub"])
def test_a_folder_of_somebody_else(tmp_path: Path, folder: str) -> None:
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        pytest.skip("needs root and setpriv, to become an ordinary user")
    (tmp_path / "closed").mkdir(mode=0o755)
    where = [str(tmp_path / folder)]
    for parent in (tmp_path, *tmp_path.parents):
        if not parent.stat().st_mode & 0o001:
            parent.chmod(0o755)
    done = subprocess.run(
        ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", sys.executable, "-c", _AS_USER, *where],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        env={"PYTHONPATH": str(Path(__file__).parents[2]), "PYTHONDONTWRITEBYTECODE": "1"},
        check=False,
    )
    if "refused:" not in done.stdout and "ModuleNotFoundError" in done.stderr:
        pytest.skip("an ordinary user can't read the project here")
    assert "refused:" in done.stdout, done.stderr
    assert list((tmp_path / "closed").iterdir()) == []


def test_the_fall_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert fallback_folder() == tmp_path / "data" / "indi_sony_py" / "frames"
    assert fallback_folder({"HOME": "/home/u"}) == Path("/home/u/.local/share/indi_sony_py/frames")
    assert fallback_folder({"XDG_DATA_HOME": "relative", "HOME": "/h"}) == Path("/h/.local/share/indi_sony_py/frames")
    saved = save_somewhere([b"x"], "/proc/none", "../L_XXX", ".fits", _NOW)
    assert saved.path == tmp_path / "data" / "indi_sony_py" / "frames" / "L_001.fits"
    assert saved.reason


def test_the_first_error_is_told_when_nothing_works(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(NotWritable, match="upload folder"):
        save_somewhere([b"x"], tmp_path, "../L", ".fits", _NOW, tmp_path / "file")
