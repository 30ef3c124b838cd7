"""What a camera itself showed that it has, where its lists and the tables do not tell. Pure.

A 2.00 body lists ISO values and speeds that it does not have (an ILCE-7M3 shows its sibling's list); each value that
was set and read back is one that it has. `indi-sony probe` learns them, `hand.probes` keeps them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from indi_sony_py.sony.bodies import Body

__all__ = ["NOTHING", "Probed", "complete"]


@dataclass(frozen=True, slots=True)
class Probed:
    """`isos` are codes of 0xD21E, automatic first, then lowest first; `shutters` seconds, longest first, without bulb.

    Empty: not learnt.
    """

    isos: tuple[int, ...] = ()
    shutters: tuple[Fraction, ...] = ()


NOTHING = Probed()


def complete(row: Body, probed: Probed) -> Body:
    """The row of a body with what this camera showed in place of what the table says."""
    if not (probed.isos or probed.shutters):
        return row
    return replace(row, isos=probed.isos or row.isos, shutters=probed.shutters or row.shutters)
