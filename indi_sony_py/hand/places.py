"""Where the hand's files are (does I/O: makes folders). All below the user's XDG folders."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Places", "safe_name"]

_NAME = "indi_sony_py"


def safe_name(key: str) -> str:
    """A camera's key as a part of a file name."""
    return "".join(c if c.isalnum() or c in "-._" else "_" for c in key)[:100]


@dataclass(frozen=True, slots=True)
class Places:
    """`state` holds logs, the journal and the markers; `last_resorts` are folders for an image that found no other."""

    state: Path
    last_resorts: tuple[Path, ...] = ()

    @classmethod
    def of(cls, env: Mapping[str, str] | None = None) -> Places:
        """By the environment: `$XDG_STATE_HOME` (default ~/.local/state), then folders that outlive the process."""
        env = os.environ if env is None else env
        home = Path(env.get("HOME") or os.path.expanduser("~"))
        given = env.get("XDG_STATE_HOME", "")
        state = (Path(given) if given.startswith("/") else home / ".local" / "state") / _NAME
        own = f"{_NAME}-{os.getuid()}"
        roots = (Path("/var/tmp"), Path(env.get("TMPDIR") or "/tmp"), Path("/dev/shm"))
        return cls(state, (state / "frames", *(root / own for root in roots)))

    @property
    def journal(self) -> Path:
        return self.state / "rescued.jsonl"

    def marker(self, key: str) -> Path:
        return self.state / f"open-{safe_name(key)}.json"

    def spool(self, key: str) -> Path:
        """The beginning of the names of spooled frames."""
        return self.state / "spool" / safe_name(key)

    def log(self, key: str) -> Path:
        return self.state / f"hand-{safe_name(key)}.log"
