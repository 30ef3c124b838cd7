"""tools/arm64, when it is asked for, and the wheels that it takes."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.tools.ownroot import passes_when_asked
from tools.armwheels import LEFT_OUT, command, main, names, requirements

_ROOT = Path(__file__).resolve().parents[2]
_TOOL = _ROOT / "tools" / "arm64"


@pytest.mark.realtime
@pytest.mark.timeout(14400)
def test_the_fast_part_of_the_suite_passes_on_arm() -> None:
    passes_when_asked(_TOOL, "INDI_SONY_ARM64")


def test_the_tool_refuses_what_it_does_not_know() -> None:
    done = subprocess.run([str(_TOOL), "--what"], capture_output=True, text=True, check=False)
    assert done.returncode == 2 and done.stderr.startswith("usage: tools/arm64")


def test_each_row_of_its_suite_is_there() -> None:
    rows = re.search(r"^rows=\(\n(.*?)^\)", _TOOL.read_text(), re.MULTILINE | re.DOTALL)
    assert rows is not None
    assert all((_ROOT / row).exists() for row in rows[1].split())


def test_what_is_required_is_what_the_package_says() -> None:
    wanted = requirements()
    assert {"numpy", "pyusb", "hypothesis", "astropy"} <= set(wanted) and len(set(wanted)) == len(wanted)
    assert any(row.startswith("rawpy>=") and "armv7l" in row for row in wanted), "with its marker"
    assert not {re.split("[<>=;]", row)[0] for row in wanted} & LEFT_OUT
    words = command(Path("there"), "3.11", Path("report"), wanted)
    assert words[-len(wanted) :] == tuple(wanted) and "manylinux_2_28_aarch64" in words
    assert words[words.index("--only-binary") + 1] == ":all:"


def test_the_names_stand_in_the_report() -> None:
    urls = ("https://any/b-1-py3-none-any.whl", "https://any/a-2-cp311-cp311-manylinux_2_28_aarch64.whl")
    report = json.dumps({"install": [{"download_info": {"url": url}} for url in urls]})
    assert names(report) == ["a-2-cp311-cp311-manylinux_2_28_aarch64.whl", "b-1-py3-none-any.whl"]


def test_other_words_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["one"]) == 2
    assert "FOLDER PYTHON" in capsys.readouterr().err
