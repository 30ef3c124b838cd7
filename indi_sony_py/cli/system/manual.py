"""The manual page of a program with commands, made from its parser, so that it tells what the program takes. Pure."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from indi_sony_py.cli.system.options import Command, Option, commands_of, own_options
from indi_sony_py.texts import system

__all__ = ["manual"]


def manual(parser: argparse.ArgumentParser, version: str) -> str:
    """Roff of section 1 (man(7))."""
    lines = [
        f'.TH {_text(parser.prog.upper())} 1 "" "indi_sony_py {version}" "INDI drivers"',
        ".SH NAME",
        f"{_text(parser.prog)} \\- {_text(system.PURPOSE())}",
        ".SH SYNOPSIS",
        f".B {_text(parser.prog)}",
        ".I COMMAND",
        "[options]",
        ".SH DESCRIPTION",
        _text(parser.description or ""),
        _text(system.MANUAL_HELP()),
        ".SH OPTIONS",
        *(line for option in own_options(parser) for line in _option(option)),
        ".SH COMMANDS",
    ]
    for command in commands_of(parser):
        lines += _command(parser.prog, command)
    lines += [
        ".SH EXIT STATUS",
        _text(system.MANUAL_STATUS()),
        ".SH SEE ALSO",
        ".BR indi_sony_py (1)",
    ]
    return "\n".join(lines) + "\n"


def _command(program: str, command: Command) -> Iterator[str]:
    yield f".SS {_text(f'{program} {command.name}')}"
    yield _text(_sentence(command.says))
    for option in command.options:
        yield from _option(option)


def _option(option: Option) -> Iterator[str]:
    yield ".TP"
    names = ", ".join(f"\\fB{_text(name)}\\fR" for name in option.names)
    value = f"\\fI{_text(option.value)}\\fR" if option.value else ""
    yield " ".join(part for part in (names, value) if part)
    yield _text(_sentence(option.says))


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".") + "."


def _text(text: str) -> str:
    """As roff takes it: dashes stay dashes, nothing at the beginning of a line is an order."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{escaped}" if escaped.startswith((".", "'")) else escaped
