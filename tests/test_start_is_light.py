"""What the INDI process imports before its first word: nothing heavy, or it could not answer at once."""

from __future__ import annotations

import subprocess
import sys

import pytest

LIGHT = (
    "indi_sony_py.cli.driver",
    "indi_sony_py.driver",
    "indi_sony_py.indi",
    "indi_sony_py.indi.process",
    "indi_sony_py.engine.messages",
    "indi_sony_py.hand.pair",
    "indi_sony_py.hand.launch",
    "indi_sony_py.hand.journal",
    "indi_sony_py.image.record",
    "indi_sony_py.errors",
    "indi_sony_py.clock",
)
HEAVY = (
    "numpy", "astropy", "rawpy", "usb", "asyncio", "email", "http", "xml.etree.ElementTree", "multiprocessing",
    "hashlib", "indi_sony_py.texts.tool", "indi_sony_py.texts.doctor", "indi_sony_py.hand.trace", "indi_sony_py.sim",
)  # fmt: skip


@pytest.mark.parametrize("module", LIGHT)
def test_a_module_of_the_face_imports_nothing_heavy(module: str) -> None:
    source = f"import sys, {module}; print(' '.join(name for name in {HEAVY!r} if name in sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", source],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []
