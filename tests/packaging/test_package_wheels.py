"""rawpy in the package: only what is locked, one tree for all Pythons."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import pytest

from tools.wheels import PYTHONS, BadWheel, main, unpack


def wheel(folder: Path, abi: str, shared: bytes = b"libraw") -> str:
    """A wheel as rawpy's are; its SHA-256."""
    path = folder / f"rawpy-1.2-{abi}-{abi}-manylinux_2_28_x86_64.whl"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("rawpy/__init__.py", "import rawpy._rawpy")
        made.writestr(f"rawpy/_rawpy.cpython-{abi[2:]}-x86_64-linux-gnu.so", abi)
        for name in ("libraw_r.so", "libraw_r.so.25", "libraw_r.so.25.0.0"):
            made.writestr(f"rawpy/{name}", shared)
        made.writestr("rawpy.libs/libgomp-962b742a.so.1.0.0", b"gomp")
        for name in ("rawpy/_rawpy.pyx", "rawpy/../../evil.py", "/etc/evil", "rawpy-1.2.dist-info/RECORD"):
            made.writestr(name, "not wanted")
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    """Wheels for all Pythons, locked."""
    digests = [wheel(tmp_path, "cp" + python.replace(".", "")) for python in PYTHONS]
    path = tmp_path / "lock"
    path.write_text(" ".join(["rawpy==1.2", *(f"--hash=sha256:{digest}" for digest in digests)]))
    return path


def test_all_pythons_share_one_tree(tmp_path: Path, lock: Path) -> None:
    tree = tmp_path / "tree"
    files = unpack(tmp_path, "amd64", tree, lock)
    assert sorted(path.relative_to(tree).as_posix() for path in files) == [
        "rawpy.libs/libgomp-962b742a.so.1.0.0",
        "rawpy/__init__.py",
        *(f"rawpy/_rawpy.cpython-{python.replace('.', '')}-x86_64-linux-gnu.so" for python in PYTHONS),
        "rawpy/libraw_r.so.25",
    ]
    assert all(path.is_file() for path in files) and not (tmp_path / "evil.py").exists()


def test_a_wheel_with_another_hash_is_refused(tmp_path: Path, lock: Path) -> None:
    wheel(tmp_path, "cp312", b"another library")
    with pytest.raises(BadWheel, match="is not the wheel of lock"):
        unpack(tmp_path, "amd64", tmp_path / "tree", lock)
    assert not (tmp_path / "tree").exists()


def test_wheels_that_differ_where_they_must_not_are_refused(tmp_path: Path, lock: Path) -> None:
    digest = wheel(tmp_path, "cp312", b"another library")
    lock.write_text(lock.read_text() + f" --hash=sha256:{digest}")
    with pytest.raises(BadWheel, match=r"libraw_r\.so\.25 differs"):
        unpack(tmp_path, "amd64", tmp_path / "tree", lock)


def test_the_program_says_how_to_get_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["unpack", str(tmp_path), "amd64", str(tmp_path / "tree")]) == 1
    assert f"`python3 -m tools.wheels fetch {tmp_path} amd64` fetches them" in capsys.readouterr().err
    assert main(["what"]) == 2 and "fetch FOLDER ARCHITECTURE" in capsys.readouterr().err
    assert main(["fetch", str(tmp_path / "made"), "armhf"]) == 0, "there are none: nothing is fetched"
