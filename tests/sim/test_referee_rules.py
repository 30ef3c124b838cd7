"""Each rule, broken on purpose, is written down; a good host breaks none."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from fractions import Fraction

import pytest

from indi_sony_py.ptp.codes import ContainerType
from indi_sony_py.ptp.container import Container, encode
from indi_sony_py.sim.control import perform
from indi_sony_py.sim.device import Stalled
from indi_sony_py.sim.referee import RULES, Referee
from indi_sony_py.sony.codes import HANDLE_IMAGE, Ctl, Op, Prop
from indi_sony_py.sony.values import encode_shutter
from tests.sim.plain_client import DOWN, UP, Host, NoAnswer, a7s3, a6000, host

BULB = 0


def length() -> Host:
    h = a7s3()
    h.ask(Op.SET_PROPERTY, Prop.PRIORITY, data=b"\x01\x00")
    return h


def container() -> Host:
    h = a7s3()
    with pytest.raises(Stalled):
        h.device.bulk_write(encode(Container(ContainerType.RESPONSE, 0x2001, 9)))
    return h


def transaction_id() -> Host:
    h = a7s3()
    h.ask(Op.GET_ALL_PROPERTIES, transaction=h.transaction)
    return h


def overlap() -> Host:
    h = a7s3()
    for number in (h.transaction + 1, h.transaction + 2):
        h.device.bulk_write(encode(Container(ContainerType.COMMAND, 0x1001, number)))
        h.wait(0.1)
    return h


def session() -> Host:
    h = host()
    assert h.ask(Op.CONNECT, 1, 0, 0).code == 0x2003
    return h


def handshake() -> Host:
    h = host()
    h.ok(0x1002, 1)
    assert h.ask(Op.GET_ALL_PROPERTIES).code == 0x2002
    return h


def forbidden() -> Host:
    h = a6000()
    with pytest.raises(NoAnswer):
        h.ask(0x1007, 0xFFFFFFFF)
    return h


def unknown_operation() -> Host:
    h = a6000()
    assert h.ask(0x9999).code == 0x2005
    return h


def settings_read() -> Host:
    h = a7s3()
    h.shoot()
    h.wait(2)
    h.fetch()
    h.press()
    assert h.camera.body.serial == 1
    return h


def drain() -> Host:
    h = a7s3()
    h.shoot()
    h.wait_image()
    h.press()
    return h


def handle_early() -> Host:
    h = a7s3()
    assert h.ask(0x1008, HANDLE_IMAGE).code == 0x2009
    return h


def released_first() -> Host:
    h = host("ILCE-6000").connect(warm=False)
    h.settings()
    h.press()
    return h


def half_first() -> Host:
    h = a7s3()
    h.button(Ctl.FULL_PRESS, DOWN)
    return h


def auto_focus() -> Host:
    h = a7s3()
    perform(h.camera, "focus", {"mode": "auto"})
    h.settings()
    h.press()
    assert h.camera.body.serial == 0
    return h


def button_order() -> Host:
    h = a7s3()
    h.press()
    h.button(Ctl.HALF_PRESS, UP)
    return h


def warm_up() -> Host:
    h = host("ILCE-7SM3").connect(warm=False)
    h.release()
    h.settings()
    h.press()
    assert h.camera.body.serial == 0
    return h


def press_twice() -> Host:
    h = a7s3()
    h.set_shutter(encode_shutter(Fraction(5)))
    h.shoot()
    h.settings()
    h.press()
    return h


def bulb_speed() -> Host:
    h = a7s3()
    h.press()
    h.wait(5)
    h.release()
    return h


def delayed_release() -> Host:
    h = a7s3()
    h.set_shutter(BULB)
    h.press()
    h.wait(5)
    h.settings()
    h.wait(0.2)
    h.release()
    return h


def live_view() -> Host:
    h = a7s3()
    h.shoot(0.0)
    h.ask(0x1009, 0xFFFFC002)
    return h


def live_view_stop() -> Host:
    h = a7s3()
    h.ok(0x1009, 0xFFFFC002)
    h.wait(1)
    h.shoot()
    return h


def live_view_none() -> Host:
    h = a7s3()
    h.camera.panel.show(Prop.LIVE_VIEW, 2)
    h.ask(0x1009, 0xFFFFC002)
    return h


def notch() -> Host:
    h = a6000()
    h.notch(Ctl.SHUTTER_SPEED, 1)
    h.notch(Ctl.SHUTTER_SPEED, 1)
    return h


def focus_step() -> Host:
    h = host().connect()
    for _ in range(2):
        h.ok(Op.CONTROL, Ctl.FOCUS_STEP, data=b"\x07\x00")
    return h


def priority() -> Host:
    h = host().connect(priority=False)
    h.write(Prop.SHUTTER_SPEED, BULB)
    h.wait(1)
    assert h.settings().number(Prop.SHUTTER_SPEED) != BULB
    return h


def priority_left() -> Host:
    h = a7s3()
    h.ok(0x1003)
    return h


def left_open() -> Host:
    h = a6000()
    h.button(Ctl.HALF_PRESS, DOWN)
    h.close()
    return h


def host_gone_down() -> Host:
    h = a6000()
    h.button(Ctl.HALF_PRESS, DOWN)
    h.device.host_gone()
    return h


def focus_hold() -> Host:
    h = a7s3()
    h.button(Ctl.FOCUS_HOLD, DOWN)
    h.close()
    return h


def unfetched() -> Host:
    h = a6000()
    h.shoot()
    h.wait_image()
    h.close()
    return h


def buffer_full() -> Host:
    h = a6000()
    h.camera.memory.capacity = 2
    for _ in range(2):
        h.shoot()
        h.wait(2)
        h.settings()
    with pytest.raises(NoAnswer):
        h.press()
    assert h.camera.hung
    return h


def events_unread() -> Host:
    h = a7s3()
    for _ in range(200):
        h.camera.world.emit(0xC203, (0x5005,))
    return h


def options() -> Host:
    h = a7s3()
    h.device.control(0x00, 0x09, 1, 0, b"")
    return h


BREAKERS: dict[str, Callable[[], Host]] = {
    "R-LENGTH": length,
    "R-CONTAINER": container,
    "R-TRANSACTION-ID": transaction_id,
    "R-OVERLAP": overlap,
    "R-SESSION": session,
    "R-HANDSHAKE": handshake,
    "R-FORBIDDEN-OP": forbidden,
    "R-UNKNOWN-OP": unknown_operation,
    "R-SETTINGS-READ": settings_read,
    "R-DRAIN": drain,
    "R-HANDLE-EARLY": handle_early,
    "R-RELEASED-FIRST": released_first,
    "R-HALF-FIRST": half_first,
    "R-AF": auto_focus,
    "R-BUTTON-ORDER": button_order,
    "R-WARMUP": warm_up,
    "R-PRESS-TWICE": press_twice,
    "R-BULB-SPEED": bulb_speed,
    "R-DELAYED-RELEASE": delayed_release,
    "R-LIVE-VIEW": live_view,
    "R-LIVE-VIEW-STOP": live_view_stop,
    "R-LIVE-VIEW-NONE": live_view_none,
    "R-NOTCH": notch,
    "R-FOCUS-STEP": focus_step,
    "R-PRIORITY": priority,
    "R-PRIORITY-LEFT": priority_left,
    "R-LEFT-OPEN": left_open,
    "R-HOST-GONE-DOWN": host_gone_down,
    "R-FOCUS-HOLD": focus_hold,
    "R-UNFETCHED": unfetched,
    "R-BUFFER-FULL": buffer_full,
    "R-EVENTS-UNREAD": events_unread,
    "R-OPTIONS": options,
}
ALSO = {"R-DRAIN": {"R-PRESS-TWICE"}, "R-BUFFER-FULL": {"R-DRAIN"}}


def test_every_rule_has_its_breaker() -> None:
    assert set(BREAKERS) == set(RULES)


@pytest.mark.parametrize("rule", BREAKERS)
def test_broken_on_purpose(rule: str) -> None:
    broken = set(BREAKERS[rule]().rules)
    assert rule in broken
    assert broken <= {rule} | ALSO.get(rule, set())


@pytest.mark.parametrize("model", ["ILCE-7SM3", "ILCE-6000"])
def test_a_good_host_breaks_none(model: str) -> None:
    h = host(model).connect()
    for serial in (1, 2, 3):
        h.shoot()
        h.wait_image()
        _, data = h.fetch()
        assert f'"serial": {serial},'.encode() in data
        assert h.counter() == 0
    h.set_shutter(BULB)
    h.press()
    h.wait(7)
    h.release()
    h.wait_image()
    h.fetch()
    assert h.counter() == 0
    h.close()
    h.device.host_gone()
    assert h.rules == []


def test_rows_have_sentences_and_sources() -> None:
    for rule in RULES.values():
        assert rule.id.startswith("R-") and rule.says.endswith(".") and rule.source


def test_lines_are_json_and_the_last_one_counts() -> None:
    stream = io.StringIO()
    h = a7s3(referee=Referee(stream))
    h.button(Ctl.FULL_PRESS, DOWN)
    h.camera.referee.finish()
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert all({"t", "kind"} <= set(line) for line in lines)
    (broken,) = [line for line in lines if line["kind"] == "rule"]
    assert broken["rule"] == "R-HALF-FIRST" and broken["operation"] == "0x9207"
    assert broken["transaction"] == h.transaction and broken["t"] == pytest.approx(h.clock.monotonic(), abs=0.01)
    assert lines[-1]["kind"] == "counts" and lines[-1]["broken"] == 1 and lines[-1]["counts"]["R-HALF-FIRST"] == 1


def test_an_abort_is_no_late_transaction_where_the_plan_is_known() -> None:
    h = a7s3()
    h.set_shutter(BULB)
    perform(h.camera, "expect", {"seconds": 60.0})
    h.press()
    h.wait(5)
    h.settings()
    h.release()
    assert h.rules == []


def test_what_somebody_does_at_the_body_is_not_held_against_the_host() -> None:
    h = a7s3()
    perform(h.camera, "press", {})
    h.wait(1)
    h.press()
    h.release()
    assert h.camera.body.serial == 1
    assert h.rules == []


def test_what_a_host_that_died_left_behind_is_not_held_against_the_next_one() -> None:
    h = a7s3()
    h.shoot()
    h.wait_image()
    h.device.host_gone()
    h.close()
    assert h.rules == []
    h.connect()
    h.close()
    assert h.rules == ["R-UNFETCHED"]


def test_a_timed_exposure_whose_host_died_is_no_bulb_of_the_next_one() -> None:
    h = a7s3()
    h.press()
    h.device.host_gone()
    h.wait(5)
    h.device.host_attached()
    assert h.ask(0x1002, 1).code == 0x201E
    assert h.rules == ["R-HOST-GONE-DOWN"]


def test_a_release_that_a_fault_took_is_no_held_button() -> None:
    """Until it is written once more; who never does leaves a button down, which is another rule."""
    h = a7s3()
    h.press()
    perform(h.camera, "fault", {"row": {"kind": "no-answer", "when": {"operation": Op.CONTROL}}})
    with pytest.raises(NoAnswer):
        h.button(Ctl.FULL_PRESS, UP)
    h.wait(5)
    h.button(Ctl.FULL_PRESS, UP)
    assert h.rules == []


def test_a_host_that_leaves_a_camera_which_hangs_cannot_let_go_of_its_button() -> None:
    h = a7s3()
    h.press()
    perform(h.camera, "hang", {})
    h.device.host_gone()
    assert h.rules == []


def test_a_button_that_a_dead_host_left_down_is_held_against_that_one_only() -> None:
    h = host_gone_down()
    assert h.rules == ["R-HOST-GONE-DOWN"]
    h.device.host_attached()
    h.device.host_gone()
    assert h.rules == ["R-HOST-GONE-DOWN"]
    h.device.host_attached()
    assert h.ask(0x1002, 1).code == 0x201E
    h.ok(0x1003)
    h.connect()
    h.button(Ctl.HALF_PRESS, DOWN)
    h.device.host_gone()
    assert h.rules == ["R-HOST-GONE-DOWN"] * 2


def test_the_next_host_is_not_charged_with_what_a_dead_one_left() -> None:
    h = a7s3()
    h.set_shutter(BULB)
    h.press()
    h.wait(3)
    h.device.host_gone()
    before = h.rules
    h.device.host_attached()
    assert h.ask(0x1002, 1).code == 0x201E
    h.ok(0x1003)
    assert h.rules == before == ["R-HOST-GONE-DOWN"]
    h.connect()
    h.wait_image()
    h.fetch()
    h.close()
    assert h.rules == before
    h.connect()
    h.ok(0x1003)
    assert h.rules == [*before, "R-PRIORITY-LEFT"]
