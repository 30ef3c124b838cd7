"""Each decoder with what it knows, what once broke it, and inputs that are nearly right: the same in every run."""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from pathlib import Path

import pytest

from indi_sony_py.errors import BadData
from indi_sony_py.sony.bodies import body
from indi_sony_py.sony.codes import table
from tests.fuzz.mutate import mutants
from tests.fuzz.target import Target
from tests.fuzz.targets import TARGETS
from tests.fuzz.watch import Finding, TooManyCalls, tried, tried_within_bounds

_FOUND = Path(__file__).with_name("found")
_MEMORY_EVERY = 8
"""So seldom is memory measured among mutated inputs, and where seeds are many: it makes them several times as slow."""
_MANY = 40

pytestmark = pytest.mark.quiet


@cache
def _ready(name: str) -> Target:
    """The target, after it has read its tables: those are no part of what an input costs."""
    body("ILCE-7SM3")
    table()
    target = TARGETS[name]
    for data in target.seeds():
        tried(target, data)
    return target


def _told(found: Finding, data: bytes) -> str:
    return f"{found.text} at {found.where}, with {data[:2000]!r}"


@pytest.mark.parametrize("name", TARGETS)
def test_the_seeds_are_understood(name: str) -> None:
    """A seed that the decoder refuses would lead the search nowhere."""
    target = _ready(name)
    understood = 0
    seeds = target.seeds()
    watched = {max(seeds, key=len), *seeds[::_MEMORY_EVERY]} if len(seeds) > _MANY else set(seeds)
    for data in seeds:
        assert len(data) <= target.longest
        found = tried_within_bounds(target, data, memory=data in watched)
        assert found is None, _told(found, data)
        with suppress(*target.documented):
            target.run(data)
            understood += 1
    assert understood


@pytest.mark.parametrize("path", sorted(_FOUND.glob("*/*")), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_once_broke_a_decoder(path: Path) -> None:
    data = path.read_bytes()
    found = tried_within_bounds(_ready(path.parent.name), data, memory=True)
    assert found is None, _told(found, data)


@pytest.mark.parametrize("name", TARGETS)
def test_inputs_that_are_nearly_right(name: str) -> None:
    target = _ready(name)
    seeds = target.seeds()
    for number, data in enumerate(mutants(name, target.few, seeds, target.words, target.longest)):
        found = tried_within_bounds(target, data, memory=number % _MEMORY_EVERY == 0)
        assert found is None, _told(found, data)


def _made(run: object, **more: object) -> Target:
    return Target("made", "a decoder with a fault", run, lambda: [b"seed"], **more)  # type: ignore[arg-type]


def test_an_error_that_is_not_documented_is_found_with_its_place() -> None:
    def run(data: bytes) -> None:
        raise KeyError(data)

    found = tried(_made(run), b"x")
    assert found is not None and found.kind == "KeyError" and found.where.startswith("test_fuzz_short.py:")

    def documented(data: bytes) -> None:
        raise BadData("field", 0, "wrong")

    assert tried(_made(documented), b"x") is None


def test_a_decoder_that_never_ends_is_ended() -> None:
    def run(data: bytes) -> None:
        while True:
            try:
                len(data)
            except Exception:
                continue

    found = tried_within_bounds(_made(run, calls=(100, 1)), b"x")
    assert found is not None and found.kind == TooManyCalls.__name__


def test_a_decoder_that_takes_too_much_memory_is_found() -> None:
    kept: list[bytes] = []

    def run(data: bytes) -> None:
        kept.append(bytes(1 << 20))

    found = tried_within_bounds(_made(run, memory=(1 << 18, 100)), b"x", memory=True)
    assert found is not None and found.kind == "memory"


def test_mutated_inputs_are_the_same_for_the_same_seed() -> None:
    one = list(mutants("a", 200, [b"seed one", b"two"], (b"word",), 64))
    assert one == list(mutants("a", 200, [b"seed one", b"two"], (b"word",), 64))
    assert one != list(mutants("b", 200, [b"seed one", b"two"], (b"word",), 64))
    assert len(set(one)) > 150 and max(map(len, one)) <= 64
