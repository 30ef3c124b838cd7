"""docs/LICENCES.md against what is installed: every requirement is in it, under the licence that it names itself."""

from __future__ import annotations

import configparser
import re
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
_FAMILIES = {
    "LGPL-2.1": r"LGPL-?v?2\.1",
    "LGPL-3.0": r"LGPL-?v?3|GNU Lesser General Public License v3",
    "GPL-3.0": r"\bGPL-?v?3|GNU General Public License v3",
    "MPL-2.0": r"MPL-2|Mozilla Public License 2",
    "Apache-2.0": r"\bApache",
    "BSD": r"\bBSD",
    "MIT": r"\bMIT\b|\bExpat\b|\bHPND\b",
    "PSF": r"\bPSF\b|Python Software Foundation",
}


def requirements() -> list[str]:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    lines = [setup["options"]["install_requires"], *setup["options.extras_require"].values()]
    return sorted({re.split(r"[>=<;\[ ]", line)[0] for text in lines for line in text.strip().splitlines()})


def rows() -> dict[str, str]:
    """What the tables name, and the words beside it."""
    found: dict[str, str] = {}
    for line in (ROOT / "docs" / "LICENCES.md").read_text("utf-8").splitlines():
        if line.startswith("| "):
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            words = cells[2] if len(cells) == 4 else cells[1]
            found |= {re.sub(r" \(.*", "", name).strip().lower(): words for name in cells[0].split(", ")}
    return found


def families(text: str) -> list[str]:
    """Those that it names, the first one first."""
    places = {name: match.start() for name, pattern in _FAMILIES.items() if (match := re.search(pattern, text))}
    return sorted(places, key=lambda name: places[name])


@pytest.mark.parametrize("name", requirements())
def test_a_requirement_is_told_with_its_licence(name: str) -> None:
    told = rows()[name]
    try:
        said = distribution(name).metadata
    except PackageNotFoundError:
        pytest.skip(f"{name} is not installed")
    own = [word for key in ("License-Expression", "License", "Classifier") for word in said.get_all(key, [])]
    named = next((found for text in own if (found := families(text))), None)
    if named is None:
        pytest.skip(f"{name} {said['Version']} does not say its licence in a word that is known here")
    assert named[0] in families(told), own[0]


def test_each_library_of_rawpys_wheel_has_its_licence_in_the_package() -> None:
    try:
        files = distribution("rawpy").files or []
    except PackageNotFoundError:
        pytest.skip("rawpy is not installed")
    libraries = {path.name for path in files if re.search(r"\.so\.\d", path.name)}
    if not libraries:
        pytest.skip("this rawpy is no wheel of PyPI")
    text = (ROOT / "debian" / "copyright").read_text("utf-8")
    known = re.findall(r"^Files: debian/wheels/([\w-]+?)[-*.]", text, re.MULTILINE)
    assert {re.split(r"[-.]", name)[0] for name in libraries} <= set(known)
