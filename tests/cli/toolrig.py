"""`indi-sony` in this process: its words, its object and its status."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest

from indi_sony_py.cli.main import main

__all__ = ["Said", "run"]


@dataclass(frozen=True)
class Said:
    """What a command printed, and its exit status."""

    status: int
    out: str
    err: str

    @property
    def data(self) -> dict[str, Any]:
        """The one object of `--json`."""
        (line,) = self.out.splitlines()
        found: dict[str, Any] = json.loads(line)
        assert found["ok"] is (self.status == 0) and found["status"] == self.status
        return found

    @property
    def words(self) -> str:
        """The text as one line, as it was before it was wrapped."""
        return " ".join(self.out.split())

    @property
    def errors(self) -> str:
        return " ".join(self.err.split())


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> Said:
    """Run a command."""
    capsys.readouterr()
    status = main(list(arguments))
    said = capsys.readouterr()
    return Said(status, said.out, said.err)
