"""The page itself: HTML from the story of a night. Pure.

Rules kept here:

- One file: style and pictures are in it, nothing is loaded from anywhere, and no program is in it. The policy in its
  head says so to the browser.
- All text from outside is escaped.
- Bounded: at most `MOST_CARDS` frames have a card and `MOST_FAULTS` faults a line; the newest do.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape
from importlib.resources import files
from statistics import median

from indi_sony_py import __version__
from indi_sony_py.cli.page.draw import Line, Scale, chart, histogram, timeline
from indi_sony_py.cli.page.story import Fate, Fault, Frame, Night, Sample
from indi_sony_py.texts import page as words

__all__ = ["MOST_CARDS", "MOST_FAULTS", "page"]

MOST_CARDS = 600
MOST_FAULTS = 500
_COLOURS = {Fate.DONE: "done", Fate.KEPT: "kept", Fate.FAILED: "failed", Fate.ABORTED: "aborted", Fate.OPEN: "aborted"}
_FATES = {
    Fate.DONE: words.DONE, Fate.KEPT: words.KEPT, Fate.FAILED: words.FAILED, Fate.ABORTED: words.ABORTED,
    Fate.OPEN: words.OPEN,
}  # fmt: skip
_KINDS = {b"\xff\xd8": "jpeg", b"\x89P": "png"}


def page(night: Night, pictures: Mapping[str, bytes]) -> str:
    """The page. `pictures`: path of a small picture to its bytes, JPEG or PNG."""
    title = escape(words.NIGHT(date=night.date))
    span = night.span
    body = [f"<h1>{title}</h1>"]
    if span is None:
        body.append(f"<p>{escape(words.EMPTY())}</p>")
    else:
        scale = Scale.of(*span)
        body += [_head(night, span), _sums(night), _timeline(night, scale), _charts(night, scale)]
        body += [_frames(night, pictures), _faults(night)]
    body.append(f'<p class="soft">{escape(words.HFR_MEANS())} {escape(words.MADE_BY(version=__version__))}</p>')
    style = files("indi_sony_py.cli.page").joinpath("night.css").read_text()
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; img-src data:; '
        "style-src 'unsafe-inline'\">\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>\n{style}</style>\n</head>\n<body>\n"
        + "\n".join(body)
        + "\n</body>\n</html>\n"
    )


def _head(night: Night, span: tuple[datetime, datetime]) -> str:
    begin, end = (at.astimezone() for at in span)
    shift = f"{begin:%z}"
    told = words.SPAN(begin=f"{begin:%H:%M}", end=f"{end:%H:%M}", zone=f"UTC{shift[:3]}:{shift[3:5]}")
    cameras = ", ".join(map(night.label, night.cameras))
    return f'<p class="soft">{escape(cameras)} · {escape(told)}</p>'


def _sums(night: Night) -> str:
    asked = [frame for frame in night.frames if frame.exposure > 0]
    lights = [f for f in asked if f.type == "Light" and f.fate in (Fate.DONE, Fate.KEPT)]
    radii = [sample.value for sample in night.samples("hfr")]
    serious = sum(1 for fault in night.faults if fault.serious)
    warnings = len(night.faults) - serious + sum(len(frame.warnings) for frame in night.frames)
    cells = [
        (words.FRAMES(), str(sum(1 for frame in asked if frame.fate in (Fate.DONE, Fate.KEPT)))),
        (words.LIGHTS(), str(len(lights))),
        (words.EXPOSED(), _length(sum(frame.seconds for frame in lights))),
        (words.FAULTS_AND_WARNINGS(), words.TWO_NUMBERS(first=serious, second=warnings)),
    ]
    if radii:
        cells.insert(3, (words.MEDIAN_HFR(), words.PIXELS(value=median(radii))))
    targets = list(dict.fromkeys(frame.object for frame in lights if frame.object))
    if targets:
        cells.append((words.TARGETS(), ", ".join(targets[:6])))
    items = "".join(f"<li><b>{escape(value)}</b>{escape(name)}</li>" for name, value in cells)
    return f'<ul class="sums">{items}</ul>'


def _timeline(night: Night, scale: Scale) -> str:
    labels = {fate.value: row() for fate, row in _FATES.items()} | {"away": words.AWAY()}
    seen = {frame.fate for frame in night.frames}
    keys = [(_COLOURS[fate], row()) for fate, row in _FATES.items() if fate in seen]
    if night.away:
        keys.append(("away", words.AWAY()))
    return f"<h2>{escape(words.TIMELINE())}</h2>{_scroll(timeline(night, scale, labels))}{_key(keys)}"


def _by_camera(night: Night, samples: tuple[Sample, ...], kind: int = 1) -> list[Line]:
    """A line for each camera, where there are several; `kind`: of the only one."""
    if len(night.cameras) < 2:
        return [Line("", samples, kind)]
    return [
        Line(night.label(camera), tuple(sample for sample in samples if sample.camera == camera), 1 + number % 3)
        for number, camera in enumerate(night.cameras)
    ]


def _charts(night: Night, scale: Scale) -> str:
    """Those of which anything is known."""
    made = []
    for row, unit, least, lines in (
        (words.HFR, "px", None, _by_camera(night, night.samples("hfr"))),
        (words.STARS, "", 0.0, _by_camera(night, night.samples("stars"))),
        (words.BACKGROUND, "ADU", 0.0, _by_camera(night, night.samples("background"))),
        (words.TEMPERATURE, "°C", None, [
            Line(words.OF_CAMERA(), night.samples("camera_c"), 2), Line(words.OUTSIDE(), night.samples("outside_c"), 1),
        ]),
        (words.FOCUS, "", None, _by_camera(night, night.samples("focus"), 3)),
        (words.BATTERY, "%", 0.0, _by_camera(night, night.battery, 3)),
    ):  # fmt: skip
        known = [line for line in lines if line.samples]
        if known:
            keys = [(f"k{line.kind}", line.name) for line in known if line.name]
            made.append(f"<h3>{escape(row())}</h3>{_scroll(chart(known, scale, unit, least))}{_key(keys)}")
    return "".join(made)


def _frames(night: Night, pictures: Mapping[str, bytes]) -> str:
    shown, anchor = night.frames[-MOST_CARDS:], night.anchors()
    cards = "".join(_card(frame, anchor(frame.camera, frame.exposure), pictures.get(frame.picture)) for frame in shown)
    more = len(night.frames) - len(shown)
    told = f"<p>{escape(words.MORE(count=more))}</p>" if more else ""
    return f'<h2>{escape(words.FRAMES())}</h2>{told}<div class="frames">{cards}</div>'


def _card(frame: Frame, name: str, picture: bytes | None) -> str:
    kind = _KINDS.get(picture[:2]) if picture else None
    if picture and kind:
        image = f'<img src="data:image/{kind};base64,{b64encode(picture).decode()}" alt="" loading="lazy">'
    else:
        why = frame.unseen or (words.NO_PICTURE() if frame.glance is not None else words.NOT_LOOKED_AT())
        image = f'<div class="none">{escape(why)}</div>'
    drawn = histogram(frame.glance.histogram) if frame.glance is not None else ""
    return (
        f'<article class="frame" id="{name}" style="--c: var(--{_COLOURS[frame.fate]})">{image}{drawn}'
        f'<div class="facts">{_facts(frame)}</div></article>'
    )


def _facts(frame: Frame) -> str:
    what = [frame.object, frame.type if frame.type != "Light" or not frame.object else "", frame.filter]
    head = " ".join(word for word in what if word) or words.UNASKED()
    numbers = [f"{frame.at.astimezone():%H:%M:%S}"]
    if frame.seconds:
        numbers.append(words.SECONDS(seconds=round(frame.seconds, 3)))
    if frame.iso is not None:
        numbers.append(words.ISO(iso=frame.iso))
    if frame.camera_c is not None:
        numbers.append(words.CELSIUS(value=frame.camera_c))
    seen = []
    if (glance := frame.glance) is not None:
        if glance.stars is not None:
            seen.append(words.COUNT_OF_STARS(count=glance.stars))
        if glance.hfr is not None:
            seen.append(words.HFR_OF(value=glance.hfr))
        seen.append(words.SKY_OF(adu=glance.median[1] - glance.black))
        if glance.full:
            seen.append(words.FULL_OF(count=glance.full))
    lines = [f"<b>{escape(head)}</b>", _row(numbers), _row(seen) if seen else ""]
    if frame.fate is not Fate.DONE:
        tone = "bad" if frame.fate is Fate.FAILED else "odd"
        lines.append(f'<p class="{tone}">{escape(_FATES[frame.fate]())}</p>')
        if frame.text:
            lines.append(f"<p>{escape(frame.text)}</p>")
    if frame.warnings:
        told = "".join(f"<p>{escape(text)}</p>" for text in frame.warnings)
        count = words.WARNINGS(count=len(frame.warnings))
        lines.append(f'<details><summary class="odd">{escape(count)}</summary>{told}</details>')
    where = frame.path or (words.TO_CLIENT() if frame.delivered else "")
    if where:
        lines.append(f'<p class="path">{escape(where)}</p>')
    return "".join(lines)


def _faults(night: Night) -> str:
    """What went wrong and what was warned of; what is said again and again, once."""
    warned = (Fault(f.at, f.camera, text, False, f.exposure) for f in night.frames for text in f.warnings)
    alike: dict[tuple[str, bool], list[Fault]] = {}
    for fault in sorted((*night.faults, *warned), key=lambda each: each.at):
        alike.setdefault((fault.text, fault.serious), []).append(fault)
    head = f"<h2>{escape(words.FAULTS())}</h2>"
    if not alike:
        return f"{head}<p>{escape(words.NO_FAULTS())}</p>"
    items, anchor = [], night.anchors()
    for (text, serious), faults in list(alike.items())[-MOST_FAULTS:]:
        first = faults[0]
        shown = escape(text)
        if first.exposure > 0:
            shown = f'<a href="#{anchor(first.camera, first.exposure)}">{shown}</a>'
        if len(faults) > 1:
            shown += f' <b class="soft">{escape(words.TIMES(count=len(faults)))}</b>'
        tone = ' class="bad"' if serious else ""
        items.append(f"<li><time>{first.at.astimezone():%H:%M:%S}</time><span{tone}>{shown}</span></li>")
    return f'{head}<ul class="faults">{"".join(items)}</ul>'


def _row(parts: Sequence[str]) -> str:
    return '<div class="numbers">' + "".join(f"<span>{escape(part)}</span>" for part in parts) + "</div>"


def _scroll(drawing: str) -> str:
    return f'<div class="scroll">{drawing}</div>'


def _key(keys: Sequence[tuple[str, str]]) -> str:
    if not keys:
        return ""
    items = "".join(f'<li style="--c: var(--{colour})">{escape(text)}</li>' for colour, text in keys)
    return f'<ul class="key">{items}</ul>'


def _length(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return words.MINUTES(minutes=minutes, seconds=rest)
    return words.HOURS(hours=minutes // 60, minutes=minutes % 60)
