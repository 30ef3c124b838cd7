"""Small C programs of the tools, compiled where they are used (starts a compiler)."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

__all__ = ["CannotBuild", "build", "shim_at"]

_HERE = Path(__file__).parent
_LIMIT_S = 60.0


class CannotBuild(RuntimeError):
    """There is no compiler, or a library's headers are missing; the text says which."""


def build(source: str, target: Path, flags: Sequence[str] = (), packages: Sequence[str] = ()) -> Path:
    """`target`, made of the file `source` beside this one. `packages`: libraries as pkg-config names them."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        raise CannotBuild("no C compiler (Debian package gcc)")
    libraries = _run(["pkg-config", "--cflags", "--libs", *packages], "pkg-config").split() if packages else []
    _run([compiler, "-O2", "-Wall", "-Werror", *flags, "-o", str(target), str(_HERE / source), *libraries], source)
    return target


def shim_at(folder: Path) -> Path:
    """The library that gives indi_gphoto_ccd a camera in the network, see its source."""
    return build("autodetect_shim.c", folder / "autodetect.so", ("-shared", "-fPIC"))


def _run(command: Sequence[str], what: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_LIMIT_S, check=False)
    except FileNotFoundError:
        raise CannotBuild(f"{command[0]} is not installed") from None
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.strip()]
        raise CannotBuild(f"{what}: {said[0] if said else 'failed'}")
    return done.stdout
