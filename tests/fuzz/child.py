"""The process that libFuzzer (through atheris) drives: one target until its time is over. Started by `tests.fuzz`.

An error that is not documented is written down, with the input, and the search goes on; a crash, a hang or too much
memory ends the process, and libFuzzer leaves the input in the same folder.
"""

from __future__ import annotations

import hashlib
import json
import logging
import sys
from pathlib import Path

import atheris

__all__: list[str] = []

_KEPT = 3
"""Inputs that are kept for each finding."""


def main() -> None:
    name, folder, *options = sys.argv[1:]
    findings = Path(folder)
    logging.disable(logging.CRITICAL)
    with atheris.instrument_imports(include=["indi_sony_py"]):
        from tests.fuzz.targets import TARGETS
        from tests.fuzz.watch import tried
    target = TARGETS[name]
    seen: dict[tuple[str, str], int] = {}

    def one(data: bytes) -> None:
        found = tried(target, data)
        if found is None:
            return
        key = (found.kind, found.where)
        seen[key] = seen.get(key, 0) + 1
        if seen[key] <= _KEPT:
            stem = f"{found.kind}-{hashlib.sha1(repr(key).encode()).hexdigest()[:8]}-{seen[key]}"
            (findings / stem).write_bytes(data)
            about = {"kind": found.kind, "where": found.where, "text": found.text}
            (findings / f"{stem}.json").write_text(json.dumps(about, indent=1))

    atheris.Setup([sys.argv[0], *options], one)
    atheris.Fuzz()


main()
