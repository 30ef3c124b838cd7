"""`indi-sony settings`: the camera's settings, and a way to change them. Does I/O: opens the camera.

A change is done when the camera reads it back. What is set here is the user's: it is not put back.
"""

from __future__ import annotations

import argparse

from indi_sony_py.cli.cameras import add_camera, chosen
from indi_sony_py.cli.output import Mark, Output
from indi_sony_py.cli.session import Session, Told
from indi_sony_py.cli.status import Status
from indi_sony_py.cli.telling import teller
from indi_sony_py.engine.messages import Choice, SettingsReport, SettingView
from indi_sony_py.texts import tool

__all__ = ["add", "run", "setting_data"]

_FEW = 12
_SHORT = 60
"""So many choices, in so many characters, are shown without being asked for."""


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_camera(parser)
    parser.add_argument("--all", action="store_true", help=tool.HELP_ALL())
    parser.add_argument("changes", nargs="*", metavar="NAME=VALUE", help=tool.HELP_CHANGES())


def run(arguments: argparse.Namespace, out: Output) -> int:
    """Show the settings, after the changes that were asked for."""
    status = Status.DONE
    changes: list[dict[str, object]] = []
    # From the beginning: where one cannot be made, those before it were.
    out.data(changes=changes)
    camera = chosen(arguments, out)
    with Session.to(camera, teller(out)) as session:
        session.connect()
        for wanted in arguments.changes:
            view, choice = _meant(session.settings, wanted)
            result = session.change(view.name, choice.value)
            changes.append({"name": view.name, "value": choice.label, "ok": result.ok, "text": result.text})
            if result.ok:
                out.mark(Mark.PASS, view.name, choice.label)
            else:
                out.mark(Mark.FAIL, view.name, result.text)
                status = Status.FAILED
        settings = session.settings
    out.data(settings=[setting_data(view) for view in settings.settings])
    if not arguments.changes:
        heads = tool.SETTING(), tool.VALUE(), tool.CHOICES()
        out.table(heads, [_cells(view, arguments.all) for view in settings.settings])
    return status


def setting_data(view: SettingView) -> dict[str, object]:
    """A setting for scripts."""
    return {
        "name": view.name,
        "value": view.value,
        "label": view.label,
        "writable": view.writable,
        "options": [{"value": choice.value, "label": choice.label} for choice in view.options],
    }


def _cells(view: SettingView, whole: bool) -> tuple[str, str, str]:
    if not view.writable:
        return view.name, view.label, "-"
    labels = [choice.label for choice in view.options]
    shown = labels if whole else labels[:_FEW]
    while not whole and len(shown) > 1 and len(", ".join(shown)) > _SHORT:
        shown.pop()
    return view.name, view.label, ", ".join(shown if len(shown) == len(labels) else [*shown, "…"])


def _meant(settings: SettingsReport, text: str) -> tuple[SettingView, Choice]:
    """The setting and the value that NAME=VALUE means. `Told` with what there is."""
    name, equals, value = (part.strip() for part in text.partition("="))
    view = next((v for v in settings.settings if v.name.lower() == name.lower()), None)
    if view is None or not equals:
        raise Told(tool.NO_SUCH_SETTING(text=text, names=", ".join(v.name for v in settings.settings if v.writable)))
    for choice in view.options:
        if value.lower() == choice.label.lower() or value == str(choice.value):
            return view, choice
    raise Told(tool.NO_SUCH_VALUE(name=view.name, value=value, labels=", ".join(c.label for c in view.options) or "-"))
