"""The camera that the first device had last, for the next start of the driver (does I/O: one small file).

- Several cameras are found in the order of their ports. A driver that starts anew in mid-night, after a cable was put
  elsewhere, or another camera came later to a lower port, would else give a running sequence the other camera.
- It is a preference and no more: a camera that is not there leaves the device to the one that is.
- A file that cannot be read or written is logged, and no more than that.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from pathlib import Path

from indi_sony_py.hand.smallfile import replace_file

__all__ = ["FirstCamera"]

_MAX_BYTES = 512
_log = logging.getLogger(__name__)


class FirstCamera:
    """The file at `path`. `identity` is what tells the camera from others; "" as long as there was none."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._identity: str | None = None

    @property
    def identity(self) -> str:
        if self._identity is None:
            self._identity = ""
            with suppress(OSError), self._path.open("rb") as file:
                self._identity = file.read(_MAX_BYTES).decode("utf-8", "replace").strip()
        return self._identity

    def keep(self, identity: str) -> None:
        """It is this one now."""
        if identity == self.identity:
            return
        self._identity = identity
        try:
            replace_file(self._path, identity)
        except OSError as error:
            _log.warning("which camera the first device has is not kept: %s", error)
