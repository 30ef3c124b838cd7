"""What a parser of commands takes, as plain rows: for the manual page and the completion of shells. Pure."""

from __future__ import annotations

import argparse
from dataclasses import dataclass

__all__ = ["Command", "Option", "commands_of", "own_options"]


@dataclass(frozen=True, slots=True)
class Option:
    """`names`: as they are written, none for a word that is given by its place. `value`: what comes behind, or "".

    `choices`: all values that are allowed, where these are words. `is_path`: the value is a file or a folder.
    """

    names: tuple[str, ...]
    value: str
    says: str
    choices: tuple[str, ...] = ()
    is_path: bool = False


@dataclass(frozen=True, slots=True)
class Command:
    name: str
    says: str
    options: tuple[Option, ...]


def commands_of(parser: argparse.ArgumentParser) -> tuple[Command, ...]:
    """The commands of `parser` in their order; `ValueError` if it has none."""
    rows = []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            says = {row.dest: row.help or "" for row in action._choices_actions}
            rows += [Command(name, says.get(name, ""), _options(sub)) for name, sub in action.choices.items()]
    if not rows:
        raise ValueError(f"{parser.prog} has no commands")
    return tuple(rows)


def own_options(parser: argparse.ArgumentParser) -> tuple[Option, ...]:
    """Those of the program itself, before any command."""
    return tuple(_option(action) for action in parser._actions if action.option_strings)


def _options(parser: argparse.ArgumentParser) -> tuple[Option, ...]:
    return tuple(_option(action) for action in parser._actions if action.help is not argparse.SUPPRESS)


def _option(action: argparse.Action) -> Option:
    value = ""
    if action.nargs != 0:
        shown = action.metavar or (action.dest.upper() if not action.choices else "")
        value = shown if isinstance(shown, str) else " ".join(shown)
    choices = tuple(str(choice) for choice in action.choices or ())
    if choices and not value:
        value = "|".join(choices)
    says = (action.help or "").replace("%(default)s", str(action.default))
    return Option(tuple(action.option_strings), value, says, choices, _is_path(value))


def _is_path(value: str) -> bool:
    return any(word in value.upper() for word in ("FILE", "FOLDER", "DIR", "PATH"))
