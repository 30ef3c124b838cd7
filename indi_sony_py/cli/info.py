"""`indi-sony info`: what a camera says of itself, and what is known of its body. Does I/O: opens the camera."""

from __future__ import annotations

import argparse

from indi_sony_py.cli.cameras import add_camera, chosen
from indi_sony_py.cli.output import Output
from indi_sony_py.cli.session import Session
from indi_sony_py.cli.status import Status
from indi_sony_py.cli.telling import teller
from indi_sony_py.driver.view import shown_serial
from indi_sony_py.engine.messages import Identity
from indi_sony_py.sony.bodies import Body, body
from indi_sony_py.texts import tool

__all__ = ["add", "run"]


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_camera(parser)
    parser.add_argument("--force-200", action="store_true", help=tool.HELP_FORCE_200())


def run(arguments: argparse.Namespace, out: Output) -> int:
    """Open the camera, show it, let go of it."""
    camera = chosen(arguments, out)
    with Session.to(camera, teller(out)) as session:
        identity = session.connect(force_200=arguments.force_200)
        settings = session.settings
    row = body(identity.model)
    out.data(
        identity={
            "model": identity.model,
            "serial": shown_serial(identity.serial),
            "firmware": identity.firmware,
            "protocol": identity.version,
            "protocol_reason": identity.version_reason,
        },
        body=_row_data(row),
        settings={view.name: view.label for view in settings.settings},
    )
    _show(identity, row, out)
    for name in ("battery", "program", "format", "raw type", "iso", "shutter", "objects"):
        if (view := settings.get(name)) is not None:
            out.fact(view.name, view.label)
    return Status.DONE


def _show(identity: Identity, row: Body, out: Output) -> None:
    out.fact(tool.MODEL(), identity.model)
    out.fact(tool.SERIAL(), shown_serial(identity.serial) or "-")
    out.fact(tool.FIRMWARE(), identity.firmware or "-")
    out.fact(tool.PROTOCOL(), f"{identity.version} ({identity.version_reason})")
    if not row.known:
        out.say(tool.UNKNOWN_BODY(model=identity.model))
        return
    if row.visible is not None:
        out.fact(tool.SENSOR(), tool.SENSOR_IS(width=row.visible[0], height=row.visible[1], um=row.pixel_um))
    if row.star_eater is not None and row.star_eater.bulb:
        out.say(tool.STAR_EATER(model=row.name))


def _row_data(row: Body) -> dict[str, object]:
    width, height = row.visible or (0, 0)
    return {
        "known": row.known,
        "name": row.name,
        "width": width,
        "height": height,
        "pixel_um": row.pixel_um or 0.0,
        "cfa": row.cfa,
        "star_eater": row.star_eater is not None,
        "assumed": sorted(row.assumed),
    }
