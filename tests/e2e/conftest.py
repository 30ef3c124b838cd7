"""End to end: real programs, real time. Every test here is marked `realtime` and has the rig of `tools.rig`."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.rig import Rig

__all__: list[str] = []

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.realtime)


@pytest.fixture
def rig() -> Iterator[Rig]:
    """An empty rig; what a test starts in it ends with the test."""
    if shutil.which("indiserver") is None:
        pytest.skip("indiserver is not installed (Debian package indi-bin)")
    with Rig() as made:
        yield made
