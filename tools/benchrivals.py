"""This driver beside other programs, on the same files and the same simulated camera: `tools/bench rivals`.

Two parts. `file`: one file from disk or memory to a FITS, by this package, by LibRaw and cfitsio in C as
indi_gphoto_ccd calls them, and by Siril. `whole`: a simulated camera in the network, an INDI server, this driver or
indi_gphoto_ccd, a client; from the image that is ready in the camera to the BLOB in the client, with the camera's
transfer apart. What is not installed is left out, with the reason. Starts processes.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from tools import rivalfile, rivalwhole
from tools.benchfiles import FILES
from tools.benchmachine import write_json

__all__ = ["main"]

BODIES = ("ILCE-7C:uncompressed", "ILCE-7C:lossy", "ILCE-7M4:lossless")
"""Those of the whole chain: libgphoto2 of Debian 12 takes photos with them."""


_Figure = rivalfile.OneFile | rivalwhole.Whole


def _tell(figure: _Figure, found: list[_Figure], file: Path | None) -> None:
    """At once, in the file too: a long run that is broken off keeps what it has."""
    found.append(figure)
    print(f"  {figure}", flush=True)
    write_json(file, found)


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tools/bench rivals", description=__doc__)
    parser.add_argument("files", nargs="*", metavar="BODY:TYPE", help=f"default: {' '.join(FILES)} for the files, "
                        f"{' '.join(BODIES)} for the whole")  # fmt: skip
    parser.add_argument("--part", choices=("file", "whole"), action="append", help="only this part")
    parser.add_argument(
        "--program", choices=tuple(rivalwhole.PROGRAMS), action="append", help="only these, of the whole"
    )
    parser.add_argument("--rounds", type=int, default=5, help="of each; the best file, the middle frame (default 5)")
    parser.add_argument("--rate", type=int, default=100, help="MB/s of the camera's transfer (default 100)")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep the files there, and take them from there")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    options = _arguments(argv)
    parts = options.part or ["file", "whole"]
    found: list[_Figure] = []
    if "file" in parts:
        print(f"a file to a FITS, the best of {options.rounds}, {len(os.sched_getaffinity(0))} cores")
        for word in options.files or FILES:
            for one in rivalfile.measure(word, options.rounds, options.keep):
                _tell(one, found, options.json)
    if "whole" in parts:
        print(f"from the image in the camera to the BLOB in the client, the middle of {options.rounds}")
        for word in options.files or BODIES:
            for whole in rivalwhole.measure(word, options.program or rivalwhole.PROGRAMS, options.rounds, options.rate):
                _tell(whole, found, options.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
