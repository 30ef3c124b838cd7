"""Every command of the control socket does what its row says; what is unknown is refused with what is allowed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indi_sony_py.sim.control import COMMANDS, answer_line
from tests.sim.plain_client import Host, a7s3

STATE_AFTER: list[tuple[str, dict[str, Any], str, Any]] = [
    ("press", {"hold_s": -1.0}, "body_button", True),
    ("release", {}, "body_button", False),
    ("unplug", {}, "present", False),
    ("plug", {}, "present", True),
    ("power", {"on": False}, "powered", False),
    ("pull-battery", {}, "powered", False),
    ("battery", {"percent": 20}, "battery", 20),
    ("sleep", {}, "present", False),
    ("usb-mode", {"mode": "mtp"}, "usb_mode", "mtp"),
    ("dial", {"program": "A"}, "program", "A"),
    ("drive", {"mode": "bracket"}, "drive", "bracket"),
    ("focus", {"mode": "auto"}, "manual_focus", False),
    ("card", {"state": "none"}, "card", "none"),
    ("format", {"files": "raw+jpeg"}, "companion", True),
    ("shutter", {"speed": "bulb"}, "shutter", "Bulb"),
    ("shutter", {"speed": "1/250"}, "shutter", "1/250"),
    ("set", {"property": 0xD21E, "value": 1600}, "iso", 1600),
    ("scene", {"scene": "flat"}, "scene", "flat"),
    ("panel", {"brightness": 0.5}, "night", {"panel": 0.5}),
    ("temperature", {"celsius": -3}, "night", {"temperature_c": -3}),
    ("hot-pixels", {}, "night", {"hot_pixels": True}),
    ("optics", {"dust": 3}, "night", {"optics": {"vignetting": 0.3, "dust": 3}}),
    ("optics", {"on": False}, "night", {}),
    ("point", {"ra_deg": -1, "dec_deg": 89, "focal_mm": 206.264806}, "night",
     {"pointing": {"ra_deg": 359, "dec_deg": 89, "angle_deg": 0.0, "arcsec_per_pixel": pytest.approx(8.31)}}),
    ("point", {"on": False}, "night", {}),
    ("ring", {"steps": -40}, "focus", 300.0),
    ("leave", {"count": 2}, "counter", 0x8002),
    ("hang", {}, "hung", True),
]  # fmt: skip
ELSEWHERE = {  # in test_shutter_rules, test_referee_rules, test_network_camera
    "focus-finds", "half-press-focuses", "lens", "save-to", "noise-reduction", "silent", "playback", "menu", "expect",
    "state", "fault", "crop", "pair",
}  # fmt: skip


def tell(h: Host, **request: Any) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(answer_line(h.camera, json.dumps(request)))
    return answer


def test_every_command_is_tried() -> None:
    assert {row[0] for row in STATE_AFTER} | ELSEWHERE == set(COMMANDS)
    assert all(row.says.endswith((".", "…")) or "…" in row.says for row in COMMANDS.values())


@pytest.mark.parametrize(("command", "args", "key", "value"), STATE_AFTER)
def test_shows_in_the_state(command: str, args: dict[str, Any], key: str, value: Any) -> None:
    h = a7s3()
    if command == "plug":
        tell(h, command="unplug")
    if command == "release":
        tell(h, command="press", hold_s=-1.0)
    assert tell(h, command=command, **args) == {"ok": True}
    assert tell(h, command="state")[key] == value


def test_a_fault_is_armed_at_run_time() -> None:
    h = a7s3()
    row = {"kind": "refuse", "when": {"operation": 0x1001}, "code": 0x2019}
    assert tell(h, command="fault", row=row)["ok"]
    assert h.ask(0x1001).code == 0x2019
    assert tell(h, command="fault", row={"kind": "hang", "when": {"time": 0.0}})["ok"]
    h.wait(0.1)
    assert tell(h, command="state")["hung"]
    assert not tell(h, command="fault", row={"kind": "bogus"})["ok"]
    assert tell(h, command="fault", row={"kind": "leftover", "count": 2})["ok"]
    assert tell(h, command="state")["counter"] == 0x8002


def test_unplugged_for_a_while() -> None:
    h = a7s3()
    tell(h, command="unplug", back_s=3.0)
    h.clock.sleep_until(h.clock.monotonic() + 2.9)
    assert not tell(h, command="state")["present"]
    h.clock.sleep_until(h.clock.monotonic() + 0.2)
    assert tell(h, command="state")["present"]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("", "Expecting value"),
        ("3", "a request is a JSON object"),
        ("{}", "command None: allowed are battery, card"),
        ('{"command": "bogus"}', "command 'bogus': allowed are battery"),
        ('{"command": "press", "seconds": 1}', "press: argument 'seconds': allowed are hold_s"),
        ('{"command": "dial", "program": "X"}', "dial: program 'X': allowed are M, P, A, S, Auto, Movie"),
        ('{"command": "power", "on": 1}', "power: argument 'on': 1 is not a bool"),
        ('{"command": "battery", "percent": 101}', "percent is 0 to 100"),
        ('{"command": "shutter", "speed": "7"}', "shutter: '7': allowed are Bulb, 30, 25"),
        ('{"command": "shutter", "speed": "x"}', "shutter: 'x' is not a speed"),
        ('{"command": "set", "property": 1}', "0x0001 is not listed"),
        ('{"command": "set", "property": 53790, "value": -1}', "does not fit the type of 0xD21E"),
        ('{"command": "panel", "brightness": -1}', "panel: brightness is 0 to 1000"),
        ('{"command": "point", "dec_deg": 91}', "point: dec_deg is -90 to 90"),
        ('{"command": "optics", "dust": -1}', "optics: dust is 0 to 100"),
        ('{"command": "leave", "count": 101}', "count is 0 to 100"),
    ],
)
def test_what_is_unknown_is_refused(line: str, says: str) -> None:
    answer = json.loads(answer_line(a7s3().camera, line))
    assert not answer["ok"] and says in answer["error"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
NAMES = sorted({name for row in COMMANDS.values() for name in row.args})


NUMBERS = st.sampled_from([0, -1, 1, 2, 255, 256, 1 << 32, 1 << 70, 0xD21E, 0xD20D, 0xD218, 0xD040, 0x5004])
LINES = st.fixed_dictionaries(
    {"command": st.sampled_from(sorted(COMMANDS))}, optional=dict.fromkeys(NAMES, JSON | NUMBERS)
).map(json.dumps)


@given(st.lists(st.text() | LINES, max_size=4))
def test_any_line_gets_one_answer_and_the_camera_lives(lines: list[str]) -> None:
    h = a7s3()
    for line in lines:
        answer = json.loads(answer_line(h.camera, line))
        assert answer["ok"] or answer["error"]
    h.clock.sleep_until(h.clock.monotonic() + 100)
    h.camera.advance()
    h.camera.panel.book.encode()
