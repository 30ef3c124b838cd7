"""The real KStars with the driver on a simulated camera (tools/ekosbench.py). Every test is marked `realtime`."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

__all__: list[str] = []

HERE = Path(__file__).parent
START_S = 300


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.realtime)
            item.add_marker(pytest.mark.timeout(START_S))


@pytest.fixture(scope="session")
def kstars_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home in which KStars was started once, to be copied. Skips where KStars is not installed."""
    if importlib.util.find_spec("jeepney") is None:
        pytest.skip("jeepney is not installed (a Python package)")
    from tools.ekosbench import made_home
    from tools.kstars import missing_kstars

    missing = missing_kstars() + ([] if shutil.which("indiserver") else ["indi-bin"])
    if missing:
        pytest.skip(f"not installed (Debian packages): {' '.join(missing)}")
    with made_home() as home:
        yield home
