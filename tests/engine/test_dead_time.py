"""Between two exposures the camera waits for the driver as little as can be: what goes over the cable meanwhile."""

from __future__ import annotations

from typing import Any

import pytest

from indi_sony_py.engine.messages import Collected, Expose, ExposureRequest
from indi_sony_py.ptp.codes import Operation
from indi_sony_py.sony.codes import Ctl, Op
from indi_sony_py.transport.usb import UsbTransport
from tests.bugs.benches import BOTH, connected

DEAD_S = 0.05
"""At most so long from the answer that says that memory is empty to the full press, with the simulated round trips."""


@BOTH
def test_the_next_press_follows_the_answer_that_memory_is_empty(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A request that is held begins with the settings that were read behind the last image."""
    bench = connected(model)
    wire: list[tuple[int, int, float, float]] = []
    transact = UsbTransport.transact

    def noted(self: UsbTransport, request: Any, *more: Any) -> Any:
        began = bench.clock.monotonic()
        reply = transact(self, request, *more)
        what = request.params[0] if request.params else 0
        wire.append((request.operation, what, began, bench.clock.monotonic()))
        return reply

    monkeypatch.setattr(UsbTransport, "transact", noted)
    bench.worker.post(Expose(ExposureRequest(101, 1 / 50)))
    for number in range(102, 106):
        bench.worker.post(Expose(ExposureRequest(number, 1 / 50), after=number - 1))
        bench.until(lambda number=number: len(bench.of(Collected)) >= number - 101 or None)  # type: ignore[misc]
    bench.until(lambda: len(bench.of(Collected)) == 5 or None)
    presses = [at for at, (op, what, *_) in enumerate(wire) if (op, what) == (Op.CONTROL, Ctl.FULL_PRESS)][::2]
    assert len(presses) == 5
    for at in presses[1:]:
        behind = wire[max(place for place in range(at) if wire[place][0] == Operation.GET_OBJECT) + 1 : at + 1]
        assert [line[:2] for line in behind] == [
            (Op.GET_ALL_PROPERTIES, 0), (Op.CONTROL, Ctl.HALF_PRESS), (Op.CONTROL, Ctl.FULL_PRESS),
        ]  # fmt: skip
        assert behind[-1][2] - behind[0][3] <= DEAD_S
    bench.settle()
    bench.assert_clean()
