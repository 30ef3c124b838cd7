"""What all sections of tools/bench share: the machine, its cores, and figures as JSON (does I/O)."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

__all__ = ["hold_to", "peak_bytes", "write_json"]


def hold_to(cores: Sequence[int]) -> None:
    """Every thread of this process runs on these cores only; what it starts later, too."""
    for task in os.listdir("/proc/self/task"):
        os.sched_setaffinity(int(task), cores)


def peak_bytes(pid: int | str = "self") -> int:
    """The most memory that a process had resident, shared memory among it."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


def write_json(path: Path | None, figures: Iterable[Any]) -> None:
    """Figures, dataclasses, with a word about the machine. None: nowhere."""
    if path is None:
        return
    cores = len(os.sched_getaffinity(0))
    machine = {"processor": platform.machine(), "cores": cores, "python": platform.python_version()}
    path.write_text(json.dumps({"machine": machine, "figures": [asdict(each) for each in figures]}, indent=1) + "\n")
