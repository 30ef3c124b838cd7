"""`python3 -m indi_sony_py.cli.system TREE FOLDER`: what a package of the system holds, below TREE. Writes files.

FOLDER is where the Python code will be on the system (absolute). Used by debian/rules.
"""

from __future__ import annotations

import sys
from pathlib import Path

from indi_sony_py.cli.main import whole_parser
from indi_sony_py.cli.system.plan import PACKAGE, PROGRAMS, launcher, pages, plan

__all__ = ["main"]


def main(tree: str, folder: str) -> None:
    """Write files and programs below `tree`."""
    for file in (*plan(PACKAGE), *pages(PACKAGE, whole_parser())):
        _write(Path(tree + file.path), file.text, 0o644)
    for program in PROGRAMS:
        _write(Path(f"{tree}{PACKAGE.commands}/{program}"), launcher(program, folder), 0o755)


def _write(path: Path, text: str, mode: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)


if __name__ == "__main__":
    main(*sys.argv[1:])
