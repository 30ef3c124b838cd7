"""Transaction ids: outside a session, in one, at its ends, and where they wrap."""

from __future__ import annotations

from indi_sony_py.ptp.codes import Operation, Response
from indi_sony_py.ptp.numbering import Numbering
from indi_sony_py.ptp.transaction import Reply, Request

ASK = Request(0x9209)
OPEN, CLOSE = Request(Operation.OPEN_SESSION, (1,)), Request(Operation.CLOSE_SESSION)


def sent(numbering: Numbering, *requests: Request) -> list[int]:
    found = []
    for request in requests:
        found.append(numbering.next_for(request))
        numbering.went_out(request)
    return found


def test_a_session_begins_at_0_and_goes_on_from_1() -> None:
    assert sent(Numbering(), ASK, ASK, OPEN, ASK, ASK, OPEN, ASK) == [0, 0, 0, 1, 2, 0, 1]


def test_only_a_close_that_was_granted_ends_it() -> None:
    numbering = Numbering()
    assert sent(numbering, OPEN, ASK, CLOSE) == [0, 1, 2]
    numbering.answered(CLOSE, Reply(Response.DEVICE_BUSY))
    assert sent(numbering, ASK) == [3]
    numbering.answered(CLOSE, Reply(Response.OK))
    assert sent(numbering, ASK) == [0]


def test_the_number_that_means_any_is_left_out() -> None:
    numbering = Numbering()
    sent(numbering, OPEN)
    numbering.number = 0xFFFFFFFD
    assert sent(numbering, ASK, ASK, ASK) == [0xFFFFFFFD, 0xFFFFFFFE, 1]


def test_a_wire_that_was_lost_forgets() -> None:
    numbering = Numbering()
    sent(numbering, OPEN, ASK)
    numbering.forget()
    assert sent(numbering, ASK) == [0]
