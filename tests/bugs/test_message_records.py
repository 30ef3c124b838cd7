"""Records of the class MESSAGE: a save folder that cannot be used."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.bugs.savefolder import one_exposure

ROOT = Path(__file__).parents[2]
MODES = pytest.mark.parametrize("mode", ["UPLOAD_BOTH", "UPLOAD_LOCAL"])
NEW_MOUNTS = """
mount -t tmpfs -o size=200k tmpfs "$1" && mount -t tmpfs -o ro tmpfs "$2" || exit 77
exec "$3" -m tests.bugs.savefolder "$4" "$5"
"""


def home() -> Path:
    return Path(os.environ["HOME"])


def told_where(found: dict[str, Any], mode: str) -> str:
    """The frame was sent (or, for Local, fell to the folder for such frames), and all of that was said: the texts."""
    assert found["frames"] == ([1] if mode == "UPLOAD_BOTH" else [])
    assert found["state"] == "Ok"
    assert list(found["saved"].values()) == [1]
    (path,) = found["saved"]
    text = " ".join(word for line in found["texts"] for word in line.split() if not word.startswith("["))
    assert path in text, text
    return text


@MODES
def test_b71_a_folder_that_is_missing_is_made(mode: str) -> None:
    folder = home() / "not" / "there yet"
    found = one_exposure(str(folder), mode)
    assert f"Image saved to {folder}/IMAGE_001.fits" in told_where(found, mode)


@MODES
def test_b71_a_folder_that_cannot_be_made_is_told_with_the_reason(mode: str) -> None:
    home().mkdir(exist_ok=True)
    (home() / "file").write_text("no folder")
    text = told_where(one_exposure(str(home() / "file" / "night"), mode), mode)
    assert "cannot be made" in text and "Choose another folder in Upload Settings" in text


@MODES
def test_b71_spaces_and_umlauts_are_no_trouble(mode: str) -> None:
    folder = home() / "Übung ß" / "M 31 & Größe"
    found = one_exposure(str(folder), mode, "Nébuleuse d'Orion_XXX")
    assert f"Image saved to {folder}/" in told_where(found, mode)
    (path,) = found["saved"]
    assert path == str(folder / "Nébuleuse d'Orion_001.fits")


@pytest.mark.realtime
@MODES
@pytest.mark.parametrize("case", ["full", "read-only"])
def test_b71_a_full_or_read_only_disk_is_told_with_the_reason(tmp_path: Path, case: str, mode: str) -> None:
    """On small disks of its own, mounted where no other program sees them."""
    full, read_only = tmp_path / "full", tmp_path / "read-only"
    full.mkdir()
    read_only.mkdir()
    order = ["unshare", "-m", "sh", "-c", NEW_MOUNTS, "sh", str(full), str(read_only), sys.executable]
    order += [str(tmp_path / case), mode]
    try:
        done = subprocess.run(order, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False)
    except FileNotFoundError:
        pytest.skip("there is no unshare here")
    if done.returncode == 77 or "unshare" in done.stderr:
        pytest.skip(f"no disk can be mounted here: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr[-2000:]
    text = told_where(json.loads(done.stdout.splitlines()[-1]), mode)
    assert {"full": "Free some space on that disk", "read-only": "Choose a folder that the user of"}[case] in text
    assert str(tmp_path / case) in text
