"""The Debian package is built, judged, and does its work on a bare system: tools/package. Starts it; minutes."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

_TOOL = Path(__file__).resolve().parents[2] / "tools" / "package"
_CANNOT = 3
_LIMIT_S = 900
_STEPS = ("--quick", "build", "judge", "try")
"""By hand `tools/package` does more: it builds twice, tries it beside others, and the service under systemd."""


@pytest.mark.realtime
@pytest.mark.timeout(1000)
def test_the_package_is_built_clean_and_works_on_a_bare_system(tmp_path: Path) -> None:
    if shutil.which("dpkg") is None:
        pytest.skip("no Debian here")
    environment = dict(os.environ, PYTHON=sys.executable)
    with subprocess.Popen(
        [str(_TOOL), "--out", str(tmp_path), *_STEPS],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
    ) as child:  # fmt: skip
        try:
            said, _ = child.communicate(timeout=_LIMIT_S)
        except BaseException:
            # Nothing goes on in a root that the next run would clear.
            os.killpg(child.pid, signal.SIGKILL)
            raise
    if child.returncode == _CANNOT:
        pytest.skip(said.strip().rpartition("\n")[2])
    assert child.returncode == 0, said[-6000:]
    assert "lintian: clean" in said and "nothing is left but the user's frames: 3" in said
