"""The fast seam against the endpoints: what the engine sees is the same, to the millisecond."""

from __future__ import annotations

from typing import Any

import pytest

from indi_sony_py.engine.messages import Collected, ExposureFailed, ExposureStarted, SettingsReport
from indi_sony_py.ptp.codes import Operation
from indi_sony_py.sony.codes import Op
from indi_sony_py.sony.snapshot import decode_settings
from tests.engine.bench import Bench

FAULTS: tuple[dict[str, Any], ...] = (
    {"kind": "no-answer", "when": {"operation": Op.GET_ALL_PROPERTIES, "nth": 4}},
    {"kind": "late-answer", "seconds": 2.0, "when": {"operation": Op.CONTROL, "nth": 2}},
    {"kind": "stall", "when": {"operation": Operation.GET_OBJECT_INFO}},
    {"kind": "refuse", "code": 0x2019, "when": {"operation": Operation.GET_OBJECT}},
    {"kind": "empty-object-info", "when": {"operation": Operation.GET_OBJECT_INFO}},
    {"kind": "damaged-data", "offset": 0, "bytes": 4, "when": {"operation": Op.GET_ALL_PROPERTIES, "nth": 5}},
    {"kind": "deaf", "when": {"press": 1}},
    {"kind": "pair", "gap_s": 0.8, "raw_first": True},
)


def story(bench: Bench, faults: tuple[dict[str, Any], ...]) -> list[object]:
    """What the engine tells of two exposures, and what the camera made of them."""
    bench.connect()
    for row in faults:
        bench.do("fault", row=row)
    bench.expose(1.0)
    bench.expose(5.3)
    bench.settle()
    told: list[object] = []
    for report in bench.reports:
        match report:
            case Collected():
                told.append((report.role, report.name, bytes(report.data)))
            case ExposureStarted():
                told.append(("started", report.id, report.mode, report.duration_s))
            case ExposureFailed():
                told.append(("failed", report.id))
            case SettingsReport():
                told.append(report)
    presses = [(p.serial, p.by, p.nominal_s, round(p.exposure_s, 3)) for p in bench.presses.values()]
    return [*told, *presses, *[entry.rule for entry in bench.referee.broken]]


@pytest.mark.parametrize("body", ["ILCE-7SM3", "ILCE-6000", "ILCE-6400"])
@pytest.mark.parametrize("row", [None, *FAULTS], ids=lambda row: "none" if row is None else row["kind"])
def test_both_seams_tell_the_same_story(body: str, row: dict[str, Any] | None) -> None:
    faults = () if row is None else (row,)
    assert story(Bench(body, seam="session"), faults) == story(Bench(body), faults)


@pytest.mark.parametrize("body", ["ILCE-7SM3", "ILCE-6000"])
def test_a_cable_that_is_pulled_is_lost_at_both(body: str) -> None:
    for seam in ("session", "endpoints"):
        bench = Bench(body, seam=seam)
        bench.connect()
        request = bench.ask(20.0)
        bench.run(10.0)
        bench.do("unplug", back_s=5.0)
        bench.until(lambda b=bench, r=request: b.end_of(r))  # type: ignore[misc]
        bench.until(lambda b=bench: b.worker.state.camera is not None or None, 60.0)  # type: ignore[misc]
        bench.settle()
        assert isinstance(bench.expose(1.0), Collected)


def test_the_snapshot_is_what_the_bytes_say() -> None:
    bench = Bench("ILCE-7SM3", seam="session")
    bench.connect()
    for camera in (bench.camera, Bench("ILCE-6000").camera):
        book = camera.panel.book
        assert decode_settings(book.encode(), book.version).descriptors == book.settings().descriptors
        assert book.settings() is book.settings()
        camera.panel.show(0xD218, 33)
        assert decode_settings(book.encode(), book.version).descriptors == book.settings().descriptors
        book.hide(0xD218)
        assert 0xD218 not in book.settings()
