"""What somebody can do at the camera while it runs: commands as rows, in JSON lines or from a fault row. Pure.

A line is a JSON object with `command` and the command's own arguments; the answer is one line with `ok` and, if false,
`error`, which names what is allowed. `state` answers with everything that there is to see.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from indi_sony_py.sim.faults import BadFault, parse
from indi_sony_py.sim.lens import LENSES
from indi_sony_py.sim.night import ARCSEC_PER_RADIAN, Optics, Pointing
from indi_sony_py.sony.codes import Prop
from indi_sony_py.sony.snapshot import Version
from indi_sony_py.sony.values import FileFormat, decode_shutter, encode_shutter, label_shutter

if TYPE_CHECKING:
    from indi_sony_py.sim.camera import Camera

__all__ = ["COMMANDS", "BadCommand", "ControlCommand", "answer_line", "check", "perform"]


class BadCommand(ValueError):
    """A command that says something unknown; the text names what is allowed."""


@dataclass(frozen=True, slots=True)
class ControlCommand:
    """One row. `args`: names and defaults; `choices`: what a text argument may be."""

    name: str
    says: str
    args: Mapping[str, Any]
    choices: Mapping[str, tuple[str, ...]]
    run: Callable[[Camera, Mapping[str, Any]], Mapping[str, Any] | None]


_ROWS: dict[str, ControlCommand] = {}
_Run = Callable[["Camera", Mapping[str, Any]], Mapping[str, Any] | None]


def _command(
    do: str, says: str, choices: Mapping[str, tuple[str, ...]] | None = None, **args: Any
) -> Callable[[_Run], _Run]:
    def keep(run: _Run) -> _Run:
        _ROWS[do] = ControlCommand(do, says, MappingProxyType(args), choices or {}, run)
        return run

    return keep


_PROGRAMS = {"M": 1, "P": 2, "A": 3, "S": 4, "Auto": 0x8000, "Movie": 0x8050}
_DRIVES = {
    "single": (0x0001,),
    "continuous": (0x8010, 0x8012, 0x8015, 0x0002),
    "self-timer": (0x8004, 0x8005, 0x8003),
    "bracket": (0x8337, 0x8537),
}
_SAVES = {"host": 0x01, "card": 0x10, "both": 0x11}
_FORMATS = {"raw": FileFormat(True, False), "raw+jpeg": FileFormat(True, True), "jpeg": FileFormat(False, True)}
_MOST = 100
_MOST_TURNED = 100000
_BRIGHTEST_PANEL = 1000
_TEMPERATURES = (-40, 60)
_FOCALS = (10, 10000)
_PIXEL_UM = 5.95
_EXAMPLE = 'a request is a JSON object such as {"command": "state"}'
_SHOWN = {"release_without_lens": Prop.RELEASE_WITHOUT_LENS, "release_without_card": Prop.RELEASE_WITHOUT_CARD}
_MENU = (
    "pair_counts_one",
    "raw_first",
    "keep_on_power_off",
    "keep_on_unplug",
    "release_without_lens",
    "release_without_card",
    "early_touch_hangs",
    "access_authentication",
    "pairing_needed",
)


@_command("press", "Press the body's button to the stop; up again after `hold_s` (below 0: it stays down).", hold_s=0.1)
def _press(camera: Camera, args: Mapping[str, Any]) -> None:
    if camera.asleep:
        camera.sleep(False)
    camera.body.user_press(None if args["hold_s"] < 0 else args["hold_s"])


@_command("release", "Let go of the body's button.")
def _release(camera: Camera, args: Mapping[str, Any]) -> None:
    camera.body.user_release()


@_command("unplug", "Pull the cable; it is back at a new address after `back_s` (below 0: never).", back_s=-1.0)
def _unplug(camera: Camera, args: Mapping[str, Any]) -> None:
    camera.unplug()
    if args["back_s"] >= 0:
        camera.world.agenda.after(args["back_s"], camera.plug)


@_command("plug", "Plug the cable in again, at a new address.")
def _plug(camera: Camera, args: Mapping[str, Any]) -> None:
    camera.plug()


@_command("power", "The power switch.", on=True)
def _power(camera: Camera, args: Mapping[str, Any]) -> None:
    camera.power(args["on"])


@_command("pull-battery", "Take the battery out: power off, memory and hang are gone.")
def _pull(camera: Camera, args: Mapping[str, Any]) -> None:
    camera.pull_battery()


@_command("battery", "The charge in percent; 0 switches the camera off.", percent=50)
def _battery(camera: Camera, args: Mapping[str, Any]) -> None:
    percent = args["percent"]
    if not 0 <= percent <= 100:
        raise BadCommand("battery: percent is 0 to 100")
    camera.world.menu.battery = percent
    camera.panel.show(Prop.BATTERY, percent)
    if percent == 0:
        camera.power(False)


@_command("sleep", "Power save: the camera leaves the bus until it is touched.", on=True)
def _sleep(camera: Camera, args: Mapping[str, Any]) -> None:
    camera.sleep(args["on"])


@_command(
    "usb-mode",
    "The menu item USB Connection.",
    {"mode": ("remote", "mtp", "mass_storage", "streaming", "other")},
    mode="remote",
)
def _usb_mode(camera: Camera, args: Mapping[str, Any]) -> None:
    camera.set_usb_mode(args["mode"])


@_command("dial", "Turn the mode dial.", {"program": tuple(_PROGRAMS)}, program="M")
def _dial(camera: Camera, args: Mapping[str, Any]) -> None:
    camera.panel.turn(Prop.PROGRAM, _PROGRAMS[args["program"]])


@_command("drive", "Choose the drive mode.", {"mode": tuple(_DRIVES)}, mode="single")
def _drive(camera: Camera, args: Mapping[str, Any]) -> None:
    wanted = _DRIVES[args["mode"]]
    descriptor = camera.panel.book.get(Prop.DRIVE)
    listed = {v & 0xFFFF for v in descriptor.choices} if descriptor is not None else set()
    camera.panel.turn(Prop.DRIVE, next((code for code in wanted if code in listed), wanted[0]))


@_command("focus", "The AF/MF switch.", {"mode": ("manual", "auto")}, mode="manual")
def _focus(camera: Camera, args: Mapping[str, Any]) -> None:
    camera.panel.put(Prop.FOCUS_MODE, 1 if args["mode"] == "manual" else 2)


@_command("focus-finds", "Whether auto-focus finds its focus.", on=True)
def _focus_finds(camera: Camera, args: Mapping[str, Any]) -> None:
    camera.world.menu.focus_finds = args["on"]


@_command("half-press-focuses", "The menu item AF w/ Shutter: off for back-button focus.", on=True)
def _half_press_focuses(camera: Camera, args: Mapping[str, Any]) -> None:
    camera.world.menu.half_press_focuses = args["on"]


@_command("lens", "A lens with contacts on or off the body.", {"kind": tuple(LENSES)}, on=True, kind="standard")
def _lens(camera: Camera, args: Mapping[str, Any]) -> None:
    camera.world.menu.lens = args["on"]
    camera.panel.refresh()
    camera.lens.change(args["kind"])


@_command("ring", "Turn the focus ring by so many of the lens' smallest steps, below 0 nearer.", steps=0.0)
def _ring(camera: Camera, args: Mapping[str, Any]) -> None:
    camera.lens.turn(_within("ring", "steps", args["steps"], -_MOST_TURNED, _MOST_TURNED))


@_command("card", "What is in the card slot.", {"state": ("ok", "none", "full", "locked")}, state="ok")
def _card(camera: Camera, args: Mapping[str, Any]) -> None:
    camera.world.menu.card = args["state"]
    camera.panel.show_card()


@_command("save-to", "The menu item Still Img. Save Dest.", {"to": tuple(_SAVES)}, to="host")
def _save_to(camera: Camera, args: Mapping[str, Any]) -> None:
    camera.world.menu.save_to = _SAVES[args["to"]]
    camera.panel.put(Prop.SAVE_DESTINATION, _SAVES[args["to"]])


@_command("format", "The file format.", {"files": tuple(_FORMATS)}, files="raw")
def _format(camera: Camera, args: Mapping[str, Any]) -> None:
    camera.panel.set_file_format(_FORMATS[args["files"]])


@_command("noise-reduction", "Long exposure noise reduction.", on=True)
def _noise(camera: Camera, args: Mapping[str, Any]) -> None:
    camera.world.menu.noise_reduction = args["on"]
    camera.panel.put(Prop.LONG_EXPOSURE_NR, 2 if args["on"] else 1)


@_command("silent", "Silent shooting.", on=True)
def _silent(camera: Camera, args: Mapping[str, Any]) -> None:
    camera.world.menu.silent = args["on"]
    camera.panel.put(Prop.SILENT, 2 if args["on"] else 1)
    camera.panel.refresh()


@_command("playback", "Look at pictures at the body: no photo can be taken.", on=True)
def _playback(camera: Camera, args: Mapping[str, Any]) -> None:
    camera.world.menu.playback = args["on"]
    camera.panel.show(Prop.OPERATING_MODE, 2 if args["on"] else 1)


@_command("crop", "APS-C crop of a full-frame body.", on=True)
def _crop(camera: Camera, args: Mapping[str, Any]) -> None:
    camera.panel.show(Prop.SENSOR_CROP, 2 if args["on"] else 1)


@_command("shutter", 'Set the shutter speed at the body: seconds as "1/250", "30", or "bulb".', speed="1/60")
def _shutter(camera: Camera, args: Mapping[str, Any]) -> None:
    text = args["speed"]
    try:
        value = 0 if text.lower() == "bulb" else encode_shutter(Fraction(text))
    except (ValueError, ZeroDivisionError) as error:
        raise BadCommand(f"shutter: {text!r} is not a speed") from error
    if value not in camera.world.profile.shutters:
        labels = ", ".join(label_shutter(decode_shutter(v)) for v in camera.world.profile.shutters)
        raise BadCommand(f"shutter: {text!r}: allowed are {labels}")
    camera.panel.put(Prop.SHUTTER_SPEED, value)


@_command("set", "Set any listed property at the body.", property=0, value=0)
def _set(camera: Camera, args: Mapping[str, Any]) -> None:
    if args["property"] not in camera.panel.book:
        raise BadCommand(f"set: 0x{args['property']:04X} is not listed")
    if not camera.panel.book.fits(args["property"], args["value"]):
        raise BadCommand(f"set: {args['value']} does not fit the type of 0x{args['property']:04X}")
    camera.panel.put(args["property"], args["value"])


@_command("scene", "What the camera looks at.", {"scene": ("sky", "dark", "flat")}, scene="sky")
def _scene(camera: Camera, args: Mapping[str, Any]) -> None:
    camera.world.menu.scene = args["scene"]


@_command("panel", "The brightness of the flat panel: 1 fills a pixel at ISO 100 in 2.6 s.", brightness=1.0)
def _panel(camera: Camera, args: Mapping[str, Any]) -> None:
    _change(camera, panel=_within("panel", "brightness", args["brightness"], 0, _BRIGHTEST_PANEL))


@_command("temperature", "The sensor's temperature, which the file tells: the dark current goes with it.", celsius=24.0)
def _temperature(camera: Camera, args: Mapping[str, Any]) -> None:
    _change(camera, temperature_c=_within("temperature", "celsius", args["celsius"], *_TEMPERATURES))


@_command("hot-pixels", "Whether the sensor has hot pixels.", on=True)
def _hot_pixels(camera: Camera, args: Mapping[str, Any]) -> None:
    _change(camera, hot_pixels=args["on"])


@_command(
    "optics", "A light path that weakens stars, sky and panel: darker corners, dust.", on=True, vignetting=0.3, dust=12
)
def _optics(camera: Camera, args: Mapping[str, Any]) -> None:
    vignetting = _within("optics", "vignetting", args["vignetting"], 0, 0.9)
    dust = int(_within("optics", "dust", args["dust"], 0, _MOST))
    _change(camera, optics=Optics(vignetting, dust) if args["on"] else None)


@_command(
    "point",
    "Where the telescope looks: the middle of the picture, the angle of its upper edge from north "
    "through east, the focal length. Without it the stars stand still on the sensor.",
    on=True,
    ra_deg=0.0,
    dec_deg=0.0,
    angle_deg=0.0,
    focal_mm=500.0,
)
def _point(camera: Camera, args: Mapping[str, Any]) -> None:
    dec = _within("point", "dec_deg", args["dec_deg"], -90, 90)
    ra = _within("point", "ra_deg", args["ra_deg"], -360, 360) % 360
    angle = _within("point", "angle_deg", args["angle_deg"], -360, 360)
    focal = _within("point", "focal_mm", args["focal_mm"], *_FOCALS)
    scale = ARCSEC_PER_RADIAN * (camera.world.profile.row.pixel_um or _PIXEL_UM) / 1000 / focal
    _change(camera, pointing=Pointing(ra, dec, angle, scale) if args["on"] else None)


def _within(command: str, name: str, value: float, least: float, most: float) -> float:
    if not least <= value <= most:
        raise BadCommand(f"{command}: {name} is {least:g} to {most:g}")
    return value


def _change(camera: Camera, **parts: Any) -> None:
    camera.world.menu.night = replace(camera.world.menu.night, **parts)


@_command("leave", "Put `count` images into the memory, as an earlier program would.", count=1)
def _leave(camera: Camera, args: Mapping[str, Any]) -> None:
    if not 0 <= args["count"] <= _MOST:
        raise BadCommand(f"leave: count is 0 to {_MOST}")
    camera.leave_behind(args["count"])


@_command(
    "menu",
    "Switch something else: pairs counted once, RAW first, what memory survives, release without …",
    {"item": _MENU},
    item="raw_first",
    on=True,
)
def _menu(camera: Camera, args: Mapping[str, Any]) -> None:
    setattr(camera.world.menu, args["item"], args["on"])
    camera.memory.count_pairs_once = camera.world.menu.pair_counts_one
    code = _SHOWN.get(args["item"])
    if code is not None:
        camera.panel.put(code, 2 if args["on"] else 1)


@_command("pair", "Confirm at the camera the computer that the network refused last (`menu` with `pairing_needed`).")
def _pair(camera: Camera, args: Mapping[str, Any]) -> None:
    if not camera.pairing.confirm():
        raise BadCommand("pair: no computer has asked")


@_command("hang", "The firmware stops until the power is switched.")
def _hang(camera: Camera, args: Mapping[str, Any]) -> None:
    camera.hang()


@_command("fault", "Arm a fault row: `row` is what a [[fault]] table holds.", row={})
def _fault(camera: Camera, args: Mapping[str, Any]) -> None:
    try:
        (fault,) = parse([args["row"]])
    except BadFault as error:
        raise BadCommand(str(error)) from error
    camera.arm(fault)


@_command(
    "expect", "Tell the referee how long bulbs are meant to be: an abort is no late transaction then.", seconds=0.0
)
def _expect(camera: Camera, args: Mapping[str, Any]) -> None:
    camera.body.planned_bulb_s = args["seconds"] if args["seconds"] > 0 else None


@_command("state", "Tell the state.")
def _state(camera: Camera, args: Mapping[str, Any]) -> Mapping[str, Any]:
    body, panel, menu = camera.body, camera.panel, camera.world.menu
    return {
        "t": round(camera.world.now, 6),
        "model": camera.world.profile.model,
        "present": camera.present,
        "address": camera.address,
        "usb_mode": camera.usb_mode,
        "powered": body.powered,
        "hung": camera.hung,
        "session": camera.responder.session_open,
        "version": "3.00" if panel.version is Version.V300 else "2.00",
        "half": body.half,
        "full": body.full,
        "body_button": body.user_full,
        "exposing": body.exposing,
        "under_way": body.under_way,
        "counter": camera.memory.counter(),
        "files": [f.name for f in camera.memory.files],
        "serial": body.serial,
        "program": panel.program.value,
        "drive": panel.drive.value,
        "manual_focus": panel.manual_focus,
        "shutter": label_shutter(decode_shutter(panel.shutter)),
        "iso": panel.iso,
        "raw": panel.file_format.raw,
        "companion": panel.file_format.companion,
        "battery": menu.battery,
        "card": menu.card,
        "scene": menu.scene,
        "night": menu.night.told(),
        "lens": camera.lens.name if menu.lens else "",
        "focus": round(camera.lens.glass, 3),
        "blur_px": round(camera.lens.blur_px, 3),
        "broken": len(camera.referee.broken),
        "rules": sorted({entry.rule for entry in camera.referee.broken}),
    }


COMMANDS: Mapping[str, ControlCommand] = MappingProxyType(_ROWS)
"""All commands by name."""


def check(do: object, args: Mapping[str, Any]) -> tuple[ControlCommand, dict[str, Any]]:
    """The row and its arguments, defaults filled in. Raises `BadCommand`."""
    row = COMMANDS.get(do) if isinstance(do, str) else None
    if row is None:
        raise BadCommand(f"command {do!r}: allowed are {', '.join(sorted(COMMANDS))}")
    unknown = sorted(set(args) - set(row.args))
    if unknown:
        raise BadCommand(f"{row.name}: argument {unknown[0]!r}: allowed are {', '.join(sorted(row.args)) or 'none'}")
    found = {}
    for name, default in row.args.items():
        value = args.get(name, default)
        kinds = (int, float) if isinstance(default, float) else (type(default),)
        if isinstance(value, bool) is not isinstance(default, bool) or not isinstance(value, kinds):
            raise BadCommand(f"{row.name}: argument {name!r}: {value!r} is not a {type(default).__name__}")
        if name in row.choices and value not in row.choices[name]:
            raise BadCommand(f"{row.name}: {name} {value!r}: allowed are {', '.join(row.choices[name])}")
        found[name] = value
    return row, found


def perform(camera: Camera, do: object, args: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Carry out a command now. Raises `BadCommand`."""
    row, found = check(do, args)
    if row.run is not _state:
        camera.referee.note("control", row.name)
    return row.run(camera, found)


def answer_line(camera: Camera, line: str) -> str:
    """One request line to one answer line (without its end). Never raises on what a line says."""
    try:
        request = json.loads(line)
        if not isinstance(request, dict):
            raise BadCommand(_EXAMPLE)
        do = request.pop("command", None)
        camera.advance()
        extra = perform(camera, do, request) or {}
    except json.JSONDecodeError as error:
        return json.dumps({"ok": False, "error": f"{error}: {_EXAMPLE}"})
    except (ValueError, RecursionError, OverflowError) as error:
        return json.dumps({"ok": False, "error": str(error)})
    return json.dumps({"ok": True, **extra})
