"""What INDI 2 changed in a camera's definitions: recordings of indi_simulator_ccd of 1.9.9 and of 2.2.4, compared.

docs/RIGS.md tells what the driver does about each difference; one that is not told there fails.
"""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

_HERE = Path(__file__).parent / "data"
_PAGE = Path(__file__).parents[2] / "docs" / "RIGS.md"
_ITS_OWN = ("Simulator Config", "Guider Head", "Guider Control", "Filter Wheel", "Signal Processing")
_VALUES_OF_A_MACHINE = {"UPLOAD_SETTINGS", "CCD_DIRECTORY_LOCATION", "CCD_GAIN"}
"""Folders, and a limit of the simulated sensor."""


def _definitions(version: str) -> dict[str, ElementTree.Element]:
    text = (_HERE / f"ccd_simulator_{version}_connected.xml").read_text()
    text = re.sub(r"<!--.*?-->|<\?xml[^>]*\?>", "", text, flags=re.S)
    return {
        element.attrib["name"]: element
        for element in ElementTree.fromstring(f"<all>{text}</all>")
        if element.tag.startswith("def") and element.attrib["group"] not in _ITS_OWN
    }


def _form(vector: ElementTree.Element) -> tuple[object, ...]:
    """All that a client goes by: not the state, the time, and what is chosen."""
    attributes = {name: vector.get(name) for name in ("label", "group", "perm", "rule", "timeout")}
    elements = [
        {**element.attrib, "text": (element.text or "").strip() if vector.tag == "defTextVector" else ""}
        for element in vector
    ]
    return vector.tag, attributes, elements


def test_every_difference_is_told_with_what_is_done_about_it() -> None:
    old, new = _definitions("1.9.9"), _definitions("2.2.4")
    assert set(old) <= set(new)
    assert [name for name in new if name in old] == list(old)
    differ = {name for name in new if name not in old or _form(old[name]) != _form(new[name])} - _VALUES_OF_A_MACHINE
    told = set(re.findall(r"^\| ([A-Z_]{4,}) \|", _PAGE.read_text(), re.M))
    assert differ == told
