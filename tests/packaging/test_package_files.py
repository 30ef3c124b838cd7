"""The files of the Debian package agree with the rest."""

from __future__ import annotations

import configparser
import os
import re
import subprocess
from pathlib import Path

import pytest

from indi_sony_py import __version__
from indi_sony_py.cli.system.plan import PACKAGE, PROGRAMS
from tools.wheels import LOCK, MACHINES, PYTHONS, BadWheel, locked, unpack

ROOT = Path(__file__).resolve().parents[2]
DEBIAN = ROOT / "debian"
TOOL = ROOT / "tools" / "package"
UPDATE = DEBIAN / "indi-sony-py.rtupdate"
SCRIPTS = sorted([*DEBIAN.glob("*.postinst"), *DEBIAN.glob("*.prerm"), *DEBIAN.glob("*.postrm")])
TOOLS = [ROOT / "tools" / name for name in ("package", "trixie", "arm64", "bare", "_roots.sh")]
SHELLS = sorted([*TOOLS, *(ROOT / "tests/packaging/bare").glob("*.sh")])


def fields(paragraph: str) -> dict[str, str]:
    """Fields of a control paragraph; continued lines are joined."""
    joined = re.sub(r"\n[ \t]+", " ", paragraph)
    return {name: value.strip() for name, _, value in (line.partition(":") for line in joined.splitlines())}


def source_and_binary() -> tuple[dict[str, str], dict[str, str]]:
    source, binary = (DEBIAN / "control").read_text().strip().split("\n\n")
    return fields(source), fields(binary)


def test_the_version_comes_from_one_place() -> None:
    """Debian's changelog must hold it, for its tools read nothing else; all others read the module."""
    first = (DEBIAN / "changelog").read_text().splitlines()[0]
    assert first == f"indi-sony-py ({__version__}) unstable; urgency=medium"
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    assert setup["metadata"]["version"] == "attr: indi_sony_py.__version__"
    number = re.escape(__version__)
    passed = (
        "CHANGELOG.md",
        "docs/",
        "debian/changelog",
        "tests/",
        "indi_sony_py/__init__.py",
        "indi_sony_py/sim/dumps/",
    )
    for path in sorted(ROOT.rglob("*")):
        name = path.relative_to(ROOT).as_posix()
        # What is not the project's own: a virtual environment, caches, what was built.
        if name.startswith((".", "build/", "dist/", *passed)) or ".egg-info" in name:
            continue
        if path.suffix in {".py", ".cfg", ".toml", ".in", ".sh", ".yml"}:
            assert not re.search(rf"(?<![\d.]){number}(?![\d.])", path.read_text("utf-8")), name


def test_the_dependencies_are_those_of_setup_cfg() -> None:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    ours = {
        "numpy": "python3-numpy",
        "pyusb": "python3-usb",
        "pyerfa": "python3-erfa",
        "pillow": "python3-pil",
        "rawpy": "${rawpy:Depends}",
    }
    needed = [re.split(r"[>=<;\[ ]", line)[0] for line in setup["options"]["install_requires"].strip().splitlines()]
    _, binary = source_and_binary()
    depends = [re.sub(r" \(.*", "", part.strip()) for part in binary["Depends"].split(",")]
    assert {ours[name] for name in needed} <= set(depends)
    python = setup["options"]["python_requires"].removeprefix(">=")
    assert f"python3 (>= {python})" in binary["Depends"] and PYTHONS[0] == python
    assert "indi-bin" in binary["Recommends"]


def test_the_architectures_are_those_with_wheels_and_those_known_without() -> None:
    _, binary = source_and_binary()
    assert set(binary["Architecture"].split()) == {*MACHINES, "armhf", "i386"}
    rules = (DEBIAN / "rules").read_text()
    assert f"filter $(DEB_HOST_ARCH),{' '.join(MACHINES)})" in rules


def test_the_lock_names_a_wheel_for_each_python_and_machine() -> None:
    version, hashes = locked()
    assert len(hashes) == len(PYTHONS) * len(MACHINES)
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    least = re.search(r"rawpy>=([\d.]+)", setup["options"]["install_requires"])
    assert least is not None
    assert [int(part) for part in version.split(".")] >= [int(part) for part in least[1].split(".")]


def test_a_lock_without_a_version_is_refused(tmp_path: Path) -> None:
    (tmp_path / "lock").write_text("# nothing\n")
    with pytest.raises(BadWheel, match="names no version"):
        locked(tmp_path / "lock")


def test_the_maintainer_is_the_same_everywhere_and_the_address_nobodys() -> None:
    source, _ = source_and_binary()
    (last,) = re.findall(
        r"^ -- (.+?)  ", (DEBIAN / "changelog").read_text().partition("\n\nindi-sony-py")[0], re.MULTILINE
    )
    assert last == source["Maintainer"] and last.endswith(".invalid>")
    assert last in (ROOT / "docs" / "RELEASING.md").read_text()


def test_maintainer_scripts_and_tools_are_shell_without_faults() -> None:
    assert len(SCRIPTS) == 3
    for script in SCRIPTS:
        text = script.read_text()
        assert text.startswith("#!/bin/sh\nset -e\n") and text.count("#DEBHELPER#") == 1
        subprocess.run(["sh", "-n", script], check=True)
    assert os.access(UPDATE, os.X_OK)
    for script in [*SHELLS, UPDATE]:
        subprocess.run(["bash", "-n", script], check=True)


def test_what_the_scripts_name_is_what_the_package_has() -> None:
    rules = (DEBIAN / "rules").read_text()
    code = re.search(r"^code = (\S+)$", rules, re.MULTILINE)
    assert code is not None and code[1].replace("$(package)", "indi-sony-py") == "/usr/lib/indi-sony-py"
    everything = "".join(script.read_text() for script in SCRIPTS)
    assert everything.count("/usr/lib/indi-sony-py") == 2 and "indi-sony@*.service" in everything
    bare = (ROOT / "tests/packaging/bare/root.sh").read_text()
    assert f"{PACKAGE.rules}/61-indi-sony-py.rules" in bare and f"{PACKAGE.units}/indi-sony@.service" in bare
    assert f"{PACKAGE.commands}/indi_sony_py" in bare and "indi-sony" in PROGRAMS


def test_each_file_of_the_package_has_its_licence() -> None:
    text = (DEBIAN / "copyright").read_text()
    used = set(re.findall(r"^Files: .*\nCopyright: (?:.*\n)+?License: (.+)$", text, re.MULTILINE))
    told = set(re.findall(r"^License: (.+)\n ", text, re.MULTILINE))
    assert used == told
    document = (ROOT / "docs" / "LICENCES.md").read_text()
    for name in ("rawpy", "LibRaw", "libjpeg-turbo", "Little CMS", "JasPer", "libgomp", "numpy", "pyusb", "pyerfa"):
        assert name in document


def test_issue_templates_ask_for_the_report() -> None:
    templates = ROOT / ".github" / "ISSUE_TEMPLATE"
    for name in ("fault.yml", "camera.yml"):
        text = (templates / name).read_text()
        assert "indi-sony report" in text
        block = text[text.index("id: report") :].split("  - type:")[0]
        assert "required: true" in block
    for path in templates.glob("*.yml"):
        assert "\t" not in path.read_text()


def test_lintian_overrides_are_of_this_package_and_say_why() -> None:
    lines = (DEBIAN / "indi-sony-py.lintian-overrides").read_text().splitlines()
    assert lines[0].startswith("#")
    for line in lines:
        assert line.startswith(("#", "indi-sony-py: "))
        assert line.startswith("#") or "/rawpy*]" in line or "appstream-metadata-missing-modalias" in line


def test_a_wheel_that_is_missing_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadWheel, match="has 0 wheels of rawpy"):
        unpack(tmp_path, "amd64", tmp_path / "tree", LOCK)
    assert unpack(tmp_path, "armhf", tmp_path / "tree") == [], "no wheels there, and none needed"


def test_the_tool_refuses_what_it_does_not_know() -> None:
    done = subprocess.run([str(TOOL), "--what"], capture_output=True, text=True, check=False)
    assert done.returncode == 2 and done.stderr.startswith("usage: tools/package")
