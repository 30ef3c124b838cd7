"""Which files go where, as rows. Pure but for the files that are read."""

from __future__ import annotations

import argparse
from dataclasses import dataclass

from indi_sony_py import __version__
from indi_sony_py.cli.system import templates
from indi_sony_py.cli.system.completion import bash, fish, zsh
from indi_sony_py.cli.system.manual import manual
from indi_sony_py.texts import system

__all__ = ["LOCAL", "PACKAGE", "PROGRAMS", "File", "Layout", "launcher", "plan"]

PROGRAMS = {"indi_sony_py": "indi_sony_py.cli.driver", "indi-sony": "indi_sony_py.cli.main"}
"""Each program, and the module whose `main()` it runs."""
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


def plan(layout: Layout, parser: argparse.ArgumentParser, group: str = templates.GROUP) -> tuple[File, ...]:
    """All but the programs themselves. `parser`: that of `indi-sony` with all its commands."""
    texts = (
        (layout.registration, "indi_sony_py.xml", templates.registration(), system.FOR_REGISTRATION()),
        (layout.rules, "61-indi-sony-py.rules", templates.rules(group), system.FOR_RULES()),
        (layout.units, "indi-sony@.service", templates.service(layout.commands, group), system.FOR_SERVICE()),
        (layout.manuals, "indi_sony_py.1", templates.manual_of_driver(), system.FOR_MANUAL(page="indi_sony_py")),
        (layout.manuals, "indi-sony.1", manual(parser, __version__), system.FOR_MANUAL(page="indi-sony")),
        (layout.bash, "indi-sony", bash(parser), system.FOR_COMPLETION(shell="bash")),
        (layout.zsh, "_indi-sony", zsh(parser), system.FOR_COMPLETION(shell="zsh")),
        (layout.fish, "indi-sony.fish", fish(parser), system.FOR_COMPLETION(shell="fish")),
    )
    return tuple(File(f"{folder}/{name}", text, says) for folder, name, text, says in texts)


def launcher(program: str, folder: str) -> str:
    """A program of PROGRAMS for a package that lies in a folder of its own, isolated from what users install."""
    return _LAUNCHER.format(folder=folder, module=PROGRAMS[program])
