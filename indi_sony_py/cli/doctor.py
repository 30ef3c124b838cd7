"""`indi-sony doctor`: each possible obstacle in its order, with what to do about those that stand in the way.

Does I/O: looks at the computer, and opens the camera. Nothing is changed; with `--shoot` one exposure is made.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator

from indi_sony_py.cli.cameras import add_camera
from indi_sony_py.cli.checks.check import Case, Check, Finding
from indi_sony_py.cli.checks.machine import Machine
from indi_sony_py.cli.numbers import seconds
from indi_sony_py.cli.output import Mark, Output
from indi_sony_py.cli.status import Status
from indi_sony_py.hand.places import Places
from indi_sony_py.texts import doctor, tool

__all__ = ["add", "examine", "run"]


def add(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    add_camera(parser)
    parser.add_argument("--shoot", type=seconds, metavar="SECONDS", default=0.0, help=tool.HELP_SHOOT())
    parser.add_argument("--computer", action="store_true", help=tool.HELP_COMPUTER())


def run(arguments: argparse.Namespace, out: Output) -> int:
    """Check all of it; `FAILED` if an obstacle was found."""
    from indi_sony_py.cli.checks.table import CHECKS, COMPUTER

    machine = Machine()
    case = Case(machine, Places.of(), arguments.camera.strip(), arguments.bus, arguments.shoot)
    found: list[tuple[Check, Finding]] = []
    try:
        for check, finding in examine(COMPUTER if arguments.computer else CHECKS, case):
            found.append((check, finding))
            if not finding.blocked:
                out.mark(finding.mark, check.title(), finding.text, finding.do)
    finally:
        if case.session is not None:
            case.session.close()
    counts = {mark: sum(finding.mark is mark for _, finding in found) for mark in Mark}
    out.data(
        checks=[
            {"name": check.name, "title": check.title(), "result": f.mark.value, "text": f.text, "do": f.do}
            for check, f in found
        ],
        counts={mark.value: count for mark, count in counts.items()},
    )
    blocked = sum(finding.blocked for _, finding in found)
    if blocked:
        out.mark(Mark.SKIP, doctor.BLOCKED(count=blocked))
    out.say()
    if counts[Mark.FAIL]:
        out.say(doctor.OBSTACLES(count=counts[Mark.FAIL]))
        return Status.FAILED
    out.say(doctor.NO_OBSTACLE(count=counts[Mark.PASS] + counts[Mark.WARN]))
    return Status.DONE


def examine(checks: Iterable[Check], case: Case) -> Iterator[tuple[Check, Finding]]:
    """Each check with its finding, in their order; one whose needs were not met is passed over."""
    missing: dict[str, Check] = {}
    for check in checks:
        blocked = next((missing[name] for name in check.needs if name in missing), None)
        finding = (
            check.look(case)
            if blocked is None
            else Finding(Mark.SKIP, doctor.NEEDS(title=blocked.title()), blocked=True)
        )
        if finding.mark is Mark.FAIL or blocked is not None:
            missing[check.name] = check if blocked is None else blocked
        yield check, finding
