"""Judges: programs that nobody here wrote meet the simulated camera. Real programs and time; skipped where missing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.rig import COMMAND, Rig

__all__: list[str] = []

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.realtime)


@pytest.fixture
def rig() -> Iterator[Rig]:
    """An empty rig; what a test starts in it ends with the test."""
    if not COMMAND.exists():
        pytest.skip("the package is not installed: its programs are missing")
    with Rig() as made:
        yield made
