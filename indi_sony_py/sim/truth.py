"""What a photo of the simulated camera really was, for whoever must judge what became of it (does I/O: a stream)."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import IO

from indi_sony_py.sim.darkroom import Files, Press

__all__ = ["Star", "Truth"]

Star = tuple[float, float, float]
"""x, y (of the stored buffer, pixels), flux (values above the sky)."""


class Truth:
    """`out` gets a JSON line a photo, `keep` the name and bytes of each file; `stars` tells what the last one shows."""

    def __init__(
        self, out: IO[str] | None, keep: Callable[[str, bytes], None] | None, stars: Callable[[], Sequence[Star]]
    ) -> None:
        self._out = out
        self._keep = keep
        self._stars = stars

    def tell(self, press: Press, files: Files) -> None:
        """Of one photo; without files it stays in the camera."""
        if self._keep is not None:
            for name, _, data in files:
                self._keep(name, data)
        if self._out is None:
            return
        line = {
            "t": round(press.opened, 6),
            "serial": press.serial,
            "utc": press.opened_utc.isoformat(),
            "exposure_s": press.exposure_s,
            "nominal_s": None if press.nominal_s is None else float(press.nominal_s),
            "iso": press.iso,
            "scene": press.scene,
            "by": press.by,
            "raw": press.raw_type,
            "night": press.night.told(),
            "files": [name for name, _, _ in files],
            "stars": [[x, y, flux] for x, y, flux in self._stars()] if files else [],
        }
        self._out.write(json.dumps(line) + "\n")
        self._out.flush()
