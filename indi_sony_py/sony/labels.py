"""What a user reads for a value of a setting. Pure; the names come from `protocol.toml`.

- A name of the table becomes words by one rule (`self_timer_10_s`: "Self timer 10 s"); what the rule spells badly
  stands in `_WORDS`, as Sony's menus print it.
- Apertures and compensations are numbers. A value that no table knows is shown as its number.
"""

from __future__ import annotations

import re
from functools import lru_cache

from indi_sony_py.sony.codes import Prop, property_row, value_label
from indi_sony_py.sony.values import decode_ev, decode_f_number

__all__ = ["label_of", "order_of"]

_WORDS = {
    "af_a": "AF-A",
    "af_c": "AF-C",
    "af_d": "AF-D",
    "af_s": "AF-S",
    "af_macro": "AF macro",
    "dmf": "DMF",
    "manual_reverse": "MF reverse",
    "awb": "Auto",
    "adobergb": "Adobe RGB",
    "srgb": "sRGB",
    "cptempp": "Color temperature",
    "tungsten_incandescent": "Incandescent",
    "fluorp_warm_white_1": "Fluorescent: warm white",
    "fluorp_cool_white_0": "Fluorescent: cool white",
    "fluorp_day_white_plus_1": "Fluorescent: day white",
    "fluorp_daylight_white_plus_2": "Fluorescent: daylight",
    "entire_screen_avgp": "Entire screen average",
    "b_w_black_white": "Black and white",
    "raw": "RAW",
    "compressed_raw": "Compressed RAW",
    "raw_jpeg": "RAW & JPEG",
    "raw_heif": "RAW & HEIF",
    "jpeg": "JPEG",
    "heif": "HEIF",
    "l": "L",
    "m": "M",
    "s": "S",
    "p": "P",
    "a": "A",
    "auto_plus": "Superior auto",
    "lossless_l": "Lossless (L)",
    "lossless_m": "Lossless (M)",
    "lossless_s": "Lossless (S)",
    "compressed_hq": "Compressed HQ",
    "dro": "DRO",
    "dro_off": "Off",
    "dro_auto": "DRO auto",
    "hdr_auto": "HDR auto",
    "vga": "VGA",
    "picture_profile_off": "Off",
    "effect_on": "On",
    "effect_off": "Off",
    "flash_off": "Off",
    "auto_flash": "Auto",
    "fill_flash": "Fill",
    "disable": "Off",
    "enable": "On",
    "on_w_o_shutter": "On, shutter silent",
    "on_shutter_only": "Shutter only",
    "slot1": "Slot 1",
    "slot2": "Slot 2",
}
_STARTS = (
    ("picture_profile_lut_number_", "LUT "),
    ("picture_profile_number_", "PP"),
    ("bracket_continuous_", "Bracket continuous "),
    ("bracket_single_", "Bracket single "),
    ("dro_plus_lv", "DRO Lv"),
    ("hdr_", "HDR "),
    ("raw_plus_jpeg_", "RAW & JPEG "),
    ("compressed_raw_plus_jpeg_", "Compressed RAW & JPEG "),
    ("raw_plus_heif_", "RAW & HEIF "),
    ("heif_", "HEIF "),
)
_TOKENS = {
    **{token: token.upper() for token in ("ev", "af", "ae", "hdr", "dro", "lpf", "p", "a", "m", "l", "xs", "xl")},
    **{"cont": "continuous", "hi": "Hi", "lo": "Lo", "mid": "Mid", "std": "standard"},
}
_DECIMAL = re.compile(r"(?<=\d)p(?=\d)")
_PIXELS = re.compile(r"^\d+(\.\d+)?m$")
_RATIO = re.compile(r"^(\d+)_(\d+)$")
_OWN_NUMBERS = frozenset({Prop.EXPOSURE_COMPENSATION, Prop.FLASH_COMPENSATION})
_OWN = {(int(Prop.DRIVE), 1): "Single", (int(Prop.FOCUS_MODE), 1): "MF"}
"""Values whose name in the table says less than the one in Sony's menus."""


@lru_cache(maxsize=4096)
def label_of(code: int, value: int) -> str:
    """The words for `value` of the property `code`."""
    if code == Prop.F_NUMBER:
        number = decode_f_number(value)
        return "-" if number is None else f"f/{number:g}"
    if code in _OWN_NUMBERS:
        ev = decode_ev(value)
        return "-" if ev is None else f"{ev:+.1f} EV" if ev else "0 EV"
    if code == Prop.COLOR_TEMPERATURE:
        return f"{value} K"
    if code == Prop.AUTO_REVIEW and value:
        return f"{value} s"
    return _OWN.get((code, value)) or _words(value_label(code, value))


def _words(name: str) -> str:
    known = _WORDS.get(name)
    if known is not None:
        return known
    start, shown = next(((start, shown) for start, shown in _STARTS if name.startswith(start)), ("", ""))
    rest = _DECIMAL.sub(".", name.removeprefix(start))
    if _PIXELS.match(rest):
        return f"{rest[:-1]} MP"
    ratio = _RATIO.match(rest)
    if ratio is not None and not start:
        return f"{ratio[1]}:{ratio[2]}"
    words = shown + " ".join(_TOKENS.get(token, token) for token in _sizes(rest.split("_")))
    return words[:1].upper() + words[1:]


def _sizes(tokens: list[str]) -> list[str]:
    """A trailing `s` is a size or a mode, but after a number it is seconds."""
    if len(tokens) > 1 and tokens[-1] == "s" and not tokens[-2].isdigit():
        return [*tokens[:-1], "S"]
    return tokens


@lru_cache(maxsize=4096)
def order_of(code: int, value: int) -> tuple[int, int]:
    """Where a value stands among the others of its setting: numbers by size, names as in the table, the rest last.

    So a choice keeps its place whatever order a body lists its values in.
    """
    row = property_row(code)
    if code == Prop.F_NUMBER or code in _OWN_NUMBERS or row is None or not row.values:
        return 0, value
    for place, known in enumerate(row.values):
        if known == value or (row.low_half and known & 0xFFFF == value):
            return 0, place
    return 1, value
