"""Facts of sensors that no table knows, kept for the next connection (does I/O: one small file).

- A body without a row, or whose row lacks the size of its frames or pixels, gets them from its first file, or from what
  a client said; at the next connection CCD_INFO is right before there is any frame.
- The largest whole frame counts: a body that was set to crop shows its true size later.
- What a table says is never kept, so that a better table wins. A file that cannot be read or written is logged, and no
  more than that.
"""

from __future__ import annotations

import json
import logging
import math
import os
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from indi_sony_py import texts
from indi_sony_py.driver.view import CameraFacts, Size
from indi_sony_py.hand.messages import FrameReady

__all__ = ["Sensor", "Sensors", "complete", "contradiction", "learnt"]

_MAX_BYTES, _MAX_MODELS = 1 << 16, 200
_LARGEST, _LEAST_UM, _MOST_UM = 100_000, 0.5, 40.0
_WHOLE = 0.9
"""A frame with so much of the stored buffer's width and height is no part of it: the margins of bodies and the padding
of tiles are smaller."""
_PATTERNS = frozenset({"RGGB", "BGGR", "GRBG", "GBRG"})
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sensor:
    """Sizes in pixels, `pixel_um` in micrometres; 0 or "": not known."""

    width: int = 0
    height: int = 0
    cfa: str = ""
    pixel_um: float = 0.0


class Sensors:
    """The file at `path`, by model."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[str, Sensor] | None = None

    def of(self, model: str) -> Sensor:
        """What is kept of a model, nothing else than that it may be nothing."""
        return self._all().get(model, Sensor())

    def keep(self, model: str, sensor: Sensor) -> None:
        known = self._all()
        if not model or known.get(model, Sensor()) == sensor or (model not in known and len(known) >= _MAX_MODELS):
            return
        known[model] = sensor
        text = json.dumps({name: asdict(each) for name, each in known.items()}, indent=1)
        fresh = self._path.with_suffix(".new")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            fresh.write_text(text, "utf-8")
            os.replace(fresh, self._path)
        except OSError as error:
            _log.warning("what was learnt of the sensor of %s is not kept: %s", model, error)

    def learn(self, table: CameraFacts, frame: FrameReady, area: str) -> Sensor:
        """Keep what a frame tells, and give back all that is kept of its model."""
        kept = learnt(table, self.of(table.model), frame, area)
        self.keep(table.model, kept)
        return kept

    def _all(self) -> dict[str, Sensor]:
        if self._known is None:
            self._known = {}
            with suppress(OSError), self._path.open("rb") as file:
                self._known = _read(file.read(_MAX_BYTES))
        return self._known


def _read(data: bytes) -> dict[str, Sensor]:
    try:
        raw = json.loads(data)
        return {str(model): _sensor(each) for model, each in list(raw.items())[:_MAX_MODELS]}
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        _log.warning("what is kept of sensors cannot be read: %s", error)
        return {}


def _sensor(raw: object) -> Sensor:
    if not isinstance(raw, dict):
        raise TypeError("a sensor is an object")
    width, height, um = (raw.get(name, 0) for name in ("width", "height", "pixel_um"))
    sized = all(isinstance(n, int) and 0 < n <= _LARGEST for n in (width, height))
    sane = isinstance(um, (int, float)) and math.isfinite(um) and _LEAST_UM <= um <= _MOST_UM
    cfa = raw.get("cfa", "")
    return Sensor(
        width if sized else 0, height if sized else 0, cfa if cfa in _PATTERNS else "", float(um) if sane else 0.0
    )


def complete(facts: CameraFacts, kept: Sensor) -> CameraFacts:
    """The row's facts, and what is kept where it has none."""
    if facts.visible is None and kept.width:
        facts = replace(facts, visible=(kept.width, kept.height))
    return replace(facts, cfa=kept.cfa) if kept.cfa and not facts.known else facts


def learnt(table: CameraFacts, kept: Sensor, frame: FrameReady, area: str) -> Sensor:
    """What is to be kept after a frame; `table`: the facts of the row alone."""
    facts = frame.facts
    if facts is None:
        return kept
    size = _whole(frame) if area == "visible" and table.visible is None else None
    if size is not None and size[0] * size[1] > kept.width * kept.height:
        kept = replace(kept, width=size[0], height=size[1])
    if not table.known and frame.cfa in _PATTERNS:
        kept = replace(kept, cfa=frame.cfa)
    if not table.pixel_um and facts.pixel_um:
        kept = replace(kept, pixel_um=facts.pixel_um)
    return kept


def _whole(frame: FrameReady) -> Size | None:
    assert frame.facts is not None
    stored = frame.facts.width, frame.facts.height
    size = frame.area if all(frame.area) else (frame.width, frame.height)
    whole = all(stored) and size[0] >= _WHOLE * stored[0] and size[1] >= _WHOLE * stored[1]
    return size if whole else None


def contradiction(table: CameraFacts, frame: FrameReady) -> str:
    """Where a file tells of another sensor than the table, in words; "" where they agree, or one of them is silent.

    Levels are compared at the table's bits alone: bodies read with fewer bits in some of their modes.
    """
    facts = frame.facts
    if facts is None or not table.known:
        return ""
    said, listed = [], []
    if facts.bits == table.bits and table.levels_known:
        for row, here, there in (
            (texts.frames.BLACK_LEVEL, facts.black, table.black),
            (texts.frames.WHITE_LEVEL, facts.white, table.white),
        ):
            if here is not None and here != there:
                said.append(row(level=here))
                listed.append(row(level=there))
    if frame.cfa in _PATTERNS and frame.cfa != table.cfa:
        said.append(texts.frames.COLORS(pattern=frame.cfa))
        listed.append(texts.frames.COLORS(pattern=table.cfa))
    return texts.frames.OTHER_SENSOR(said=", ".join(said), listed=", ".join(listed)) if said else ""
