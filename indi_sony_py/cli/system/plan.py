"""Which files go where, as rows. Pure but for the files that are read."""

from __future__ import annotations

import argparse
from dataclasses import dataclass

from indi_sony_py import __version__
from indi_sony_py.cli.system import templates
from indi_sony_py.cli.system.completion import bash, fish, zsh
from indi_sony_py.cli.system.manual import manual
from indi_sony_py.texts import system

__all__ = ["LOCAL", "PACKAGE", "PROGRAMS", "UNIT", "File", "Layout", "launcher", "pages", "paths", "plan"]

PROGRAMS = {"indi_sony_py": "indi_sony_py.cli.driver", "indi-sony": "indi_sony_py.cli.start"}
"""Each program, and the module whose `main()` it runs."""
UNIT = "indi-sony@.service"
_NAMES = {
    "registration": "indi_sony_py.xml",
    "rules": "61-indi-sony-py.rules",
    "units": UNIT,
    "bash": "indi-sony",
    "zsh": "_indi-sony",
    "fish": "indi-sony.fish",
}
"""Names of files by the field of `Layout` that has their folder."""
_LAUNCHER = """\
#!/usr/bin/python3 -I
import sys

sys.path.insert(0, "{folder}")
from {module} import main  # noqa: E402

sys.exit(main())
"""


@dataclass(frozen=True, slots=True)
class Layout:
    """Folders for each kind of file, absolute."""

    commands: str
    registration: str
    rules: str
    units: str
    manuals: str
    bash: str
    zsh: str
    fish: str


PACKAGE = Layout(
    commands="/usr/bin",
    registration="/usr/share/indi",
    rules="/usr/lib/udev/rules.d",
    units="/usr/lib/systemd/system",
    manuals="/usr/share/man/man1",
    bash="/usr/share/bash-completion/completions",
    zsh="/usr/share/zsh/vendor-completions",
    fish="/usr/share/fish/vendor_completions.d",
)
"""Where a package of the system may put them."""

LOCAL = Layout(
    commands="/usr/local/bin",
    registration="/usr/share/indi",
    rules="/etc/udev/rules.d",
    units="/etc/systemd/system",
    manuals="/usr/local/share/man/man1",
    bash="/usr/local/share/bash-completion/completions",
    zsh="/usr/local/share/zsh/site-functions",
    fish="/usr/local/share/fish/vendor_completions.d",
)
"""Where an administrator puts them. INDI's own folder is the only one in which clients look for drivers."""


@dataclass(frozen=True, slots=True)
class File:
    """A file with its whole text, and what it is good for."""

    path: str
    text: str
    says: str


def plan(layout: Layout, group: str = templates.GROUP) -> tuple[File, ...]:
    """What programs of the system read."""
    return (
        File(_path(layout, "registration"), templates.registration(), system.FOR_REGISTRATION()),
        File(_path(layout, "rules"), templates.rules(group), system.FOR_RULES()),
        File(_path(layout, "units"), templates.service(layout.commands, group), system.FOR_SERVICE()),
    )


def pages(layout: Layout, parser: argparse.ArgumentParser) -> tuple[File, ...]:
    """Manual pages and completion. `parser`: that of `indi-sony` with all its commands."""
    first, second = (f"{layout.manuals}/{name}.1" for name in PROGRAMS)
    return (
        File(first, templates.manual_of_driver(), system.FOR_MANUAL(page="indi_sony_py")),
        File(second, manual(parser, __version__), system.FOR_MANUAL(page="indi-sony")),
        File(_path(layout, "bash"), bash(parser), system.FOR_COMPLETION(shell="bash")),
        File(_path(layout, "zsh"), zsh(parser), system.FOR_COMPLETION(shell="zsh")),
        File(_path(layout, "fish"), fish(parser), system.FOR_COMPLETION(shell="fish")),
    )


def paths(layout: Layout) -> tuple[str, ...]:
    """Where all of these files are; nothing is made."""
    return (*(_path(layout, kind) for kind in _NAMES), *(f"{layout.manuals}/{name}.1" for name in PROGRAMS))


def _path(layout: Layout, kind: str) -> str:
    folder: str = getattr(layout, kind)
    return f"{folder}/{_NAMES[kind]}"


def launcher(program: str, folder: str) -> str:
    """A program of PROGRAMS for a package that lies in a folder of its own, isolated from what users install."""
    return _LAUNCHER.format(folder=folder, module=PROGRAMS[program])
