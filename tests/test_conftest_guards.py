"""The guards of conftest.py: each fails a test that does what it forbids."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

BAD = {
    "log": """
import logging
def test_bad():
    logging.getLogger("indi_sony_py.x").debug("%d pictures", "two")
""",
    "thread": """
import threading
def test_bad(monkeypatch):
    stop = threading.Event()
    threading.Thread(target=stop.wait, args=(20,), daemon=True, name="left behind").start()
""",
    "descriptor": """
import os
def test_bad():
    os.memfd_create("left open")
""",
    "warning": """
import warnings
def test_bad():
    warnings.warn("soon to go", DeprecationWarning)
""",
    "unclosed": """
import socket
def test_bad():
    socket.socket()
""",
}
SAYS = {
    "log": "log messages that cannot be formatted",
    "thread": "threads outlived the test: left behind",
    "descriptor": "descriptors stayed open",
    "warning": "soon to go",
    "unclosed": "unclosed <socket",
}
GOOD = """
import logging, os, threading
def test_good(own_home):
    assert os.environ["HOME"] == str(own_home) and not own_home.exists()
    assert "INDIDEV" not in os.environ
    logging.getLogger("indi_sony_py.x").debug("%d pictures", 2)
    thread = threading.Thread(target=int)
    thread.start()
    thread.join()
"""


def _run(folder: Path, source: str) -> subprocess.CompletedProcess[str]:
    (folder / "conftest.py").write_text(
        (ROOT / "tests" / "conftest.py").read_text().replace("_LAST_WORDS_S = 5.0", "_LAST_WORDS_S = 0.2")
    )
    (folder / "test_sample.py").write_text(source)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", str(ROOT / "setup.cfg")]
    return subprocess.run(
        [*command, "--rootdir", str(folder), str(folder)],
        capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("what", sorted(BAD))
def test_a_guard_fails_what_it_forbids(what: str, tmp_path: Path) -> None:
    result = _run(tmp_path, BAD[what])
    assert result.returncode == 1, result.stdout + result.stderr
    assert SAYS[what] in result.stdout


def test_the_guards_let_a_good_test_pass(tmp_path: Path) -> None:
    result = _run(tmp_path, GOOD)
    assert result.returncode == 0, result.stdout + result.stderr


LONG = """
def test_long():
    print("y" * 5000)
    assert not tuple("x" * 5000 for _ in range(3)), "z" * 5000
"""


def test_a_failure_is_told_in_lines_that_can_be_read(tmp_path: Path) -> None:
    done = _run(tmp_path, LONG)
    assert done.returncode == 1 and "... (50" in done.stdout
    assert max(map(len, done.stdout.splitlines())) < 900
