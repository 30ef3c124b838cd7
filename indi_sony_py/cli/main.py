"""`indi-sony`: one program, its commands as rows. Does I/O.

A command is a module with `add(parser)`, which declares its arguments, and `run(arguments, out)`, which returns the
exit status (`cli.status`) and says what it has to say through `out` (`cli.output`). It is imported only when it is
asked for, so that one command's needs are not another's. Errors of this package end a command with their text, and so
does an output that takes nothing more, and a library that is not installed; nothing else is caught.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Container, Mapping, Sequence
from importlib import import_module
from types import MappingProxyType

from indi_sony_py import __version__
from indi_sony_py.cli.output import Output, Unread, usual_streams
from indi_sony_py.cli.status import Status, status_of
from indi_sony_py.errors import SonyError
from indi_sony_py.texts import Label, system, tool

__all__ = ["COMMANDS", "main", "parser_for", "whole_parser"]

COMMANDS: Mapping[str, tuple[str, Label]] = MappingProxyType(
    {
        "list": ("indi_sony_py.cli.list", tool.DOES_LIST),
        "doctor": ("indi_sony_py.cli.doctor", tool.DOES_DOCTOR),
        "info": ("indi_sony_py.cli.info", tool.DOES_INFO),
        "settings": ("indi_sony_py.cli.settings", tool.DOES_SETTINGS),
        "shoot": ("indi_sony_py.cli.shoot", tool.DOES_SHOOT),
        "live": ("indi_sony_py.cli.live", tool.DOES_LIVE),
        "probe": ("indi_sony_py.cli.probe", tool.DOES_PROBE),
        "report": ("indi_sony_py.cli.report", tool.DOES_REPORT),
        "frames": ("indi_sony_py.cli.frames", tool.DOES_FRAMES),
        "simulate": ("indi_sony_py.cli.simulate", tool.DOES_SIMULATE),
        "install": ("indi_sony_py.cli.install", system.DOES_INSTALL),
        "finish": ("indi_sony_py.cli.finish", system.DOES_FINISH),
    }
)
"""Name of a command: its module, and what it does. In the order of the help."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; returns its exit status. A bad argument ends the program with 2 and says what is allowed."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    usual_streams()
    try:
        parsed = parser_for(arguments).parse_args(arguments)
        out = Output(parsed.command, sys.stdout, sys.stderr, parsed.json)
        return out.finish(_run(parsed, out))
    except KeyboardInterrupt:
        return Status.INTERRUPTED
    except ModuleNotFoundError as error:
        return _lacking(arguments, error)
    except Unread as error:
        if (told := str(error)) and sys.stderr is not None:
            print(f"indi-sony: {told}", file=sys.stderr)
        return Status.FAILED


def _run(parsed: argparse.Namespace, out: Output) -> int:
    try:
        status: int = import_module(COMMANDS[parsed.command][0]).run(parsed, out)
    except SonyError as error:
        out.failed(error.happened, error.advice)
        return status_of(error)
    except KeyboardInterrupt:
        out.failed(tool.INTERRUPTED())
        return Status.INTERRUPTED
    return status


def _lacking(arguments: Sequence[str], error: ModuleNotFoundError) -> int:
    """A library that is not there is told; a module of our own that is not is a fault of ours."""
    name = (error.name or "").partition(".")[0]
    if name in ("", "indi_sony_py"):
        raise error
    out = Output(arguments[0], sys.stdout, sys.stderr, "--json" in arguments)
    out.failed(tool.NO_MODULE.happened(name=name), tool.NO_MODULE.advice(name=name))
    return out.finish(Status.FAILED)


def parser_for(arguments: Sequence[str]) -> argparse.ArgumentParser:
    """The parser, with the arguments of the command that `arguments` begin with: other commands are not loaded."""
    return _parser(arguments[:1])


def whole_parser() -> argparse.ArgumentParser:
    """The parser with all commands and their arguments: for the manual and the completion of shells."""
    return _parser(COMMANDS)


def _parser(whole: Container[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="indi-sony", description=tool.PROGRAM())
    parser.add_argument("--version", action="version", version=f"indi-sony {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (module, does) in COMMANDS.items():
        sub = commands.add_parser(name, help=does(), description=does())
        if name in whole:
            sub.add_argument("--json", action="store_true", help=tool.HELP_JSON())
            import_module(module).add(sub)
    return parser


if __name__ == "__main__":
    sys.exit(main())
