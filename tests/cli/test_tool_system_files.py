"""What the driver brings to a machine beside its code: each file says what the package knows."""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from indi_sony_py import __version__
from indi_sony_py.cli.main import COMMANDS, whole_parser
from indi_sony_py.cli.system import templates
from indi_sony_py.cli.system.__main__ import main as write_tree
from indi_sony_py.cli.system.completion import bash, fish, zsh
from indi_sony_py.cli.system.manual import manual
from indi_sony_py.cli.system.options import commands_of
from indi_sony_py.cli.system.plan import LOCAL, PACKAGE, PROGRAMS, paths
from indi_sony_py.sony.bodies import UsbMode, all_bodies

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def parser() -> argparse.ArgumentParser:
    return whole_parser()


def test_the_manual_and_the_completions_have_every_command_and_option(parser: argparse.ArgumentParser) -> None:
    page = manual(parser, __version__).replace("\\-", "-")
    in_bash, in_zsh, in_fish = bash(parser), zsh(parser), fish(parser)
    commands = commands_of(parser)
    assert [command.name for command in commands] == list(COMMANDS)
    for command in commands:
        assert f".SS indi-sony {command.name}\n" in page
        for option in command.options:
            for name in option.names:
                assert f"\\fB{name}\\fR" in page
                assert re.search(rf'{command.name}\) words="[^"]*{name}[ "]', in_bash)
                assert f"'{name}[" in in_zsh
                assert f"-{'l' if name.startswith('--') else 's'} {name.lstrip('-')} " in in_fish
            for choice in option.choices:
                assert choice in in_bash and choice in in_zsh and choice in in_fish


def test_the_options_of_the_program_itself_are_in_the_manual(parser: argparse.ArgumentParser) -> None:
    before, _, _ = manual(parser, __version__).replace("\\-", "-").partition(".SH COMMANDS")
    for name in ("--help", "--version"):
        assert f"\\fB{name}\\fR" in before


def test_a_parser_without_commands_is_refused() -> None:
    with pytest.raises(ValueError, match="no commands"):
        commands_of(argparse.ArgumentParser(prog="other"))


def test_bash_completes_what_was_begun(parser: argparse.ArgumentParser, tmp_path: Path) -> None:
    file = tmp_path / "completion"
    file.write_text(bash(parser))
    ask = '. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _indi_sony; printf "%s\\n" "${COMPREPLY[@]}"'

    def complete(*words: str) -> list[str]:
        told = subprocess.check_output(["bash", "-c", ask, "bash", str(file), "indi-sony", *words], text=True)
        return told.split()

    assert complete("sim") == ["simulate"] and set(complete("")) == set(COMMANDS)
    assert complete("simulate", "--usb-speed", "") == ["high", "super"]
    assert complete("simulate", "--bo") == ["--body"]
    assert complete("--v") == ["--version"]
    assert complete("simulate", "--keep", "x") == [], "names of files are bash's own affair"


def test_the_manual_pages_are_roff_without_faults(parser: argparse.ArgumentParser, tmp_path: Path) -> None:
    man = shutil.which("man")
    if man is None or shutil.which("groff") is None:
        pytest.skip("man or groff is missing here")
    for name, text in (("a.1", manual(parser, __version__)), ("b.1", templates.manual_of_driver())):
        page = tmp_path / name
        page.write_text(text)
        done = subprocess.run(
            [man, "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", page], capture_output=True, text=True
        )
        assert done.returncode == 0 and done.stderr == ""


def test_the_manual_of_the_driver_has_each_variable_that_the_document_has() -> None:
    page = templates.manual_of_driver()
    document = (ROOT / "docs" / "DRIVER.md").read_text()
    variables = re.findall(r"^\| `([A-Z_]+)` \|", document, re.MULTILINE)
    assert variables and not [name for name in variables if name not in page]
    assert f"indi_sony_py {__version__}" in page


def test_the_rules_hide_pc_remote_and_nothing_else_from_photo_imports() -> None:
    rules = templates.rules()
    listed = [int(pid, 16) for row in re.findall(r'ATTR\{idProduct\}=="([^"]+)"', rules) for pid in row.split("|")]
    ids = {row.pid: row.mode for body in all_bodies() for row in body.usb}
    assert sorted(listed) == sorted(pid for pid, mode in ids.items() if mode is UsbMode.REMOTE)
    assert len(listed) == len(set(listed))
    hiding = rules[rules.index('LABEL="indi_sony_py_remote"') :]
    assert 'ENV{ID_GPHOTO2}=""' in hiding and 'ENV{ID_MTP_DEVICE}=""' in hiding and 'ENV{MTP_NO_PROBE}="1"' in hiding
    assert "ID_GPHOTO2" not in rules[: rules.index('GOTO="indi_sony_py_remote"')].replace("\n#", "")
    assert 'MODE="0660", GROUP="plugdev", TAG+="uaccess"' in rules and 'ATTR{power/control}="on"' in rules
    # Each jump has its end, and the list of a line stays short enough to be read.
    assert set(re.findall(r'GOTO="(\w+)"', rules)) == set(re.findall(r'LABEL="(\w+)"', rules))


def test_a_system_without_the_group_is_not_given_it() -> None:
    assert "GROUP=" not in templates.rules("") and 'MODE="0660", TAG+="uaccess"' in templates.rules("")
    assert "SupplementaryGroups" not in templates.service("/usr/bin", "")
    assert "SupplementaryGroups=plugdev\n" in templates.service("/usr/bin")


def test_the_service_is_no_root_and_gives_the_cameras_time() -> None:
    """The hand outlives its driver by at most the exposure's rest and once again, 30 s and 60 s (docs/HAND.md)."""
    unit = templates.service("/usr/bin")
    assert "User=%i\n" in unit and "KillMode=process\n" in unit and "NoNewPrivileges=yes\n" in unit
    assert "indi-sony finish" in unit and "TimeoutStopSec=15min\n" in unit
    assert "PrivateTmp" not in unit, "a frame may lie in /var/tmp"
    assert "AF_NETLINK" in unit, "cameras that come are told there"
    assert "exec /usr/bin/indi_sony_py" in unit or " /usr/bin/indi_sony_py " in unit
    left = [word for word in re.findall(r"@\w+@", unit)]
    assert left == []


def test_a_template_that_names_an_unknown_fact_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "indi_sony_py.xml.in").write_text("@version@ @unknown@")
    monkeypatch.setattr(templates, "_FILES", tmp_path)
    with pytest.raises(KeyError, match="unknown"):
        templates.registration()


def test_the_tree_of_the_package_has_all_files_and_isolated_programs(tmp_path: Path) -> None:
    write_tree(str(tmp_path), "/usr/lib/indi-sony-py")
    files = {"/" + path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert files == set(paths(PACKAGE)) | {f"/usr/bin/{name}" for name in PROGRAMS}
    for name, module in PROGRAMS.items():
        text = (tmp_path / "usr/bin" / name).read_text()
        assert text.startswith("#!/usr/bin/python3 -I\n") and f"from {module} import main" in text
        assert (tmp_path / "usr/bin" / name).stat().st_mode & 0o111
    assert not any("/usr/local" in file or "/etc" in file for file in files)


def test_what_an_administrator_installs_stays_out_of_the_packages_folders() -> None:
    theirs, ours = set(paths(PACKAGE)), set(paths(LOCAL))
    assert theirs & ours == {"/usr/share/indi/indi_sony_py.xml"}, "the one folder that clients look into"
