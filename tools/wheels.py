"""rawpy for the Debian package: wheels are fetched and locked (by pip), and unpacked (without network).

    python3 -m tools.wheels fetch FOLDER ARCHITECTURE     those of the lock, for Debian's name of an architecture
    python3 -m tools.wheels unpack FOLDER ARCHITECTURE TREE
    python3 -m tools.wheels lock VERSION                  writes debian/rawpy.lock anew

Rules kept here:

- Nothing whose SHA-256 is not in the lock is unpacked, so what is in the package is what was tried.
- The wheels for several Pythons share all but one file each, which bears its Python in its name: one tree serves them
  all, and a package that was installed on one release of Debian still runs when the system becomes the next one.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

__all__ = ["LOCK", "MACHINES", "PYTHONS", "BadWheel", "fetch", "locked", "main", "unpack"]

LOCK = Path(__file__).resolve().parents[1] / "debian" / "rawpy.lock"
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
"""Debian 12, Ubuntu 24.04, Debian 13, and the next one."""
MACHINES: Mapping[str, str] = MappingProxyType({"amd64": "x86_64", "arm64": "aarch64"})
"""Debian's architectures for which there are wheels, as wheels call them."""
_TAGS = ("manylinux2014", "manylinux_2_17", "manylinux_2_27", "manylinux_2_28")
_WANTED = re.compile(r"rawpy/(\w+\.py|_rawpy\.cpython-\w+-[\w-]+\.so|libraw_r\.so\.\d+)|rawpy\.libs/[\w.-]+\.so[\w.]*")
"""Neither the sources of the binding nor the second and third copy of LibRaw."""


class BadWheel(ValueError):
    """A wheel that is not in the lock, or that contradicts another one."""


def locked(lock: Path = LOCK) -> tuple[str, frozenset[str]]:
    """The version, and the SHA-256 (hexadecimal) of each wheel that may be used."""
    text = lock.read_text("utf-8")
    version = re.search(r"^rawpy==(\S+)", text, re.MULTILINE)
    if version is None:
        raise BadWheel(f"{lock} names no version")
    return version[1], frozenset(re.findall(r"--hash=sha256:([0-9a-f]{64})", text))


def fetch(folder: Path, architecture: str, wanted: Sequence[str] = ("--require-hashes", "-r", str(LOCK))) -> None:
    """Into `folder`, one for each Python. Nothing for an architecture that has none. `CalledProcessError`."""
    if architecture not in MACHINES:
        return
    tags = [word for tag in _TAGS for word in ("--platform", f"{tag}_{MACHINES[architecture]}")]
    for python in PYTHONS:
        abi = "cp" + python.replace(".", "")
        which = ("--python-version", python, "--implementation", "cp", "--abi", abi, *tags)
        pip = (sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:")
        subprocess.run([*pip, *which, "-d", str(folder), *wanted], check=True)


def unpack(folder: Path, architecture: str, tree: Path, lock: Path = LOCK) -> list[Path]:
    """What the package holds of rawpy, below `tree`; the files. `BadWheel`: one is missing or not the locked one."""
    if architecture not in MACHINES:
        return []
    version, known = locked(lock)
    written: dict[Path, bytes] = {}
    for python in PYTHONS:
        abi = "cp" + python.replace(".", "")
        found = sorted(folder.glob(f"rawpy-{version}-{abi}-{abi}-*_{MACHINES[architecture]}.whl"))
        if len(found) != 1:
            raise BadWheel(f"{folder} has {len(found)} wheels of rawpy {version} for Python {python} on {architecture}")
        if _digest(found[0]) not in known:
            raise BadWheel(f"{found[0].name} is not the wheel of {lock.name}")
        with zipfile.ZipFile(found[0]) as wheel:
            _collect(((row.filename, wheel.read(row)) for row in wheel.infolist()), tree, written)
    for path, data in written.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        path.chmod(0o644)
    return sorted(written)


def _collect(rows: Iterable[tuple[str, bytes]], tree: Path, written: dict[Path, bytes]) -> None:
    for name, data in rows:
        if _WANTED.fullmatch(name) and written.setdefault(tree / name, data) != data:
            raise BadWheel(f"{name} differs from Python to Python")


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _lock(version: str) -> str:
    with tempfile.TemporaryDirectory() as place:
        for architecture in MACHINES:
            fetch(Path(place), architecture, (f"rawpy=={version}",))
        hashes = [_digest(path) for path in sorted(Path(place).glob("*.whl"))]
    head = "".join(line for line in LOCK.read_text("utf-8").splitlines(keepends=True) if line.startswith("#"))
    return head + " \\\n    ".join([f"rawpy=={version}", *(f"--hash=sha256:{digest}" for digest in hashes)]) + "\n"


def main(words: Sequence[str]) -> int:
    """What stands in the head of this module. Exit status 2 for anything else."""
    match list(words):
        case ["fetch", folder, architecture]:
            Path(folder).mkdir(parents=True, exist_ok=True)
            fetch(Path(folder), architecture)
        case ["unpack", folder, architecture, tree]:
            try:
                unpack(Path(folder), architecture, Path(tree))
            except BadWheel as fault:
                print(f"{fault}; `python3 -m tools.wheels fetch {folder} {architecture}` fetches them", file=sys.stderr)
                return 1
        case ["lock", version]:
            LOCK.write_text(_lock(version), encoding="utf-8")
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
