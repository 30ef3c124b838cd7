"""The page of a night: what it tells is what the record has, whatever the record holds; one file that loads nothing."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indi_sony_py.cli.page import sheet
from indi_sony_py.cli.page.draw import Line, Scale, chart
from indi_sony_py.cli.page.make import missing, night_of
from indi_sony_py.cli.page.sheet import page
from indi_sony_py.cli.page.story import Fate, Sample, tell
from indi_sony_py.hand.nights import Nights, nights, read_night
from indi_sony_py.hand.places import Places
from indi_sony_py.image.glance import BINS, Glance
from indi_sony_py.image.pipeline import develop
from indi_sony_py.sim.arw_encoder import encode_arw
from indi_sony_py.sim.geometry import small
from indi_sony_py.sim.sky import Sky
from indi_sony_py.texts import page as words
from indi_sony_py.texts import tool
from tests.cli.toolrig import run
from tests.image.frames import fits_of, record, spec

_DATE = "2026-01-02"
_AT = datetime(2026, 1, 2, 21, 0, 0, tzinfo=UTC)
_GLANCE = Glance(4240, 2832, 120, 2.34, (600, 622, 578), 512, 16383, 9, ((1,) * BINS, (2,) * BINS, (0,) * BINS))


@pytest.fixture(autouse=True)
def _zone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    __import__("time").tzset()


def _seen(glance: Glance) -> Any:
    """As a record has it."""
    return json.loads(json.dumps(asdict(glance)))


class _Lines:
    """A record in the making."""

    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []

    def add(self, minutes: float, kind: str, **fields: Any) -> _Lines:
        at = (_AT + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%S.000")
        self.lines.append({"at": at, "camera": "usb-1-2", "kind": kind} | fields)
        return self

    def frame(self, number: int, minutes: float, **more: Any) -> _Lines:
        self.add(minutes, "opened", exposure=number, seconds=300.0, type="Light", object="M31", **more)
        self.add(minutes + 5, "frame", exposure=number, iso=800, camera_c=24.0, form=".fits")
        return self.add(minutes + 5.1, "delivered", exposure=number)


class _Outline(HTMLParser):
    """What a browser would load, and whether every element is closed."""

    VOID = frozenset(("meta", "img", "rect", "line", "circle", "path", "polyline", "polygon"))

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.programs: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._seen(tag, attrs)
        if tag not in ("meta", "img"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._seen(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def _seen(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "iframe", "object", "link", "embed"):
            self.programs.append(tag)
        for name, value in attrs:
            if name.startswith("on"):
                self.programs.append(name)
            if name in ("src", "href", "xlink:href", "srcset"):
                self.links.append(value or "")
            if name == "id":
                self.ids.append(value or "")


def outline(text: str) -> _Outline:
    parser = _Outline()
    parser.feed(text)
    assert parser.open == []
    assert parser.programs == []
    assert all(link.startswith(("#f", "data:image/")) for link in parser.links)
    assert "url(" not in text and "@import" not in text
    return parser


def test_the_story_of_frames_and_what_became_of_them() -> None:
    lines = _Lines().frame(1, 0).frame(2, 6)
    lines.add(12, "opened", exposure=3, seconds=300.0, type="Light").add(14, "failed", exposure=3, text="the cable")
    lines.add(20, "opened", exposure=4, seconds=300.0, type="Light").add(21, "aborted", exposure=4, text="by you")
    lines.add(30, "opened", exposure=5, seconds=60.0, type="Dark")
    lines.add(31, "file", exposure=5, path="/x/kept_D_001.fits", role="kept", text="too late", rescued=True)
    lines.add(32, "delivered", exposure=5)
    lines.add(33, "file", path="/x/unasked.arw", role="unasked", text="nobody", rescued=True)
    lines.add(34, "file", exposure=1, path="/x/M31_001.jpg", role="companion")
    lines.add(40, "opened", exposure=6, seconds=60.0, type="Light")
    lines.add(7, "looked", exposure=1, glance=_seen(_GLANCE), picture="/n/1.jpg")
    night = tell(_DATE, lines.lines)
    fates = {frame.exposure: frame.fate for frame in night.frames}
    assert fates == {
        1: Fate.DONE, 2: Fate.DONE, 3: Fate.FAILED, 4: Fate.ABORTED, 5: Fate.KEPT, -1: Fate.KEPT, 6: Fate.OPEN,
    }  # fmt: skip
    assert night.frames[0].glance == _GLANCE and night.frames[0].path == ""
    assert [(fault.text.split(":")[0], fault.serious, fault.exposure) for fault in night.faults] == [
        ("the cable", True, 3), ("by you", False, 4), ("/x/kept_D_001.fits", False, 5), ("/x/unasked.arw", False, 0),
    ]  # fmt: skip
    assert [sample.value for sample in night.samples("hfr")] == [2.34]
    assert [sample.value for sample in night.samples("background")] == [110]
    assert [sample.value for sample in night.samples("camera_c")] == [24, 24]
    assert night.span == (_AT, _AT + timedelta(minutes=41))


def test_a_camera_that_was_away() -> None:
    lines = _Lines().add(0, "camera", state="ready", model="ILCE-7SM3").frame(1, 1)
    lines.add(10, "camera", state="offline", text="the cable was pulled", failed=True)
    lines.add(18, "camera", state="connecting").add(19, "camera", state="ready", model="ILCE-7SM3").frame(2, 20)
    lines.add(30, "camera", state="offline").add(60, "camera", state="ready").frame(3, 61)
    night = tell(_DATE, lines.lines)
    assert night.models == {"usb-1-2": "ILCE-7SM3"}
    assert night.away == (("usb-1-2", _AT + timedelta(minutes=10), _AT + timedelta(minutes=19)),)
    assert [fault.text for fault in night.faults] == ["the cable was pulled"]


def test_the_page_is_one_file_that_loads_nothing() -> None:
    lines = _Lines().frame(1, 0, outside_c=4.5, focus=12000).frame(2, 6, outside_c=4.1, focus=12010)
    lines.add(5, "looked", exposure=1, glance=_seen(_GLANCE), picture="/n/1.jpg")
    lines.add(6, "looked", exposure=2, glance=_seen(replace(_GLANCE, hfr=2.6)), picture="/n/2.png")
    lines.add(7, "battery", percent=77).add(8, "told", level="ERROR", text="boo").add(
        9, "told", level="ERROR", text="boo"
    )
    text = page(tell(_DATE, lines.lines), {"/n/1.jpg": b"\xff\xd8jpeg", "/n/2.png": b"\x89PNGpng"})
    parser = outline(text)
    assert sum(link.startswith("data:image/jpeg;base64,") for link in parser.links) == 1
    assert sum(link.startswith("data:image/png;base64,") for link in parser.links) == 1
    assert {"f1", "f2"} <= set(parser.ids) and len(parser.ids) == len(set(parser.ids))
    for told in (words.HFR(), words.STARS(), words.TEMPERATURE(), words.BATTERY(), words.FOCUS(), words.BACKGROUND()):
        assert told in text
    for told in ("Night of 2026-01-02", "120 stars", "HFR 2.34", "sky +110 ADU", "2.47 px", "10 min 00 s"):
        assert told in text
    assert text.count('<span class="bad">boo') == 1 and words.TIMES(count=2) in text
    assert "default-src 'none'" in text and "prefers-color-scheme: dark" in text


def test_two_cameras_have_lines_of_their_own() -> None:
    lines = _Lines().frame(1, 0).frame(2, 6)
    lines.add(5, "looked", exposure=1, glance=_seen(_GLANCE)).add(11, "battery", percent=77)
    others = _Lines().frame(1, 1).add(7, "looked", exposure=1, glance=_seen(_GLANCE)).add(12, "battery", percent=50)
    both = [*lines.lines, *(line | {"camera": "usb-1-3"} for line in others.lines)]
    text = page(tell(_DATE, both), {})
    parser = outline(text)
    assert len(parser.ids) == len(set(parser.ids)) >= 3
    for kind, place in (("k1", "usb-1-2"), ("k2", "usb-1-3")):
        assert text.count(f'<li style="--c: var(--{kind})">{place}</li>') == 4, "HFR, stars, background, battery"
        assert f'class="dot {kind}"' in text


def test_what_is_not_known_has_no_chart_and_an_empty_night_a_page() -> None:
    text = page(tell(_DATE, _Lines().frame(1, 0).lines), {})
    assert words.HFR() not in text and words.BATTERY() not in text and words.NOT_LOOKED_AT() in text
    empty = page(tell(_DATE, []), {})
    outline(empty)
    assert words.EMPTY() in empty


def test_what_comes_from_outside_stays_text() -> None:
    evil = "<script>alert(1)</script>\"' onload=x"
    lines = _Lines().add(0, "opened", exposure=1, seconds=1.0, type=evil, object=evil, filter=evil)
    lines.add(1, "file", exposure=1, path=f"/x/{evil}.fits", role="frame", text=evil, warnings=[evil])
    lines.add(1, "frame", exposure=1, warnings=[evil]).add(2, "told", level="ERROR", text=evil)
    lines.add(3, "camera", state="offline", text=evil, failed=True, model=evil)
    text = page(tell(_DATE, lines.lines), {f"/n/{evil}": b"\xff\xd8"})
    outline(text)
    assert "<script" not in text and "&lt;script&gt;" in text


def test_a_long_night_stays_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet, "MOST_CARDS", 20)
    monkeypatch.setattr(sheet, "MOST_FAULTS", 20)
    lines = _Lines()
    for number in range(1, 301):
        lines.frame(number, number).add(number, "told", level="WARNING", text=f"warning {number}")
    text = page(tell(_DATE, lines.lines), {})
    outline(text)
    assert text.count("<article") == 20 and words.MORE(count=280) in text
    assert "warning 300" in text and text.count("<li><time>") == 20


_VALUES = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
_NAMES = st.sampled_from(
    ["exposure", "seconds", "type", "object", "path", "role", "text", "glance", "percent", "warnings", "level", "state",
     "failed", "model", "picture", "iso", "camera_c", "outside_c", "focus", "rescued", "battery"]
)  # fmt: skip
_KINDS = st.sampled_from(
    ["opened", "frame", "delivered", "file", "failed", "aborted", "told", "camera", "battery", "looked", "other"]
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            _KINDS, st.integers(-1, 3), st.datetimes(datetime(2026, 1, 2, 12), datetime(2026, 1, 3, 12)),
            st.dictionaries(_NAMES, _VALUES, max_size=6),
        ),
        max_size=12,
    )
)  # fmt: skip
def test_any_record_has_a_page(lines: list[tuple[str, int, datetime, dict[str, Any]]]) -> None:
    made = [
        {"exposure": number} | fields | {"at": at.isoformat(), "camera": "usb-1-2", "kind": kind}
        for kind, number, at, fields in lines
    ]
    outline(page(tell(_DATE, made), {}))


@settings(max_examples=60, deadline=None)
@given(values=st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=20), span=st.floats(0, 1e5))
def test_each_value_lies_within_its_chart(values: list[float], span: float) -> None:
    end = _AT + timedelta(seconds=span)
    samples = tuple(Sample(_AT + (end - _AT) * n / len(values), value) for n, value in enumerate(values))
    drawn = chart([Line("x", samples)], Scale.of(_AT, end), "px")
    places = re.findall(r'cx="([-\d.]+)" cy="([-\d.]+)"', drawn)
    assert len(places) == len(values)
    assert all(64 <= float(x) <= 984 and 9 <= float(y) <= 97 for x, y in places)


def test_the_axis_of_time_has_few_round_ticks() -> None:
    for minutes in (1, 20, 90, 400, 900, 1400):
        ticks = Scale.of(_AT, _AT + timedelta(minutes=minutes)).ticks()
        assert len(ticks) <= 10 and all(at.minute % 5 == 0 for at in ticks)
        assert len(ticks) >= 1 or minutes < 5


# --- the command ----------------------------------------------------------------------------------------------------


@pytest.fixture
def places(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> Places:
    found = replace(Places.of(), shared=())
    monkeypatch.setattr(Places, "of", lambda env=None: found)
    return found


def _write(places: Places, lines: _Lines) -> None:
    made = Nights(places.nights, "usb-1-2")
    for line in lines.lines:
        fields = {name: value for name, value in line.items() if name not in ("at", "camera", "kind")}
        made.write(datetime.fromisoformat(line["at"]).replace(tzinfo=UTC), line["kind"], fields)


def _fits(path: Path, number: int) -> Path:
    cfa = Sky(4, small(1024, 768)).render(2.0, 800, "sky", 3).cfa
    arw = encode_arw(cfa, spec(geometry=small(1024, 768)))
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(fits_of(develop(arw, replace(record(), exposure_id=number))))
    return path


def test_frames_that_still_lie_there_are_looked_at_once(
    places: Places, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    saved, sent = _fits(tmp_path / "mine" / "M31_001.fits", 1), _fits(tmp_path / "ekos" / "Light_007.fits", 2)
    lines = _Lines().frame(1, 0).add(5.1, "file", exposure=1, path=str(saved), role="frame").frame(2, 6).frame(3, 12)
    _write(places, lines)
    assert [frame.exposure for frame in missing(night_of(places.nights, _DATE))] == [1]
    target = tmp_path / "night.html"
    said = run(capsys, "frames", "--html", str(target), "--folder", str(tmp_path / "ekos"))
    assert said.status == 0 and said.words == tool.PAGE_WRITTEN(night=_DATE, path=target, frames=3)
    text = target.read_text()
    parser = outline(text)
    assert sum(link.startswith("data:image/") for link in parser.links) == 2
    assert str(sent) in text and oct(target.stat().st_mode & 0o777) == "0o644"
    looks = [line for line in read_night(places.nights, _DATE) if line["kind"] == "looked"]
    assert [line["exposure"] for line in looks] == [1, 2] and all(line["glance"]["stars"] > 0 for line in looks)
    # What was seen stands in the record: nothing is looked at again, and a frame may have moved since.
    sent.unlink()
    saved.unlink()
    data = run(capsys, "frames", "--json", "--html", str(target)).data
    assert (data["night"], data["frames"], data["page"]) == (_DATE, 3, str(target))
    assert len([line for line in read_night(places.nights, _DATE) if line["kind"] == "looked"]) == 2
    assert sum(link.startswith("data:image/") for link in outline(target.read_text()).links) == 2


def test_a_quick_page_looks_at_nothing(places: Places, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    saved = _fits(tmp_path / "mine" / "M31_001.fits", 1)
    _write(places, _Lines().frame(1, 0).add(5.1, "file", exposure=1, path=str(saved), role="frame"))
    assert run(capsys, "frames", "--quick", "--html", str(tmp_path / "n.html")).status == 0
    assert [line for line in read_night(places.nights, _DATE) if line["kind"] == "looked"] == []


def test_a_damaged_frame_says_so_on_its_card(
    places: Places, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    saved = _fits(tmp_path / "mine" / "M31_001.fits", 1)
    saved.write_bytes(saved.read_bytes()[:9000])
    _write(places, _Lines().frame(1, 0).add(5.1, "file", exposure=1, path=str(saved), role="frame"))
    assert run(capsys, "frames", "--html", str(tmp_path / "n.html")).status == 0
    assert "the frame was not looked at" in (tmp_path / "n.html").read_text()


def test_which_night(places: Places, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = str(tmp_path / "n.html")
    said = run(capsys, "frames", "--html", target)
    assert said.status == 1 and "no record of any night" in said.errors
    _write(places, _Lines().frame(1, 0))
    _write(places, _Lines().frame(2, 60 * 48))
    assert nights(places.nights) == ["2026-01-02", "2026-01-04"]
    assert run(capsys, "frames", "--json", "--html", target).data["night"] == "2026-01-04"
    assert run(capsys, "frames", "--json", "--html", target, "--night", "2026-01-02").data["night"] == "2026-01-02"
    said = run(capsys, "frames", "--html", target, "--night", "2026-01-03")
    assert said.status == 1 and "2026-01-03" in said.errors
    assert run(capsys, "frames", "--html", target, "--night", "../../etc/passwd").status == 1
    assert run(capsys, "frames", "--json").data["nights"] == ["2026-01-02", "2026-01-04"]


def test_a_page_that_cannot_be_written(places: Places, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _write(places, _Lines().frame(1, 0))
    said = run(capsys, "frames", "--html", str(tmp_path / "none" / "n.html"))
    assert said.status == 1 and "cannot be written" in said.errors
    assert list(tmp_path.glob("**/.n.html*")) == []
