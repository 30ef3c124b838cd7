"""A camera that sends anything at all: only the documented errors come out, and never without an end."""

from __future__ import annotations

from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from indi_sony_py.errors import BadData, CameraGone, CameraSilent, CameraStalled
from indi_sony_py.ptp.codes import Response
from tests.transport.rigs import local_rig
from tests.transport.scripted_device import Answer
from tests.transport.test_transport_cases import data_of, response

OPERATIONS = st.sampled_from([0x1001, 0x9209, 0x9205, 0x9207, 0x1009])
HEADERS = st.builds(
    lambda length, kind, code, transaction: (
        length.to_bytes(4, "little")
        + kind.to_bytes(2, "little")
        + code.to_bytes(2, "little")
        + transaction.to_bytes(4, "little")
    ),
    st.one_of(st.integers(0, 2000), st.integers(0, 0xFFFFFFFF)),
    st.integers(0, 5),
    st.sampled_from([0x9209, 0x1001, 0x2001, 0xC203]),
    st.integers(0, 6),
)
TRANSFERS = st.lists(
    st.one_of(
        st.binary(max_size=40),
        HEADERS,
        st.builds(lambda head, body: head + body, HEADERS, st.binary(max_size=1500)),
        st.builds(data_of, st.just(0x9209), st.integers(0, 6), st.binary(max_size=600)),
        st.builds(response, st.integers(0, 6)),
        st.just(b""),
    ),
    max_size=6,
)
LIMIT_S = 3.0


@settings(max_examples=250)
@given(st.lists(st.tuples(OPERATIONS, TRANSFERS, st.booleans(), st.booleans()), min_size=1, max_size=4))
def test_any_answers_give_a_reply_or_a_documented_error_in_time(
    script: list[tuple[int, list[bytes], bool, bool]],
) -> None:
    with local_rig() as rig:
        camera = rig.session()
        for operation, transfers, instead, stalls in script:
            rig.device.before = list(transfers)
            rig.device.silent = lambda code, nth, s=instead: s  # type: ignore[misc]
            if instead:
                rig.device.send(*transfers)
            rig.device.stall_answer.extend([True] if stalls else [])
            start = rig.clock.monotonic()
            with suppress(BadData, CameraSilent, CameraStalled):
                rig.ask(camera, operation, data=b"\x01" if operation in (0x9205, 0x9207) else None, s=LIMIT_S)
            assert rig.clock.monotonic() - start < LIMIT_S + 2.5
        rig.device.before, rig.device.silent = [], lambda code, nth: False
        rig.device.stall_answer.clear()
        camera.reset(rig.within(10))
        rig.ask(camera, 0x1002, 1)
        rig.device.answers[0x9209] = Answer(b"whole again")
        reply = rig.ask(camera, 0x9209)
        assert (reply.code, reply.data) == (Response.OK, b"whole again")


@settings(max_examples=100)
@given(TRANSFERS)
def test_any_bytes_of_the_event_endpoint_are_events_or_nothing(transfers: list[bytes]) -> None:
    with local_rig() as rig:
        camera = rig.session()
        rig.device.events.extend((rig.clock.monotonic(), transfer) for transfer in transfers)
        for _ in range(300):
            if camera.next_event(rig.within(0)) is None and not rig.device.events:
                break
        else:
            raise AssertionError("events without an end")


@settings(max_examples=50)
@given(st.integers(0, 40), st.integers(1, 60))
def test_unplugged_at_any_transfer_is_gone(nth: int, size: int) -> None:
    with local_rig() as rig:
        rig.device.answers[0x9209] = Answer(bytes(size * 100))
        camera = rig.session()
        count = [0]

        def on_write(data: bytes) -> None:
            count[0] += 1
            if count[0] == nth + 1:
                rig.device.unplug()

        rig.device.on_write = on_write
        rig.device.vanish_after_bytes = nth * size * 10
        try:
            for _ in range(60):
                rig.ask(camera, 0x9209)
        except CameraGone:
            return
        raise AssertionError("the camera was unplugged and nobody said so")
