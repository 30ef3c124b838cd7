"""What developing costs a 64-bit ARM processor: instructions, counted; and the time on a Raspberry Pi, computed.

    python3 -m tools.picost

Needs Debian's gcc-aarch64-linux-gnu, libc6-dev-arm64-cross and qemu-user-static. Starts the compiler and QEMU.

Rules kept here:

- Nothing is timed: QEMU runs the compiled decoder one instruction at a time, and each is a line of its log. What a run
  without the call takes is subtracted.
- A time is the longer of two that overlap in the processor: instructions by instructions a cycle and clock, bytes by
  what memory copies. It is the least that can be: no branch is foretold wrongly, all but the frame lies in the caches,
  and Python's share, some milliseconds a frame, is not in it.
- Every figure that was not counted here is a row with its source.
"""

from __future__ import annotations

import shutil
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from indi_sony_py.sim.arw_codecs import CURVE_KNOTS, TILE, encode_lossless, encode_lossy, encode_uncompressed
from indi_sony_py.sim.geometry import geometry_of
from indi_sony_py.sim.sky import Sky
from indi_sony_py.sony.bodies import body

__all__ = ["BOARDS", "KINDS", "Board", "Kind", "computed_s", "counted", "main"]

_SOURCE = Path(__file__).resolve().parents[1] / "indi_sony_py" / "image" / "_decode.c"
_COMPILER, _EMULATOR = "aarch64-linux-gnu-gcc", "qemu-aarch64-static"
_FLAGS = ("-O3", "-std=c11", "-static")
"""-O3 and the standard are those of setup.py."""
_MODEL = "ILCE-7M3"
_ROWS, _COLUMNS = TILE, 2 * TILE
_MEGAPIXELS = (24, 61)


@dataclass(frozen=True, slots=True)
class Kind:
    """A RAW type: its bytes for each value as they come, and instructions a cycle of a Cortex-A72.

    Those are what LLVM 14's scheduling model of that core says of the innermost loop as gcc 12 compiles it
    (`llvm-mca -mcpu=cortex-a72`).
    """

    name: str
    encode: Callable[[npt.NDArray[np.uint16]], bytes]
    bytes_in: float
    per_cycle_a72: float


@dataclass(frozen=True, slots=True)
class Board:
    """`copy_bytes_s`: what is copied from memory to memory. `wider`: instructions a cycle against the A72."""

    name: str
    clock_hz: float
    cores: int
    copy_bytes_s: float
    wider: float


def _tiles(cfa: npt.NDArray[np.uint16]) -> bytes:
    """Two of them, behind where they lie."""
    tiles = encode_lossless(cfa)
    lengths = [len(tile) for tile in tiles]
    return struct.pack("<4Q", 32, 32 + lengths[0], *lengths) + b"".join(tiles)


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "uncompressed": Kind("uncompressed", encode_uncompressed, 2.0, 1.72),
        "lossy": Kind("lossy", encode_lossy, 1.0, 2.04),
        "lossless": Kind("lossless", _tiles, 1.0, 2.79),
    }
)

BOARDS: tuple[Board, ...] = (
    Board("Raspberry Pi 4", 1.8e9, 4, 2.5e9, 1.0),
    Board("Raspberry Pi 5", 2.4e9, 4, 5.5e9, 4 / 3),
)
"""Copies: tinymembench's, as collected by ThomasKaiser/sbc-bench (Results.md: 2.2 to 2.8 GB/s on a Pi 4 at 1.8 GHz) and
geerlingguy/sbc-reviews (issues 21, 58, 81: 4.9 to 6.1 GB/s on a Pi 5, a CM5 and a Pi 500+). The A76 of the Pi 5 decodes
four instructions a cycle, the A72 of the Pi 4 three."""

_MAIN = """
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#define W %(columns)dL
#define H %(rows)dL
int indi_sony_plain(const uint8_t *, long, long, long, long, int, uint16_t *, long);
int indi_sony_lossy(const uint8_t *, long, long, const uint16_t *, long, long, int, uint16_t *, long);
int indi_sony_tiles(const uint8_t *, const uint64_t *, const uint64_t *, long, long, long, long, long, long, long, int,
                    uint16_t *, long);
long indi_sony_hole(const uint16_t *, long, long, long, uint16_t);
int main(int argc, char **argv)
{
    static const uint16_t knots[4] = {%(knots)s};
    struct stat about;
    int file = open(argv[2], O_RDONLY), status = 1;
    if (argc != 4 || file < 0 || fstat(file, &about))
        return 2;
    const uint8_t *data = mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_PRIVATE, file, 0);
    const uint64_t *places = (const uint64_t *)data;
    uint16_t *out = malloc(2 * W * H);
    if (argv[3][0] == '0')
        return 0;
    if (argv[1][0] == 'u')
        status = indi_sony_plain(data, W, H, 0, W, 1, out, W);
    else if (argv[1][4] == 'y')
        status = indi_sony_lossy(data, W, H, knots, 0, W, 1, out, W);
    else
        status = indi_sony_tiles(data, places, places + 2, 2, W / 2, H, 0, 0, W, H, 1, out, W);
    return status || indi_sony_hole(out, W, H, W, 0x0080) >= 0;
}
"""


class Unavailable(Exception):
    """It cannot be counted here."""


def counted(folder: Path, kinds: Sequence[Kind] = tuple(KINDS.values())) -> dict[str, float]:
    """Instructions a value of each kind; 0.5 million values of a star field. Raises `Unavailable`."""
    for program in (_COMPILER, _EMULATOR):
        if shutil.which(program) is None:
            raise Unavailable(f"{program} is missing here")
    row = body(_MODEL)
    cfa = Sky(3, geometry_of(row)).render(30.0, 800, "sky", 1).cfa[:_ROWS, :_COLUMNS]
    knots = ", ".join(str(knot >> 2) for knot in CURVE_KNOTS)
    source, made = folder / "main.c", folder / "main"
    source.write_text(_MAIN % {"columns": _COLUMNS, "rows": _ROWS, "knots": knots})
    subprocess.run([_COMPILER, *_FLAGS, "-o", made, source, _SOURCE], check=True)
    found = {}
    for kind in kinds:
        data = folder / kind.name
        data.write_bytes(kind.encode(cfa))
        without, whole = (_instructions([str(made), kind.name, str(data), times]) for times in "01")
        found[kind.name] = (whole - without) / cfa.size
    return found


def _instructions(words: Sequence[str]) -> int:
    """How many a program executes, its libraries' among them. It must end well."""
    emulator = [_EMULATOR, "-cpu", "cortex-a72", "-singlestep", "-d", "exec,nochain", *words]
    with subprocess.Popen(emulator, stderr=subprocess.PIPE) as running:
        assert running.stderr is not None
        lines = 0
        while piece := running.stderr.read(1 << 20):
            lines += piece.count(b"\nTrace ")
    if running.returncode:
        raise Unavailable(f"{' '.join(words)} ended with {running.returncode}")
    return lines


def computed_s(board: Board, kind: Kind, instructions: float, values: float, cores: int) -> float:
    """Seconds for so many values on so many cores, which share the memory."""
    cycles = values * instructions / (kind.per_cycle_a72 * board.wider)
    # A copy reads two bytes and writes two; looking for holes reads one line of memory in four.
    copied = values * ((kind.bytes_in + 2.0) / 2 + 0.25)
    return max(cycles / board.clock_hz / cores, copied / board.copy_bytes_s)


def main() -> int:
    """Prints both. Exit status 3: it cannot be counted here, with the reason."""
    with tempfile.TemporaryDirectory() as place:
        try:
            found = counted(Path(place))
        except Unavailable as fault:
            print(f"picost: {fault}", file=sys.stderr)
            return 3
    for name, instructions in found.items():
        print(f"{name}: {instructions:.1f} instructions a value (counted)")
        for board in BOARDS:
            times = [
                f"{size} MP {computed_s(board, KINDS[name], instructions, size * 1e6, cores) * 1e3:.0f} ms"
                f" on {cores} core{'s' * (cores > 1)}"
                for size in _MEGAPIXELS
                for cores in (1, board.cores)
            ]
            print(f"  {board.name} (computed): {', '.join(times)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
