"""Every case of the wire runs on both ways to the camera."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.transport.rigs import Rig, local_rig, socket_rig


@pytest.fixture(params=["process", "socket"])
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    with local_rig() if request.param == "process" else socket_rig(tmp_path) as made:
        yield made


@pytest.fixture(params=["process", "socket"])
def three(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    with local_rig(3) if request.param == "process" else socket_rig(tmp_path, 3) as made:
        yield made
