"""What a fuzz target is: a decoder, inputs that it knows, and what it may answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from indi_sony_py.errors import BadData

__all__ = ["Target"]


@dataclass(frozen=True, slots=True)
class Target:
    """One decoder that eats foreign bytes.

    `run` feeds it and checks what must hold of the answer; only `documented` errors may leave it. `seeds` are inputs
    that it knows (made on demand), `words` pieces that its language has. `longest` bounds an input in bytes.

    Bounds for each input: `calls` and `memory` are (base, for each byte): function calls that it may take (Python's and
    C's), and bytes of Python memory at its peak. `few` is the number of mutated inputs in the suite. `native`: code
    that is not Python may crash in there.
    """

    name: str
    what: str
    run: Callable[[bytes], object]
    seeds: Callable[[], Sequence[bytes]]
    documented: tuple[type[Exception], ...] = (BadData,)
    words: tuple[bytes, ...] = ()
    longest: int = 4096
    calls: tuple[int, int] = (1000, 20)
    memory: tuple[int, int] = (1 << 17, 100)
    few: int = 1000
    native: bool = False
