"""The figures of `tools/bench growth --json FILE` as pictures: `python -m tools.plots FILE [FOLDER]` (docs)."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from indi_sony_py.sim.arw_encoder import RAW_TYPES
from tools.plot import Line, picture

__all__ = ["main", "pictures"]

Figures = Sequence[Mapping[str, Any]]


def _lines(figures: Figures, part: str, x: str, y: str) -> list[Line]:
    """A line for each RAW type."""
    mine = [each for each in figures if each.get("part") == part]
    found = []
    for raw_type in RAW_TYPES:
        points = sorted((float(each[x]), float(each[y])) for each in mine if each["raw_type"] == raw_type)
        if points:
            found.append(Line(raw_type, tuple(points)))
    return found


def _marks(lines: Sequence[Line]) -> list[float]:
    return sorted({x for line in lines for x, _ in line.points})


def pictures(figures: Figures) -> dict[str, str]:
    """File names and their SVG, of those parts that were measured."""
    found = {}
    sizes = _lines(figures, "sizes", "megapixels", "develop_ms")
    if sizes:
        copies = sorted({
            (float(each["megapixels"]), float(each["copy_ms"]))
            for each in figures if each.get("part") == "sizes" and each["raw_type"] == RAW_TYPES[0]
        })  # fmt: skip
        cores = next(each["cores"] for each in figures if each.get("part") == "sizes")
        lines = [*sizes, Line("a copy of the values", tuple(copies))]
        title = f"Developing a frame, {cores} cores"
        found["growth-sizes.svg"] = picture(title, "megapixels", "milliseconds", lines, _marks(sizes))
    cores_lines = _lines(figures, "cores", "cores", "develop_ms")
    if cores_lines:
        size = next(each["megapixels"] for each in figures if each.get("part") == "cores")
        title = f"Developing {size:.0f} megapixels"
        found["growth-cores.svg"] = picture(title, "cores", "milliseconds", cores_lines, _marks(cores_lines))
    cameras = _lines(figures, "cameras", "cameras", "worst_ms")
    if cameras:
        one = next(each for each in figures if each.get("part") == "cameras")
        title = f"Frames at the same moment, {one['megabytes_s']} MB/s each, {one['cores']} cores"
        up = "milliseconds behind the last byte"
        found["growth-cameras.svg"] = picture(title, "cameras", up, cameras, _marks(cameras))
    return found


def main(argv: Sequence[str] | None = None) -> int:
    words = sys.argv[1:] if argv is None else list(argv)
    if not 1 <= len(words) <= 2:
        print("usage: python -m tools.plots FIGURES.json [FOLDER]", file=sys.stderr)
        return 2
    folder = Path(words[1]) if len(words) > 1 else Path("docs")
    for name, svg in pictures(json.loads(Path(words[0]).read_text())["figures"]).items():
        (folder / name).write_text(svg)
        print(folder / name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
