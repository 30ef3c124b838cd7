"""Inputs that are nearly right: seeds with changes drawn from a seeded generator. Pure and deterministic."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence

__all__ = ["mutants", "mutated"]

_NUMBERS = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
_WIDTHS = (1, 2, 4, 8)
_MOST_CHANGES = 6
_LONGEST_BLOCK = 64

Change = Callable[[random.Random, bytearray, Sequence[bytes], Sequence[bytes]], None]


def _place(dice: random.Random, data: bytearray) -> int:
    return dice.randrange(len(data) + 1)


def _flip(dice: random.Random, data: bytearray, seeds: Sequence[bytes], words: Sequence[bytes]) -> None:
    if data:
        data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)


def _set(dice: random.Random, data: bytearray, seeds: Sequence[bytes], words: Sequence[bytes]) -> None:
    if data:
        data[dice.randrange(len(data))] = dice.randrange(256)


def _number(dice: random.Random, data: bytearray, seeds: Sequence[bytes], words: Sequence[bytes]) -> None:
    width = dice.choice(_WIDTHS)
    at = _place(dice, data)
    value = dice.choice((*_NUMBERS, len(data), len(data) - at))
    raw = (value & ((1 << 8 * width) - 1)).to_bytes(width, dice.choice(("little", "little", "big")))
    data[at : at + width] = raw


def _insert(dice: random.Random, data: bytearray, seeds: Sequence[bytes], words: Sequence[bytes]) -> None:
    at = _place(dice, data)
    data[at:at] = dice.randbytes(dice.randrange(1, 9))


def _delete(dice: random.Random, data: bytearray, seeds: Sequence[bytes], words: Sequence[bytes]) -> None:
    at = _place(dice, data)
    del data[at : at + dice.randrange(1, _LONGEST_BLOCK)]


def _cut(dice: random.Random, data: bytearray, seeds: Sequence[bytes], words: Sequence[bytes]) -> None:
    del data[_place(dice, data) :]


def _repeat(dice: random.Random, data: bytearray, seeds: Sequence[bytes], words: Sequence[bytes]) -> None:
    at = _place(dice, data)
    block = data[at : at + dice.randrange(1, _LONGEST_BLOCK)]
    data[at:at] = block * dice.randrange(1, 9)


def _splice(dice: random.Random, data: bytearray, seeds: Sequence[bytes], words: Sequence[bytes]) -> None:
    other = dice.choice(seeds)
    start = dice.randrange(len(other) + 1)
    at = _place(dice, data)
    data[at : at + dice.choice((0, _LONGEST_BLOCK))] = other[start : start + dice.choice((_LONGEST_BLOCK, len(other)))]


def _word(dice: random.Random, data: bytearray, seeds: Sequence[bytes], words: Sequence[bytes]) -> None:
    if words:
        at = _place(dice, data)
        word = dice.choice(words)
        data[at : at + dice.choice((0, len(word)))] = word


_CHANGES: tuple[Change, ...] = (_flip, _set, _number, _number, _insert, _delete, _cut, _repeat, _splice, _word, _word)


def mutated(dice: random.Random, seeds: Sequence[bytes], words: Sequence[bytes], longest: int) -> bytes:
    """One input of at most `longest` bytes."""
    data = bytearray(dice.choice(seeds))
    for _ in range(dice.randrange(1, _MOST_CHANGES)):
        dice.choice(_CHANGES)(dice, data, seeds, words)
    return bytes(data[:longest])


def mutants(seed: str, count: int, seeds: Sequence[bytes], words: Sequence[bytes], longest: int) -> Iterator[bytes]:
    """`count` inputs, the same for the same `seed`."""
    dice = random.Random(seed)
    for _ in range(count):
        yield mutated(dice, seeds, words, longest)
