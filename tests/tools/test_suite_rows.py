"""The suite's runner: every step runs, the worst decides, what is unknown is refused."""

from __future__ import annotations

import configparser
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import tools.suite
from tests.together import TOGETHER, Together, group_of
from tools.suite import COVERED, STEPS, Step, main

ROOT = Path(__file__).resolve().parents[2]


def _steps(monkeypatch: pytest.MonkeyPatch, *rows: Step) -> None:
    monkeypatch.setattr(tools.suite, "STEPS", rows)


def test_every_step_runs_and_one_failure_fails_the_suite(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    _steps(
        monkeypatch,
        Step("bad", "fails", ("-c", "print('one'); raise SystemExit(1)"), 30),
        Step("good", "passes", ("-c", "print('two')"), 30),
    )
    assert main([]) == 1
    out = capfd.readouterr().out
    assert "one" in out and "two" in out and out.endswith("suite: 1 passed, 1 failed\n")
    assert main(["good"]) == 0
    assert capfd.readouterr().out.endswith("suite: 1 passed, 0 failed\n")


def test_a_step_that_takes_too_long_is_ended_and_fails(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    _steps(monkeypatch, Step("slow", "never ends", ("-c", "import signal; signal.pause()"), 0.2))
    assert main([]) == 1
    assert "slow took longer than 0 s and was ended" in capfd.readouterr().out


def test_more_words_go_to_the_command(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    _steps(monkeypatch, Step("echo", "prints", ("-c", "import sys; print(sys.argv[1:])"), 30))
    assert main(["echo", "--", "-k", "drain"]) == 0
    assert "['-k', 'drain']" in capfd.readouterr().out


def test_an_unknown_step_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["lint"])
    assert ended.value.code == 2 and "no such step: lint" in capsys.readouterr().err


def test_the_document_lists_every_step_and_every_covered_package() -> None:
    text = (ROOT / "docs" / "TESTING.md").read_text().partition("\n## ")[0]
    assert re.findall(r"^\| (\w+) \|", text, re.M)[1:] == [step.name for step in STEPS]
    assert all(re.search(rf"\b{name}\b", text) for name in COVERED)


def test_limits_add_up_to_less_than_a_run_of_ci_may_take() -> None:
    assert sum(step.limit_s for step in STEPS) <= 85 * 60


def test_coverage_is_taken_of_what_is_asked_about() -> None:
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    assert config["coverage:run"]["source"].split() == [f"indi_sony_py/{name}" for name in COVERED]


def test_machines_and_the_desktop_run_one_after_the_other() -> None:
    """And the groups are those that xdist is given: each test of one on the same worker."""
    groups = {place: group_of(f"{place}::test_any[a::b]") for place, _ in TOGETHER}
    assert groups == dict(TOGETHER) and all((ROOT / place).exists() for place in groups)
    assert group_of("tests/judges/test_native_readers.py::test_any") == "tests/judges/test_native_readers.py"
    assert Together._split_scope(object.__new__(Together), "tests/ekos/test_any.py::test_any") == "desktop"


def test_a_step_beside_others_keeps_its_groups_together(tmp_path: Path) -> None:
    """On two workers: the fixture of a module is made once."""
    place = tmp_path / "tests" / "guest"
    place.mkdir(parents=True)
    for name in ("one", "two"):
        (place / f"test_{name}.py").write_text(
            "import os, pytest\n@pytest.mark.parametrize('n', range(4))\n"
            f"def test_any(n):\n    open('{tmp_path}/ran', 'a').write(f'{{os.getpid()}}\\n')\n"
        )
    shutil.copy(ROOT / "tests" / "conftest.py", tmp_path / "tests" / "conftest.py")
    words = ("-n", "2", "--dist", "loadscope", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), str(tmp_path))
    command = [sys.executable, "-m", "pytest", "-q", "-c", os.devnull, *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    ran = (tmp_path / "ran").read_text().split()
    assert len(ran) == 8 and len(set(ran)) == 1
