"""How this driver's definitions differ from those of libindi's cameras: read, compared, told.

    python -m tests.peers.definitions       prints every difference, and why it is wanted

Compared are presence, place in the order, all attributes, the elements with their labels, formats, limits and steps,
and which switch is on. Values of numbers and texts are the camera's and are not compared.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from tests.peers.wanted import reasons

__all__ = ["PEERS", "Peer", "Vector", "differences", "ours", "recorded"]

DATA = Path(__file__).parents[1] / "indi" / "data"


@dataclass(frozen=True, slots=True)
class Vector:
    """One definition. `elements`: name to what is compared of it, as text, in order."""

    name: str
    about: tuple[tuple[str, str], ...]
    elements: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Peer:
    """A driver that was recorded, in one state. `names`: of the vectors that are compared, a regular expression."""

    name: str
    file: str
    connected: bool
    names: str = "(?!FOCUS_|ABS_FOCUS|REL_FOCUS|LENS).*"


PEERS = (
    Peer("indi_simulator_ccd", "ccd_simulator_1.9.9_before_connect.xml", False),
    Peer("indi_gphoto_ccd", "gphoto_ccd_1.9.9_before_connect.xml", False),
    Peer("indi_simulator_ccd", "ccd_simulator_1.9.9_connected.xml", True),
    Peer("indi_gphoto_ccd", "gphoto_ccd_1.9.9_connected_simulation.xml", True),
    Peer("indi_simulator_focus", "focuser_simulator_1.9.9_connected.xml", True, "(FOCUS_|ABS_FOCUS|REL_FOCUS|LENS).*"),
)


def _number(text: str) -> str:
    return f"{float(text):g}"


def _element(element: Element) -> tuple[str, str]:
    a = element.attrib
    parts = [f"“{a['label'].strip()}”"]
    if "format" in a:
        parts.append(f"{a['format']} {_number(a['min'])}..{_number(a['max'])}/{_number(a['step'])}")
    if element.tag == "defSwitch":
        parts.append((element.text or "").strip())
    return a["name"], " ".join(parts)


def vectors(elements: Iterable[Element]) -> list[Vector]:
    """The definitions in the order in which each came first; what came again counts as it came last."""
    found: dict[str, Vector] = {}
    for element in elements:
        if element.tag.startswith("def"):
            a = element.attrib
            about = {"type": element.tag[3:-6], **{key: a.get(key, "") for key in ("label", "group", "perm", "rule")}}
            about["timeout"] = _number(a["timeout"])
            found[a["name"]] = Vector(a["name"], tuple(about.items()), tuple(_element(e) for e in element))
    return list(found.values())


def recorded(peer: Peer) -> list[Vector]:
    """What a peer sent."""
    found = vectors(ElementTree.fromstring(f"<indi>{(DATA / peer.file).read_text()}</indi>"))
    return [vector for vector in found if re.fullmatch(peer.names, vector.name)]


def ours(peer: Peer) -> list[Vector]:
    """What this driver sends in the same state, for a body that has everything."""
    from tests.driver.scripted import FOCUS, Rig

    rig = Rig()
    try:
        if peer.connected:
            rig.connect().say(FOCUS)
            rig.forget()
        rig.client("<getProperties version='1.7'/>")
        return [vector for vector in vectors(rig.said) if re.fullmatch(peer.names, vector.name)]
    finally:
        rig.close()


def differences(mine: Sequence[Vector], theirs: Sequence[Vector]) -> list[tuple[str, str]]:
    """(property, what differs), in their order; then what only this driver has."""
    by_name = {vector.name: vector for vector in mine}
    found: list[tuple[str, str]] = []
    common = [vector.name for vector in theirs if vector.name in by_name]
    order = sorted(common, key=[vector.name for vector in mine].index)
    for other in theirs:
        my = by_name.get(other.name)
        if my is None:
            found.append((other.name, "is not there"))
            continue
        found += [
            (my.name, f"{key}: {one!r}, theirs {two!r}")
            for (key, one), (_, two) in zip(my.about, other.about, strict=True)
            if one != two
        ]
        found += [(my.name, text) for text in _of_elements(dict(my.elements), dict(other.elements))]
        if order.index(my.name) != common.index(my.name):
            here, there = order.index(my.name) + 1, common.index(my.name) + 1
            found.append((my.name, f"place {here} of those in common, theirs {there}"))
    names = {vector.name for vector in theirs}
    return found + [(vector.name, "only here") for vector in mine if vector.name not in names]


def _of_elements(my: dict[str, str], other: dict[str, str]) -> list[str]:
    found = [f"{name}: {my[name]}, theirs {other[name]}" for name in other if name in my and my[name] != other[name]]
    found += [f"{name} is not there" for name in other if name not in my]
    found += [f"{name} only here" for name in my if name not in other]
    common = [name for name in other if name in my]
    if [name for name in my if name in other] != common:
        found.append("order of elements: " + ", ".join(name for name in my if name in other))
    return found


def main() -> int:
    for peer in PEERS:
        print(f"--- {peer.name}, {'connected' if peer.connected else 'before the connection'}")
        for name, text in differences(ours(peer), recorded(peer)):
            print(f"{name}: {text}\n        {' '.join(reasons(name, text)) or 'NOT WANTED'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
