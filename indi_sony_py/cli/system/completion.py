"""Completion in bash, zsh and fish, made from the parser: commands, options, values that are words. Pure."""

from __future__ import annotations

import argparse
from collections.abc import Iterable

from indi_sony_py.cli.system.options import Command, Option, commands_of, own_options

__all__ = ["bash", "fish", "zsh"]

_BASH = """\
# bash completion for {program}

_{name}() {{
    local word="${{COMP_WORDS[COMP_CWORD]}}" before="${{COMP_WORDS[COMP_CWORD - 1]}}" words=""
    if [ "$COMP_CWORD" -eq 1 ]; then
        case "$word" in
        -*) words="{own}" ;;
        *) words="{commands}" ;;
        esac
    else
        case "${{COMP_WORDS[1]}} $before" in
{values}
        *)
            case "${{COMP_WORDS[1]}}" in
{options}
            esac
            ;;
        esac
    fi
    # shellcheck disable=SC2207
    COMPREPLY=($(compgen -W "$words" -- "$word"))
}}

complete -o default -F _{name} {program}
"""


def bash(parser: argparse.ArgumentParser) -> str:
    """For `…/bash-completion/completions/PROGRAM`."""
    commands = commands_of(parser)
    values = [
        f"        {_either(f'{command.name} {name}' for name in option.names)}) {_bash_value(option)} ;;"
        for command in commands
        for option in command.options
        if option.names and option.value
    ]
    own = (name for option in own_options(parser) for name in option.names)
    options = [f'            {command.name}) words="{_words(command)}" ;;' for command in commands]
    return _BASH.format(
        program=parser.prog, name=parser.prog.replace("-", "_"), commands=" ".join(row.name for row in commands),
        own=" ".join(own), values="\n".join(values), options="\n".join(options),
    )  # fmt: skip


def _bash_value(option: Option) -> str:
    return f'words="{" ".join(option.choices)}"' if option.choices else "return"


def _either(names: Iterable[str]) -> str:
    return "|".join(f'"{name}"' for name in names)


def _words(command: Command) -> str:
    places = [choice for option in command.options if not option.names for choice in option.choices]
    return " ".join([*places, *(name for option in command.options for name in option.names)])


def zsh(parser: argparse.ArgumentParser) -> str:
    """For `…/zsh/vendor-completions/_PROGRAM`."""
    commands = commands_of(parser)
    lines = [f"#compdef {parser.prog}", "", "local -a commands=("]
    lines += [f"    {_quoted(f'{row.name}:{row.says}')}" for row in commands]
    lines += [")", "if (( CURRENT == 2 )); then", f"    _describe '{parser.prog} command' commands", "    return", "fi"]
    lines += ["local command=$words[2]", "shift words", "(( CURRENT-- ))", "case $command in"]
    for row in commands:
        rows = [_zsh_option(option) for option in row.options]
        lines.append(f"{row.name}) _arguments {' '.join(rows)} ;;")
    return "\n".join([*lines, "esac"]) + "\n"


def _zsh_option(option: Option) -> str:
    says = option.says.replace("[", "(").replace("]", ")").replace(":", " ")
    values = f"({' '.join(option.choices)})" if option.choices else "_files" if option.is_path else " "
    value = option.value.replace(":", " ") or "value"
    if not option.names:
        return _quoted(f"*:{value}:{values}")
    tail = f":{value}:{values}" if option.value else ""
    return " ".join(_quoted(f"{name}[{says}]{tail}") for name in option.names)


def fish(parser: argparse.ArgumentParser) -> str:
    """For `…/fish/vendor_completions.d/PROGRAM.fish`."""
    lines = [f"# fish completion for {parser.prog}"]
    for row in commands_of(parser):
        head = f"complete -c {parser.prog}"
        lines.append(f"{head} -f -n __fish_use_subcommand -a {row.name} -d {_quoted(row.says)}")
        for option in row.options:
            lines += [f"{head} -n '__fish_seen_subcommand_from {row.name}' {words}" for words in _fish_option(option)]
    return "\n".join(lines) + "\n"


def _fish_option(option: Option) -> list[str]:
    values = f" -x -a {_quoted(' '.join(option.choices))}" if option.choices else ""
    values = values or (" -r" if option.is_path else " -x" if option.value else "")
    if not option.names:
        return [f"-a {_quoted(' '.join(option.choices))}"] if option.choices else []
    return [
        f"-{'l' if name.startswith('--') else 's'} {name.lstrip('-')} -d {_quoted(option.says)}{values}"
        for name in option.names
    ]


def _quoted(text: str) -> str:
    """As one word for zsh and fish; quotes inside become typographic ones, for both shells escape them differently."""
    return "'" + text.replace("\\", "").replace("'", "\N{RIGHT SINGLE QUOTATION MARK}") + "'"
