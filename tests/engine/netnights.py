"""Random nights as those of `tests.engine.nights`, with the camera in the network: links break at any byte.

.venv/bin/python -m tests.engine.netnights --captures 10000
"""

from __future__ import annotations

import argparse
import logging
from typing import Any

from indi_sony_py.sim.ipdevice import IpDevice
from indi_sony_py.transport.ipstream import Stream
from tests.engine.netbench import NetBench
from tests.engine.nights import MORE_BODIES, OTHERS, PASSING, Fuse, Night

__all__ = ["NetNight"]

_PASSING = tuple(row for row in PASSING if row[0]["kind"] != "stall")
_OPERATIONS = (0x1009, 0x1009, 0x9209, 0x9207, 0x9207, 0x1008, 0x9201, 0x9205, 0x1002)
_BYTES = (0, 1, 8, 12, 19, 20, 27, 33, 60, 100, 500, 1_000_000)


class _WatchedBench(NetBench):
    """`watch` is put around what each of its connections does."""

    watch: Any = None

    def __init__(self, model: str, seam: str) -> None:
        super().__init__(model)

    def dial(self, network: IpDevice) -> Stream:
        stream: Any = super().dial(network)
        stream.send, stream.receive = self.watch(stream.send), self.watch(stream.receive)
        return stream  # type: ignore[no-any-return]


class _NetFuse(Fuse):
    """Ends the process before or after its n-th next call of a connection."""

    def __init__(self, bench: _WatchedBench) -> None:
        self.left: int | None = None
        self.after = False
        bench.watch = self._watched


class NetNight(Night):
    """`Night` over PTP/IP."""

    new_bench = staticmethod(_WatchedBench)
    new_fuse = staticmethod(_NetFuse)

    def fault(self) -> None:
        pick, dice = self.pick, self.pick.random()
        if dice < 0.35:
            kept, operations = pick.choice(_PASSING)
            row = {**kept, "when": {"operation": pick.choice(operations)}}
        elif dice < 0.75:
            row = {
                "kind": pick.choice(("cut", "half-answer")),
                "when": {"operation": pick.choice(_OPERATIONS)},
                "after_bytes": pick.choice(_BYTES),
                "carried_out": pick.random() < 0.7,
            }
        else:
            row = dict(pick.choice(OTHERS))
        self.faults += 1
        self.act("fault", row=row)


def main() -> int:
    parser = argparse.ArgumentParser(description="Random nights with the simulated camera in the network.")
    parser.add_argument("--captures", type=int, default=1000, help="how many exposures in all")
    parser.add_argument("--each", type=int, default=40, help="exposures a night")
    parser.add_argument("--seed", type=int, default=1, help="the first seed")
    parser.add_argument("--verbose", action="store_true", help="tell what happened, with the notes of the referee")
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    done = faults = kills = failed = 0
    seed = options.seed
    while done < options.captures:
        night = NetNight(seed, MORE_BODIES[seed % len(MORE_BODIES)])
        try:
            night.run(options.each)
        except Exception as error:
            failed += 1
            print(
                f"{type(error).__name__}: {error} (--seed {seed} --captures 1 --each {options.each})"[:600], flush=True
            )
        if options.verbose:
            print("\n".join(night.told()))
        done, faults, kills, seed = done + night.captures, faults + night.faults, kills + night.killed, seed + 1
    print(f"{done} captures in {seed - options.seed} nights, {faults} faults, {kills} kills, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
