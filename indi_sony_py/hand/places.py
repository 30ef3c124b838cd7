"""Where the hand's files are: names and folders, all below the user's XDG folders. Pure.

Rules kept here:

- Two cameras never share a file: a key that is cut or changed to become a name is told apart by a checksum.
- Below folders that everybody may write to, only a folder of this user's own is used.
"""

from __future__ import annotations

import os
from binascii import crc32
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Places", "safe_name"]

_NAME = "indi_sony_py"
_LONGEST = 60


def safe_name(key: str) -> str:
    """A camera's key as a part of a file's or socket's name: letters, digits, dash, dot and underscore."""
    text = "".join(c if c.isascii() and (c.isalnum() or c in "-._") else "_" for c in key)
    if not text or text.startswith("."):
        text = "_" + text[1:]  # "." and ".." are no names
    if text != key or len(text) > _LONGEST:
        raw = key.encode("utf-8", "surrogatepass")
        # A checksum and the length will do among the few cameras of a machine; a hash costs the face 4 MB of OpenSSL.
        text = f"{text[:_LONGEST]}-{len(raw):x}-{crc32(raw):08x}"
    return text


@dataclass(frozen=True, slots=True)
class Places:
    """`state` holds logs, the journal and the markers. `last_resorts` are folders for an image that found no other,
    `shared` such folders of this user's where everybody may write.
    """

    state: Path
    last_resorts: tuple[Path, ...] = ()
    shared: tuple[Path, ...] = ()

    @classmethod
    def of(cls, env: Mapping[str, str] | None = None) -> Places:
        """By the environment: `$XDG_STATE_HOME` (default ~/.local/state), then folders that outlive the process."""
        env = os.environ if env is None else env
        home = Path(env.get("HOME") or os.path.expanduser("~"))
        given = env.get("XDG_STATE_HOME", "")
        state = (Path(given) if given.startswith("/") else home / ".local" / "state") / _NAME
        own = f"{_NAME}-{os.getuid()}"
        roots = ("/var/tmp", env.get("TMPDIR") or "/tmp", "/dev/shm")
        return cls(state, (state / "frames",), tuple(Path(root) / own for root in dict.fromkeys(roots)))

    @property
    def journals(self) -> tuple[Path, ...]:
        """Where rescued frames are written down: the first that can be written."""
        return tuple(folder / "rescued.jsonl" for folder in (self.state, *self.shared))

    @property
    def nights(self) -> Path:
        """The records of the nights."""
        return self.state / "nights"

    @property
    def spools(self) -> tuple[Path, ...]:
        """Where images are until they are files: the first folder that takes them."""
        return (self.state / "spool", *self.shared)

    def marker(self, key: str) -> Path:
        return self.state / f"open-{safe_name(key)}.json"

    def spool(self, key: str) -> Path:
        """The beginning of the names of spooled frames."""
        return self.state / "spool" / safe_name(key)

    def log(self, key: str) -> Path:
        return self.state / f"hand-{safe_name(key)}.log"
