"""The set-up's decisions, tried with stand-ins for the machine's own commands."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone without a virtual environment; only what the set-up reads is in it."""
    (tmp_path / "tools").mkdir()
    for name in ("setup.cfg", "pyproject.toml", "tools/_setup.sh"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def _bash(clone: Path, script: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", f"set -euo pipefail\nsource tools/_setup.sh\n{script}"],
        cwd=clone,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        stdin=subprocess.DEVNULL,
        env={"PATH": os.environ["PATH"], "HOME": str(clone)},
    )


NOTHING_INSTALLED = "command() { return 1; }; _usable() { return 1; };"


def test_without_a_package_manager_the_packages_are_named(clone: Path) -> None:
    done = _bash(clone, f"{NOTHING_INSTALLED} set_up demo")
    assert done.returncode == 1
    assert "(or your system's own) are needed: python3 python3-venv indi-bin" in done.stderr


def test_without_rights_the_command_for_root_is_named(clone: Path) -> None:
    script = """
        command() { [ "$2" = apt-get ]; }; _usable() { return 1; }; id() { echo 1000; }
        set_up test
    """
    done = _bash(clone, script)
    assert done.returncode == 1
    assert "neither root nor sudo. As root, run: apt-get install python3 python3-venv indi-bin" in done.stderr


def test_package_lists_are_fetched_only_when_an_install_fails(clone: Path) -> None:
    script = """
        calls=0
        _missing_packages() { echo indi-bin; }
        _as_root() { echo "$@" >>calls; [ -e listed ] || { [ "$2" = update ] && touch listed; }; }
        _install_packages demo
        cat calls
    """
    done = _bash(clone, script)
    assert done.returncode == 0, done.stderr
    assert [line.split()[1] for line in done.stdout.splitlines()] == ["install", "update", "install"]


def test_without_a_python_that_is_new_enough_it_is_said(clone: Path) -> None:
    done = _bash(clone, "_install_packages() { :; }; _usable() { return 1; }; set_up demo")
    assert done.returncode == 1 and "no Python 3.11 or later" in done.stderr


def test_a_chosen_python_comes_first(clone: Path) -> None:
    done = _bash(clone, 'PYTHON=env; _usable() { [ -n "$1" ]; }; _find_python')
    assert done.stdout.strip() == shutil.which("env")


READY = "mkdir -p .venv/bin; ln -s /bin/true .venv/bin/python;"


@pytest.mark.parametrize(
    ("script", "done"),
    [
        (READY + "_is_done demo", False),
        (READY + "_stamp >.venv/.ready-demo; _is_done demo", True),
        (READY + "_stamp >.venv/.ready-demo; _is_done test", False),
        (READY + "_stamp >.venv/.ready-test; _is_done demo", True),
        (READY + "_stamp >.venv/.ready-test; echo >>setup.cfg; _is_done test", False),
        (READY + "_stamp >.venv/.ready-test; touch setup.py; echo '#' >>setup.py; _is_done test", False),
        (READY + "_stamp >.venv/.ready-test; rm .venv/bin/python; _is_done test", False),
    ],
    ids=[
        "never",
        "demo",
        "demo is not enough for test",
        "test serves demo",
        "settings changed",
        "build changed",
        "python is gone",
    ],
)
def test_what_is_done_is_not_done_again(clone: Path, script: str, done: bool) -> None:
    assert (_bash(clone, script).returncode == 0) is done


def test_the_package_is_compiled_also_where_python_writes_no_bytecode(clone: Path) -> None:
    (clone / "indi_sony_py").mkdir()
    (clone / "indi_sony_py" / "module.py").write_text("")
    ready = f"mkdir -p .venv/bin; ln -s {sys.executable} .venv/bin/python;"
    skipped = "_install_packages() { :; }; _install_python() { :; };"
    done = _bash(clone, f"export PYTHONDONTWRITEBYTECODE=1; {ready} {skipped} set_up demo")
    assert done.returncode == 0 and [*clone.glob("indi_sony_py/__pycache__/module.*.pyc")]
    assert _bash(clone, f"{skipped} rm .venv/bin/python; set_up demo").returncode == 0
