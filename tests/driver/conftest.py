"""The rig of the face's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.driver.scripted import Rig


@pytest.fixture
def rig() -> Iterator[Rig]:
    made = Rig()
    yield made
    made.close()
