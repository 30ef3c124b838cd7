"""Live view of the simulated camera: when there is a frame, when not, and what stops a body."""

from __future__ import annotations

import pytest

from indi_sony_py.ptp.data import ObjectInfo
from indi_sony_py.sim.camera import Camera
from indi_sony_py.sim.liveview import INTERVAL_S
from indi_sony_py.sony.codes import HANDLE_LIVE_VIEW, Prop
from indi_sony_py.sony.liveview import decode_live_view
from tests.sim.plain_client import Host, NoAnswer, a7s3, host

OK, GONE, DENIED = 0x2001, 0x2009, 0x200F


def look(h: Host) -> int:
    """One frame asked for; the answer's code, and the payload must fit it."""
    reply = h.ask(0x1009, HANDLE_LIVE_VIEW)
    if reply.code == OK:
        assert decode_live_view(reply.data or b"", h.version) is not None
    elif reply.data is not None:
        assert decode_live_view(reply.data, h.version) is None
    return reply.code


@pytest.mark.parametrize("model", ["ILCE-7SM3", "ILCE-7M3", "ILCE-6300", "ILCE-7RM4"])
def test_not_in_the_first_second_then_thirty_a_second(model: str) -> None:
    h = host(model).connect(warm=False)
    assert look(h) == GONE
    h.wait(1.01)
    assert h.camera.panel.live_view_status == 1
    frames = 0
    for _ in range(100):
        code = look(h)
        assert code in (OK, DENIED)
        frames += code == OK
        h.wait(0.008)
    assert frames == pytest.approx(100 * 0.01 / INTERVAL_S, abs=2)
    assert not h.rules


def test_the_object_info_names_no_less_than_a_frame_has() -> None:
    h = a7s3()
    info = ObjectInfo.decode(h.ok(0x1008, HANDLE_LIVE_VIEW).data or b"")
    data = h.ok(0x1009, HANDLE_LIVE_VIEW).data or b""
    assert info.format == 0x3801 and info.size >= len(data)


def test_a_new_handshake_begins_anew() -> None:
    h = a7s3()
    assert look(h) == OK
    h.close()
    h.connect(warm=False)
    assert look(h) == GONE


def test_none_while_the_shutter_is_open() -> None:
    h = a7s3()
    h.press()
    assert look(h) == DENIED
    assert h.rules == ["R-LIVE-VIEW"]


def test_somebody_who_presses_at_the_body_is_not_held_against_the_host() -> None:
    h = a7s3()
    assert look(h) == OK
    h.camera.body.user_press(0.5)
    h.wait(0.2)
    assert look(h) == DENIED
    assert not h.rules


def test_an_orderly_host_takes_photos_in_between() -> None:
    h = host("ILCE-7M3").connect()
    for _ in range(10):
        assert look(h) == OK
        h.wait(0.5)
        h.settings()
        h.shoot()
        h.wait_image()
        h.fetch()
        h.settings()
    assert not h.rules
    assert not h.camera.hung


@pytest.mark.parametrize("pause_s", [0.0, 0.5])
def test_the_second_photo_out_of_live_view_stops_an_a7_iii(pause_s: float) -> None:
    h = host("ILCE-7M3").connect()
    h.settings()
    assert look(h) == OK
    h.wait(pause_s)
    h.shoot()
    h.wait_image()
    h.fetch()
    h.settings()
    assert look(h) == OK
    h.wait(pause_s)
    with pytest.raises(NoAnswer):
        h.press()
    assert set(h.rules) == {"R-LIVE-VIEW-STOP"}


def test_a_frame_during_a_photo_stops_an_a7_iii() -> None:
    h = host("ILCE-7M3").connect()
    h.press()
    with pytest.raises(NoAnswer):
        h.ask(0x1009, HANDLE_LIVE_VIEW)


def test_settings_between_two_frames_stop_an_a6300_and_no_other() -> None:
    for model, stops in (("ILCE-6300", True), ("ILCE-6500", False)):
        h = host(model).connect()
        h.wait(1.0)
        assert look(h) == OK
        h.camera.advance()
        if stops:
            with pytest.raises(NoAnswer):
                h.settings()
        else:
            h.settings()


def test_a_body_without_live_view_stops_when_the_object_is_touched() -> None:
    h = host("ILCE-6000").connect()
    assert Prop.LIVE_VIEW not in h.camera.panel.book
    with pytest.raises(NoAnswer):
        h.ask(0x1009, HANDLE_LIVE_VIEW)
    assert h.rules == ["R-LIVE-VIEW-NONE"]


def test_as_dumped_nothing_is_switched_on() -> None:
    h = host("ILCE-6300", as_dumped=True).connect()
    assert h.camera.panel.live_view_status == 0
    assert look(h) == GONE
    assert isinstance(h.camera, Camera)
