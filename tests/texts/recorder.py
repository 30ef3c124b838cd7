"""Which test meets which text, by hand: `python -m pytest -p tests.texts.recorder tests/engine …` prints it at the end.

It tells for `met.py` where a row is made that no test looks at by its words. What other processes say is not seen.
"""

from __future__ import annotations

from collections.abc import Generator

import pytest

from indi_sony_py.texts import Row

_met: dict[str, str] = {}
_now = ""
_filled = Row._filled


def _note(row: Row, template: str, fields: dict[str, object]) -> str:
    if _now and "tests/texts/" not in _now:
        _met.setdefault(row.id, _now)
    return _filled(row, template, fields)


def pytest_configure() -> None:
    """Look on whenever a row makes a text."""
    Row._filled = _note  # type: ignore[method-assign, assignment]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Know the test of now."""
    global _now
    _now = item.nodeid.split("[")[0]
    try:
        return (yield)
    finally:
        _now = ""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Each row that was met, and the first test that met it."""
    for row, test in sorted(_met.items()):
        terminalreporter.write_line(f"met {row} {test}")
