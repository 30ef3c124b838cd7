"""tools/bench growth and tools.plots: figures of a tiny sensor, and their pictures."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tools.bench import main
from tools.plot import Line, picture
from tools.plots import main as draw

SVG = "{http://www.w3.org/2000/svg}"


def test_figures_of_a_tiny_sensor_become_pictures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = tmp_path / "figures.json"
    words = ["growth", "--body", "1MP", "--rounds", "1", "--json", str(told)]
    assert main([*words, "--part", "sizes", "--part", "cores", "--part", "stages"]) == 0
    figures = json.loads(told.read_text())["figures"]
    sizes = [each for each in figures if each["part"] == "sizes"]
    assert [each["raw_type"] for each in sizes] == ["uncompressed", "lossy", "lossless"]
    assert all(each["develop_ms"] > 0 and each["copy_ms"] > 0 and each["megapixels"] == 1.0 for each in sizes)
    assert {each["cores"] for each in figures if each["part"] == "cores"} >= {1}
    stages = [each for each in figures if each["part"] == "stages" and each["raw_type"] == "lossy"]
    assert stages[-1]["copies"] == 1.0 and all(each["ms"] > 0 for each in stages)
    assert draw([str(told), str(tmp_path)]) == 0
    assert sorted(path.name for path in tmp_path.glob("*.svg")) == ["growth-cores.svg", "growth-sizes.svg"]
    root = ElementTree.parse(tmp_path / "growth-sizes.svg").getroot()
    assert len(root.findall(f"{SVG}polyline")) == 4
    assert "copies of" in capsys.readouterr().out


def test_points_lie_where_their_values_are() -> None:
    root = ElementTree.fromstring(picture("A & B", "across", "up", [Line("one", ((1, 10), (2, 40)))], [1, 2]))
    (first, second) = [(float(c.attrib["cx"]), float(c.attrib["cy"])) for c in root.findall(f"{SVG}circle")]
    texts = {text.text: text for text in root.findall(f"{SVG}text")}
    assert first[0] < second[0] and first[1] > second[1]
    assert abs(float(texts["2"].attrib["x"]) - second[0]) < 0.1
    assert abs(float(texts["40"].attrib["y"]) - 4 - second[1]) < 0.1
    assert "A & B" in texts and "one" in texts


def test_nothing_cannot_be_drawn() -> None:
    with pytest.raises(ValueError, match="nothing to draw"):
        picture("", "", "", [], [])


def test_how_it_is_called(capsys: pytest.CaptureFixture[str]) -> None:
    assert draw([]) == 2
    assert "usage" in capsys.readouterr().err
