"""Each failure says whether another try may mend it, or the user must do something first."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from indi_sony_py.engine.messages import Abort, Aborted, Disconnect, ExposureFailed, ExposureStarted
from tests.engine.bench import Bench

SECONDS = 4.3


def at_press(kind: str, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "when": {"press": 1}, **more}


def user(command: str, **args: Any) -> dict[str, Any]:
    """Somebody does this at the camera in the moment of the press."""
    return at_press("user", command=command, args=args)


@dataclass(frozen=True)
class Case:
    """`before`: commands before the request; `rows`: faults that are armed then; `open_`: a command after the press."""

    name: str
    again: bool
    words: str
    before: tuple[tuple[str, dict[str, Any]], ...] = ()
    rows: tuple[dict[str, Any], ...] = ()
    open_: tuple[str, dict[str, Any]] | None = None
    models: tuple[str, ...] = field(default=("ILCE-6000", "ILCE-7SM3"))

    def __str__(self) -> str:
        return self.name


def refused(code: int) -> dict[str, Any]:
    return {"kind": "ignore-set", "when": {"property": code, "count": 0}}


CASES = (
    Case("the cable, in mid exposure", True, "was lost", open_=("unplug", {"back_s": 20.0})),
    Case("the battery, in mid exposure", True, "was lost", open_=("battery", {"percent": 0})),
    Case("the cable, before the press", True, "was lost",
         rows=({"kind": "unplug", "when": {"property": 0xD2C1}, "back_s": 20.0},)),
    Case("the cable, in the image", True, "was lost",
         rows=({"kind": "unplug", "when": {"operation": 0x1009}, "after_bytes": 12, "back_s": 20.0},)),
    Case("no photo, and nothing says why", True, "Check at the camera", before=(("card", {"state": "full"}),
         ("save-to", {"to": "both"}))),
    Case("JPEG alone", False, "Only a JPEG came", rows=(user("format", files="jpeg"),)),
    Case("to the card", False, "card only", rows=(user("save-to", to="card"),), models=("ILCE-7SM3",)),
    Case("the dial", False, "Turn it to M", before=(("dial", {"program": "P"}),), rows=(refused(0x500E),)),
    Case("the battery is empty", False, "battery is empty", before=(("set", {"property": 0xD20E, "value": 2}),)),
    Case("no card", False, "no card", before=(("save-to", {"to": "both"}), ("card", {"state": "none"})),
         models=("ILCE-7SM3",)),
    Case("the button is refused", False, "refused its release button",
         rows=({"kind": "refuse", "when": {"property": 0xD2C2}, "code": 0x2005},)),
)  # fmt: skip


@pytest.mark.parametrize(("case", "model"), [(case, m) for case in CASES for m in case.models], ids=str)
def test_whether_another_try_may_mend_it(case: Case, model: str) -> None:
    bench = Bench(model)
    bench.connect()
    for command, args in case.before:
        bench.do(command, **args)
    for row in case.rows:
        bench.do("fault", row=row)
    request = bench.ask(SECONDS)
    if case.open_ is not None:
        command, args = case.open_
        bench.until(lambda: bench.of(ExposureStarted))
        bench.do(command, **args)
    end = bench.until(lambda: bench.end_of(request), 300.0)
    assert isinstance(end, ExposureFailed), end
    assert case.words in end.text
    assert end.again is case.again, end.text


def test_what_was_aborted_or_disconnected_is_not_worth_another_try() -> None:
    for wish in (Abort(), Disconnect()):
        bench = Bench("ILCE-7SM3")
        bench.connect()
        request = bench.ask(SECONDS)
        bench.until(lambda bench=bench: bench.of(ExposureStarted))  # type: ignore[misc]
        bench.worker.post(wish)
        end = bench.until(lambda bench=bench, request=request: bench.end_of(request), 60.0)  # type: ignore[misc]
        assert isinstance(end, Aborted) or (isinstance(end, ExposureFailed) and not end.again)
