"""`indi-sony`: one program, its commands as rows. Does I/O.

A command is a module with `add(parser)`, which declares its arguments, and `run(arguments)`, which returns the exit
status. It is imported only when it is asked for, so that one command's needs are not another's.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from types import MappingProxyType

__all__ = ["COMMANDS", "main"]

COMMANDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "simulate": ("indi_sony_py.cli.simulate", "be a simulated camera"),
    }
)
"""Name of a command: its module, and what it does."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; returns its exit status. A bad argument ends the program with 2 and says what is allowed."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    parser = argparse.ArgumentParser(prog="indi-sony", description="Sony Alpha cameras for INDI: tools.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (module, says) in COMMANDS.items():
        sub = commands.add_parser(name, help=says, description=says)
        if name in arguments[:1]:
            import_module(module).add(sub)
    parsed = parser.parse_args(arguments)
    status: int = import_module(COMMANDS[parsed.command][0]).run(parsed)
    return status


if __name__ == "__main__":
    sys.exit(main())
