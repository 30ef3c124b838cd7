"""What a hand says by itself while a command runs: shown at once, and kept for scripts."""

from __future__ import annotations

from collections.abc import Callable

from indi_sony_py.cli.output import Mark, Output
from indi_sony_py.engine.messages import Level

__all__ = ["teller"]

_MARKS = {Level.INFO: Mark.SKIP, Level.WARNING: Mark.WARN, Level.ERROR: Mark.FAIL}


def teller(out: Output) -> Callable[[Level, str], None]:
    """For `Session.to`: each notice is a line, and an entry of `notices`."""
    notices: list[dict[str, str]] = []
    out.data(notices=notices)

    def tell(level: Level, text: str) -> None:
        notices.append({"level": level.value, "text": text})
        out.mark(_MARKS[level], text)

    return tell
