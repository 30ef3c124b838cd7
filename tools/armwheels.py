"""Wheels of the package and its tests for 64-bit ARM: fetched and unpacked by pip on any machine, and named.

    python3 -m tools.armwheels FOLDER PYTHON     into FOLDER, for that Python (3.11)

Rules kept here:

- Only wheels: what has none for that processor is an error in which pip names it, and the exit status is 1.
- Nothing of them runs here, so no ARM processor and no emulation is needed.
"""

from __future__ import annotations

import configparser
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

__all__ = ["LEFT_OUT", "command", "main", "names", "requirements"]

ROOT = Path(__file__).resolve().parents[1]
LEFT_OUT = frozenset({"coverage", "gphoto2", "import-linter", "indiweb", "mypy", "pytest-cov", "pytest-xdist", "ruff"})
"""Of the extra `test`: what judges the code, or a real server; the tests that are run on ARM need none of it."""
_TAGS = ("manylinux2014", "manylinux_2_17", "manylinux_2_26", "manylinux_2_27", "manylinux_2_28")


def requirements(setup: Path = ROOT / "setup.cfg") -> list[str]:
    """What the package and its tests require, with the markers for other processors as they stand."""
    read = configparser.ConfigParser()
    read.read_string(setup.read_text("utf-8"))
    rows = read["options"]["install_requires"] + "\n" + read["options.extras_require"]["test"]
    wanted = [row.strip() for row in rows.splitlines() if row.strip()]
    return list(dict.fromkeys(row for row in wanted if re.split(r"[<>=; ]", row)[0] not in LEFT_OUT))


def command(folder: Path, python: str, report: Path, wanted: Iterable[str]) -> tuple[str, ...]:
    """pip's command line."""
    tags = [word for tag in _TAGS for word in ("--platform", f"{tag}_aarch64")]
    which = ("--python-version", python, "--implementation", "cp", *tags, "--only-binary", ":all:")
    pip = (sys.executable, "-m", "pip", "install", "-qq", "--no-compile", "--root-user-action", "ignore")
    return (*pip, "--upgrade", "--target", str(folder), "--report", str(report), *which, *wanted)


def names(report: str) -> list[str]:
    """The file names of the wheels that pip's report (JSON) tells of."""
    rows = json.loads(report)["install"]
    return sorted(row["download_info"]["url"].rsplit("/", 1)[-1] for row in rows)


def main(words: Sequence[str]) -> int:
    """What stands in the head of this module. Exit status 2 for anything else."""
    match list(words):
        case [folder, python]:
            with tempfile.TemporaryDirectory() as place:
                report = Path(place, "report.json")
                if subprocess.run(command(Path(folder), python, report, requirements()), check=False).returncode:
                    return 1
                found = names(report.read_text("utf-8"))
            for name in found:
                print(name)
            for_it = sum(name.endswith("_aarch64.whl") for name in found)
            print(f"{len(found)} wheels, {for_it} of them for aarch64, the others for any processor; none is missing")
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
