"""Our definitions against those of libindi's cameras, as recorded: each difference is wanted, and none is left over."""

from __future__ import annotations

import re

import pytest

from tests.peers.definitions import PEERS, Peer, Vector, differences, ours, recorded
from tests.peers.wanted import WANTED, reasons


def all_differences() -> list[tuple[str, str]]:
    return [found for peer in PEERS for found in differences(ours(peer), recorded(peer))]


@pytest.mark.parametrize("peer", PEERS, ids=lambda p: f"{p.name}-{'connected' if p.connected else 'before'}")
def test_every_difference_is_wanted(peer: Peer) -> None:
    found = differences(ours(peer), recorded(peer))
    print("\n".join(f"{name}: {text}" for name, text in found))
    assert [(name, text) for name, text in found if len(reasons(name, text)) != 1] == []


def test_every_reason_is_needed() -> None:
    found = all_differences()
    for wanted in WANTED:
        for name in wanted.name.split("|"):
            met = [text for other, text in found if re.fullmatch(name, other) and re.fullmatch(wanted.text, text)]
            assert met, f"{name}: {wanted.text} is no difference"


def test_a_difference_of_each_kind_is_found() -> None:
    about = (("type", "Number"), ("label", "Frame"))
    mine = [Vector("A", about, (("X", "1"), ("Y", "2"), ("N", "0"))), Vector("B", (), ()), Vector("MINE", (), ())]
    theirs = [
        Vector("B", (), ()),
        Vector("A", (("type", "Number"), ("label", "Frames")), (("Y", "2"), ("X", "3"), ("O", ""))),
        Vector("GONE", (), ()),
    ]
    assert differences(mine, theirs) == [
        ("B", "place 2 of those in common, theirs 1"),
        ("A", "label: 'Frame', theirs 'Frames'"),
        ("A", "X: 1, theirs 3"),
        ("A", "O is not there"),
        ("A", "N only here"),
        ("A", "order of elements: X, Y"),
        ("A", "place 1 of those in common, theirs 2"),
        ("GONE", "is not there"),
        ("MINE", "only here"),
    ]
