"""A small file is replaced as a whole or not at all, and is this user's alone."""

from __future__ import annotations

import os
import resource
import stat
from pathlib import Path

import pytest

from indi_sony_py.hand.smallfile import replace_file


def test_it_is_this_users_alone_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        replace_file(tmp_path / "folder" / "one.json", "text")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "folder" / "one.json").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "folder").stat().st_mode) == 0o700


def test_a_disk_that_takes_a_part_of_it_leaves_what_was_there(tmp_path: Path) -> None:
    """As much as the limit allows is written without an error; only the next write says that there is no room."""
    path = tmp_path / "one.json"
    replace_file(path, "before")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        with pytest.raises(OSError, match="too large"):
            replace_file(path, "x" * 1000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert path.read_text() == "before"
    replace_file(path, "after")
    assert path.read_text() == "after"
