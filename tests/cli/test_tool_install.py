"""`indi-sony install`: it says what it does, does that alone, and takes it back."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from indi_sony_py.cli import install
from indi_sony_py.cli.main import whole_parser
from indi_sony_py.cli.system.plan import LOCAL, PROGRAMS, pages, paths, plan
from indi_sony_py.texts import system
from tests.cli.toolrig import run


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A system with the group, beside a virtual environment that has the programs."""
    programs = tmp_path / "venv" / "bin"
    programs.mkdir(parents=True)
    for name in PROGRAMS:
        (programs / name).write_text("#!python\n")
    monkeypatch.setattr(sys, "executable", str(programs / "python3"))
    monkeypatch.delenv("SUDO_USER", raising=False)
    # No test may change the machine that it runs on, whatever it forgets to say.
    monkeypatch.setattr(install, "_HERE", tmp_path / "here")
    made = tmp_path / "root"
    (made / "etc").mkdir(parents=True)
    (made / "etc" / "group").write_text("root:x:0:\nplugdev:x:46:\n")
    return made


def files_of(root: Path) -> set[str]:
    return {"/" + path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file() or path.is_symlink()}


def test_everything_is_put_in_place_told_and_taken_back(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    # As Debian has them.
    for folder in ("bin", "share/man"):
        (root / "usr/local" / folder).mkdir(parents=True)
    before, there = files_of(root), set((root / "usr/local").rglob("*"))
    said = run(capsys, "install", "--root", str(root))
    assert said.status == 0
    rows = (*plan(LOCAL), *pages(LOCAL, whole_parser()))
    assert files_of(root) - before == {row.path for row in rows} | {f"/usr/local/bin/{name}" for name in PROGRAMS}
    for row in rows:
        assert (root / row.path[1:]).read_text() == row.text
        assert system.WROTE(path=root / row.path[1:], reason=row.says) in said.words
    for name in PROGRAMS:
        link = root / "usr/local/bin" / name
        assert link.resolve().parent == Path(sys.executable).parent
    assert "/usr/local/bin/indi_sony_py" in (root / "etc/systemd/system/indi-sony@.service").read_text()
    again = run(capsys, "install", "--root", str(root), "--json").data
    assert len(again["files"]) == len(rows) + len(PROGRAMS) and again["commands"] == [], "another root is not told"
    gone = run(capsys, "install", "--root", str(root), "--remove")
    assert gone.status == 0 and files_of(root) == before and set((root / "usr/local").rglob("*")) == there
    assert system.REMOVED(path=root / "usr/share/indi/indi_sony_py.xml") in gone.words
    assert run(capsys, "install", "--root", str(root), "--remove").words == system.NOTHING_INSTALLED()


def test_a_server_that_was_enabled_is_ended_and_its_link_goes(
    root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(capsys, "install", "--root", str(root)).status == 0
    wants = root / LOCAL.units[1:] / "multi-user.target.wants"
    wants.mkdir()
    (wants / "indi-sony@pi.service").symlink_to(f"{LOCAL.units}/indi-sony@.service")
    (wants / "other@pi.service").symlink_to("/dev/null")
    ran: list[Sequence[str]] = []
    monkeypatch.setattr(install, "_systemd_runs", lambda: True)
    monkeypatch.setattr(install._Work, "_run", lambda self, command, limit_s=60.0: ran.append(command))
    monkeypatch.setattr(install, "_HERE", root)
    said = run(capsys, "install", "--root", str(root), "--remove")
    assert said.status == 0 and sorted(path.name for path in wants.iterdir()) == ["other@pi.service"]
    assert ran[0] == ("systemctl", "stop", "indi-sony@*.service")
    assert system.REMOVED(path=wants / "indi-sony@pi.service") in said.words


def test_a_folder_in_which_others_have_something_stays(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = root / LOCAL.bash[1:] / "other"
    other.parent.mkdir(parents=True)
    other.touch()
    assert run(capsys, "install", "--root", str(root)).status == 0
    assert run(capsys, "install", "--root", str(root), "--remove").status == 0
    assert other.exists() and not (root / LOCAL.zsh[1:]).exists()


def test_without_a_library_of_some_command_all_else_is_put_in_place(
    root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise ModuleNotFoundError("No module named 'usb'", name="usb")

    monkeypatch.setattr(install, "whole_parser", broken)
    said = run(capsys, "install", "--root", str(root))
    assert said.status == 0 and system.NO_PAGES(name="usb") in said.words
    assert {row.path for row in plan(LOCAL)} <= files_of(root)
    assert run(capsys, "install", "--root", str(root), "--remove").status == 0
    assert not files_of(root) & set(paths(LOCAL))


def test_a_dry_run_does_nothing(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = files_of(root)
    said = run(capsys, "install", "--root", str(root), "--dry-run")
    assert said.status == 0 and files_of(root) == before and "Would write" in said.words and "Wrote" not in said.words
    run(capsys, "install", "--root", str(root))
    said = run(capsys, "install", "--root", str(root), "--remove", "--dry-run")
    assert system.WOULD_REMOVE(path=root / "usr/local/bin/indi-sony") in said.words and files_of(root) > before


def test_the_package_of_the_system_is_not_mixed_with_pips(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "install", "--root", str(root))
    (root / "usr/bin").mkdir()
    (root / "usr/bin/indi_sony_py").write_text("#!/usr/bin/python3 -I\n")
    said = run(capsys, "install", "--root", str(root))
    assert said.status == 1 and said.errors == f"indi-sony install: {system.FROM_PACKAGE()}"
    run(capsys, "install", "--root", str(root), "--remove")
    assert (root / "usr/share/indi/indi_sony_py.xml").exists(), "that one is the package's now"
    assert not (root / "etc/udev/rules.d/61-indi-sony-py.rules").exists()


def test_a_program_of_somebody_else_stays(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = root / "usr/local/bin/indi_sony_py"
    other.parent.mkdir(parents=True)
    other.write_text("somebody's")
    said = run(capsys, "install", "--root", str(root))
    assert said.status == 1 and system.IN_THE_WAY(path=other) in said.errors and other.read_text() == "somebody's"
    run(capsys, "install", "--root", str(root), "--remove")
    assert other.read_text() == "somebody's"


def test_pip_as_root_has_put_the_programs_there_itself(
    root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = root / "usr/local/bin"
    programs.mkdir(parents=True)
    for name in PROGRAMS:
        (programs / name).write_text("pip's")
    monkeypatch.setattr(sys, "executable", str(programs / "python3"))
    assert run(capsys, "install", "--root", str(root)).status == 0
    run(capsys, "install", "--root", str(root), "--remove")
    assert {(programs / name).read_text() for name in PROGRAMS} == {"pip's"}


def test_without_rights_the_command_for_root_is_named(
    root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "usr").write_text("a file where a folder must be")
    monkeypatch.setattr(sys, "argv", ["indi-sony", "install", "--root", str(root)])
    said = run(capsys, "install", "--root", str(root))
    command = f"{Path(sys.executable).with_name('indi-sony')} install --root {root}"
    needed = system.NEEDS_ROOT(path="/usr/local/bin/indi_sony_py", reason="Not a directory", command=command)
    assert said.status == 1 and needed in said.errors


def test_a_package_that_only_lies_there_is_refused(
    root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "elsewhere" / "python3"))
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    said = run(capsys, "install", "--root", str(root))
    assert said.status == 1
    assert system.NO_PROGRAMS(path=tmp_path / "elsewhere" / "indi_sony_py") in said.errors


def test_a_system_without_the_group_is_told_what_that_means(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (root / "etc/group").write_text("root:x:0:\n")
    said = run(capsys, "install", "--root", str(root))
    assert system.NO_GROUP(group="plugdev") in said.words
    assert "GROUP=" not in (root / "etc/udev/rules.d/61-indi-sony-py.rules").read_text()


def test_the_running_system_is_told_and_the_user_of_the_group(
    root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As for /, whose files are the root's of this test; no program of the machine is started."""
    monkeypatch.setattr(install, "_HERE", root)
    ran: list[Sequence[str]] = []

    def told(command: Sequence[str], **_: object) -> None:
        ran.append(command)
        if command[0] == "systemctl":
            raise FileNotFoundError(2, "No such file or directory", command[0])

    monkeypatch.setattr("subprocess.run", told)
    monkeypatch.setattr(install, "_TELL_SYSTEMD", (("systemctl", "daemon-reload"),))
    monkeypatch.setattr(install, "_systemd_runs", lambda: True)
    monkeypatch.setenv("SUDO_USER", "observer")
    said = run(capsys, "install")
    assert said.status == 0
    assert [command[0] for command in ran] == ["udevadm", "udevadm", "systemctl"]
    assert system.RAN(command="udevadm control --reload") in said.words
    reason = "[Errno 2] No such file or directory: 'systemctl'"
    assert system.DID_NOT_RUN(command="systemctl daemon-reload", reason=reason) in said.words
    assert system.JOIN_GROUP(user="observer", group="plugdev") in said.words
    ran.clear()
    dry = run(capsys, "install", "--dry-run")
    assert ran == [] and system.WOULD_RUN(command="udevadm control --reload") in dry.words


def test_a_link_to_an_older_environment_is_replaced(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    link = root / "usr/local/bin/indi_sony_py"
    link.parent.mkdir(parents=True)
    link.symlink_to("/gone/venv/bin/indi_sony_py")
    assert run(capsys, "install", "--root", str(root)).status == 0
    assert os.readlink(link) == str(Path(sys.executable).with_name("indi_sony_py"))
