"""Dumps of real cameras, and the cameras made from them: the names that the rest of the program uses.

`load` and `list_dumps` give what a real camera said (`sim.dump_files`); `compose` gives the whole camera, with what no
dump shows filled in by rules and marked (`sim.assume`, `sim.composition`).
"""

from __future__ import annotations

from indi_sony_py.sim.composition import CameraModel, Listing, compose, compose_dump, simulated_models
from indi_sony_py.sim.dump_files import Access, Dump, DumpProperty, DumpSource, best_dump, list_dumps, load, read

__all__ = [
    "Access",
    "CameraModel",
    "Dump",
    "DumpProperty",
    "DumpSource",
    "Listing",
    "best_dump",
    "compose",
    "compose_dump",
    "list_dumps",
    "load",
    "read",
    "simulated_models",
]
