"""The rig of the face's tests."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.driver.scripted import Rig


@pytest.fixture
def rig() -> Iterator[Rig]:
    made = Rig()
    yield made
    made.close()


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """A folder for sockets: their paths are short, a test's own folder may not be."""
    with tempfile.TemporaryDirectory(prefix="indi-sony-") as folder:
        yield Path(folder)
