"""THE TABLE of header cards: keyword, where its value comes from, comment; in the order of the file. Pure.

Rules kept here:

- A header is made from a frozen record and the file's own facts, never from live properties; what the file knows
  better (size, levels, bits, ISO, temperature) wins.
- A value that is not known gives no card: no zero, no guess.
- A client's cards stand at their places if the table has a place for them, else at the end. One that names a card of
  ours, or that the standard does not allow, is dropped with a note.

Sources of names and order: INDI `indiccd.cpp` 1.9.9 and later; Siril, KStars and others read ROWORDER, BAYERPAT,
XBAYROFF, YBAYROFF, ISOSPEED, GAIN. XORGSUBF, YORGSUBF: SBIG's FITS extensions (SBFITSEXT 1.0), as MaxIm DL writes them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from indi_sony_py import texts
from indi_sony_py.image.cardrow import Card, Source, pixel_um
from indi_sony_py.image.fits import Value, card, clean, header_bytes, is_continued, valid_keyword
from indi_sony_py.image.record import FrameRecord
from indi_sony_py.image.section import origin
from indi_sony_py.image.skycards import DEVICES, FILTER, SKY, TELESCOPE, WCS, coordinates_trouble

__all__ = ["TABLE", "Card", "Row", "Source", "fits_header", "is_ours", "make_header", "make_rows", "shifted_pattern"]

Row = tuple[str, Value, str]


def _date_obs(source: Source) -> str | None:
    try:
        return datetime.fromisoformat(source.record.pressed_utc).replace(tzinfo=None).isoformat(timespec="milliseconds")
    except ValueError:
        return None


def _camera_clock(source: Source) -> str | None:
    captured = source.header.captured
    return None if captured is None else captured.isoformat(timespec="milliseconds")


def _iso(source: Source) -> int | None:
    return source.header.iso or source.record.iso_set or source.record.iso_requested


def _noise_reduction(source: Source) -> bool | None:
    return source.header.maker.long_exposure_nr


def _bin_mode(source: Source) -> str | None:
    return source.record.bin_mode.upper() if source.record.binning > 1 else None


def _or_none(text: str) -> str | None:
    return text or None


def _serial(text: str) -> str | None:
    """As it stands on the body: USB pads it with zeros to 32 digits; nothing but zeros is none."""
    return _or_none(text.strip().lstrip("0"))


TABLE: tuple[Card, ...] = (
    Card("SIMPLE", lambda s: True, "file conforms to the FITS standard"),
    Card("BITPIX", lambda s: 16, "bits of a value"),
    Card("NAXIS", lambda s: 2, "axes"),
    Card("NAXIS1", lambda s: s.width, "columns"),
    Card("NAXIS2", lambda s: s.height, "rows"),
    Card("EXTEND", lambda s: True, "extensions may follow"),
    Card("BZERO", lambda s: 32768, "offset of unsigned 16-bit values"),
    Card("BSCALE", lambda s: 1, "values are not scaled"),
    Card("ROWORDER", lambda s: "TOP-DOWN", "first row in the file is the top one"),
    Card("INSTRUME", lambda s: s.record.device, "INDI device"),
    Card("CAMERA", lambda s: _or_none(s.header.model or s.record.body), "body, as the file says"),
    TELESCOPE,
    Card("OBSERVER", None, "by the client", free=True),
    Card("OBJECT", None, "by the client", free=True),
    Card("EXPTIME", lambda s: s.exptime.value_s, "[s] exposure"),
    Card("DARKTIME", lambda s: s.exptime.value_s if s.record.frame_type == "Dark" else None, "[s] exposure"),
    Card("EXPREQ", lambda s: s.record.requested_s, "[s] exposure asked for by the client"),
    Card("EXPMEAS", lambda s: s.record.measured_s, "[s] press to release, measured"),
    Card("EXPFILE", lambda s: s.header.exposure_s, "[s] exposure as the camera's file says"),
    Card("SHUTMODE", lambda s: s.record.shutter_mode.upper(), "who ended the exposure"),
    Card("CCD-TEMP", lambda s: s.header.maker.camera_temperature_c, "[C] camera body, MakerNote 9403"),
    Card("PIXSIZE1", lambda s: pixel_um(s, False), "[um] pixel, unbinned"),
    Card("PIXSIZE2", lambda s: pixel_um(s, False), "[um] pixel, unbinned"),
    Card("XBINNING", lambda s: s.record.binning, "binning in columns"),
    Card("YBINNING", lambda s: s.record.binning, "binning in rows"),
    Card("BINMODE", _bin_mode, "means of one colour, or of all (SUPERPIXEL)"),
    Card("XPIXSZ", lambda s: pixel_um(s, True), "[um] pixel, binned"),
    Card("YPIXSZ", lambda s: pixel_um(s, True), "[um] pixel, binned"),
    Card("XORGSUBF", lambda s: origin(s.corner[0], s.record.binning), "[pixel] first column, binned"),
    Card("YORGSUBF", lambda s: origin(s.corner[1], s.record.binning), "[pixel] first row, binned"),
    Card("FRAME", lambda s: s.record.frame_type, "frame type"),
    Card("IMAGETYP", lambda s: f"{s.record.frame_type} Frame", "frame type"),
    FILTER,
    Card("XBAYROFF", lambda s: 0 if s.pattern else None, "column of the pattern's first letter"),
    Card("YBAYROFF", lambda s: 0 if s.pattern else None, "row of the pattern's first letter"),
    Card("BAYERPAT", lambda s: _or_none(s.pattern), "colours from the top left, by rows"),
    *DEVICES,
    *SKY,
    *WCS,
    Card("DATE-OBS", _date_obs, "UTC at the press of the shutter"),
    Card("CLOCKSTP", lambda s: s.record.clock_step_s or None, "[s] computer's clock was moved after DATE-OBS"),
    Card("CAMCLOCK", _camera_clock, "camera's own clock, not checked"),
    Card("ISOSPEED", _iso, "ISO"),
    Card("GAIN", _iso, "ISO, as gain"),
    Card("BLKLEVEL", lambda s: s.black, "[ADU] black, not subtracted"),
    Card("WHTLEVEL", lambda s: s.white, "[ADU] white, as the file says"),
    Card("ADCBITS", lambda s: s.header.bits, "bits of the readout"),
    Card("RAWTYPE", lambda s: s.header.compression.value.upper(), "how the camera stored the values"),
    Card("LONGEXNR", _noise_reduction, "dark subtracted in the camera"),
    Card("SHUTCNT", lambda s: s.header.maker.shutter_count, "shutter count of the body"),
    Card("FRAMESER", lambda s: s.record.exposure_id, "number of this exposure"),
    Card("LENS", lambda s: _or_none(s.header.lens or s.record.lens), "lens"),
    Card("CAMSER", lambda s: _serial(s.record.serial) or _serial(s.header.serial), "serial number of the body"),
    Card("CAMFW", lambda s: _or_none(s.header.firmware or s.record.firmware), "firmware of the body"),
    Card("CAMPROTO", lambda s: _or_none(s.record.protocol), "remote protocol"),
    Card("BATTERY", lambda s: s.record.battery_percent, "[%] battery at the press"),
    Card("BATTTEMP", lambda s: s.header.maker.battery_temperature_c, "[C] battery"),
    Card("AMBTEMP", lambda s: s.header.maker.ambient_temperature_c, "[C] inside the body, not the weather"),
    # Known only when a frame that was offered goes to disk: `hand.disk` puts it in. Here the keyword is kept for it.
    Card("DUPLICAT", lambda s: None, "this frame may have been delivered before"),
)

# How many rows describe the data itself: they come first, by the standard.
_STRUCTURAL = 8

_OURS = frozenset(row.keyword for row in TABLE if not row.free)
_STRUCTURE = frozenset(
    ("END", "CONTINUE", "XTENSION", "NAXIS3", "PCOUNT", "GCOUNT", "BLANK", "GROUPS", "LONGSTRN", "CHECKSUM", "DATASUM")
)


def shifted_pattern(pattern: str, x: int, y: int) -> str:
    """The four letters of a pattern as they stand at (x, y) of the stored buffer."""
    return "".join(pattern[2 * ((y + row) & 1) + ((x + column) & 1)] for row in (0, 1) for column in (0, 1))


def is_ours(keyword: str) -> bool:
    """Whether a client's card of this name (upper case) would be dropped."""
    return keyword in _OURS or keyword in _STRUCTURE


def make_rows(source: Source) -> tuple[tuple[Row, ...], tuple[str, ...]]:
    """All cards as (keyword, value, comment) in their order, each legal, and notes about those that were dropped."""
    notes: list[str] = []
    brought = _brought(source.record, notes)
    rows: list[Row] = []
    for row in TABLE:
        if row.keyword in brought:
            rows.append((row.keyword, *brought.pop(row.keyword)))
        elif row.value is not None and (value := row.value(source)) is not None:
            rows.append((row.keyword, value, row.comment))
    rows += [(keyword, value, comment) for keyword, (value, comment) in brought.items()]
    for keyword, value, _ in source.record.cards:
        if keyword.upper() in ("COMMENT", "HISTORY"):
            rows.append((keyword.upper(), str(value), ""))
    rows += [("COMMENT", note, "") for note in source.record.notes]
    rows.append(("COMMENT", "Generated by INDI, driver indi_sony_py", ""))
    if reason := coordinates_trouble(source):
        notes.append(texts.frames.NO_COORDINATES(reason=reason))
    return tuple(row for row in rows if _legal(row, notes)), tuple(notes)


def make_header(source: Source) -> tuple[bytes, tuple[str, ...]]:
    """The whole header of a FITS, padded, and notes about cards that were dropped."""
    rows, notes = make_rows(source)
    return fits_header(rows), notes


def fits_header(rows: Iterable[Row]) -> bytes:
    """The header of `make_rows`, padded."""
    cards = [card(*row) for row in rows]
    if any(is_continued(made) for made in cards):
        cards.insert(_STRUCTURAL, card("LONGSTRN", "OGIP 1.0", "long text goes on in CONTINUE cards"))
    return header_bytes(cards)


def _brought(record: FrameRecord, notes: list[str]) -> dict[str, tuple[Value, str]]:
    brought: dict[str, tuple[Value, str]] = {}
    for given, value, comment in record.cards:
        keyword = given.strip().upper()
        if keyword in ("COMMENT", "HISTORY"):
            continue
        if not valid_keyword(keyword):
            notes.append(texts.frames.CARD_BAD_NAME(keyword=clean(given)[:20]))
        elif is_ours(keyword):
            notes.append(texts.frames.CARD_OURS(keyword=keyword))
        else:
            brought[keyword] = (value, comment)
    return brought


def _legal(row: Row, notes: list[str]) -> bool:
    try:
        card(*row)
    except ValueError as fault:
        notes.append(texts.frames.CARD_UNFIT(keyword=row[0], detail=fault))
        return False
    return True
