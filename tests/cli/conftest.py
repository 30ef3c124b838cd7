"""A desk for every test that asks for one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.commandrig import Desk


@pytest.fixture
def desk(
    own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Desk]:
    made = Desk(tmp_path / "desk", monkeypatch, capsys)
    yield made
    made.close()
