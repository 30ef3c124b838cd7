"""The end of the worker's thread."""

from __future__ import annotations

import pytest

from indi_sony_py.clock import Deadline, SystemClock
from indi_sony_py.engine.messages import Leave
from indi_sony_py.engine.moves import FileFacts
from indi_sony_py.engine.worker import Worker
from indi_sony_py.errors import CameraGone
from indi_sony_py.transport.base import Transport


def test_a_worker_that_may_leave_waits_for_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(deadline: Deadline) -> Transport:
        raise CameraGone("no camera")

    worker = Worker(nowhere, SystemClock(), lambda report: None, lambda data, arrived=None: FileFacts())
    monkeypatch.setattr(worker, "_wait", lambda until: pytest.fail("it waits although it has finished"))
    worker.post(Leave())
    worker.run()
    assert worker.finished
