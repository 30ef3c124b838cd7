"""The camera that a model's dumps, its row and its siblings make together. Pure apart from the package data.

A simulated camera needs, for each protocol version that its body answers, the whole list of properties, and the list
that 0x9202 gives. Where the body's own dump has it, that is it. Where not, it is composed, and every borrowed fact says
from where (`Listing.marks`, `CameraModel.assumed`):

- C1 own dump of that version with 20 properties or more: as it is; a property that the driver needs and that it lacks
  comes from another own dump.
- C2 2.00 without an own dump: the list of the sibling that `SIBLINGS` names; identity, lists of ISO and shutter speeds
  where they can be set, and RAW formats from the body's own row.
- C3 3.00 without an own dump: the list of the ILCE-7SM3 (the one whole byte trace), without what Sony's 3.00 tables
  deny this body, with what they add (bulb timer); ISO list, shutter list and RAW types from the row; lists of further
  settings from the body's own 2.00 dump where type and meaning are the same.
- C4 a 3.00 dump that was cut off gets what the driver's own settings need from the ILCE-7SM3.
- C5 operations and events that no dump shows: those of the family's member that shows them (`OPERATIONS_OF`).

`ready`: the state in which an astronomer leaves a camera (M, single drive, manual focus, RAW, files to the host), by
the rows of `sim.ready`. `as_dumped` leaves what the dump says. What a 2.00 list shows and what the body has are two
things: `Listing` is what is shown, `true_isos` and `true_shutters` what is there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from indi_sony_py.ptp.data import DataType, DeviceInfo
from indi_sony_py.sim.assume import is_control
from indi_sony_py.sim.draft import Draft, ladder, raw_types
from indi_sony_py.sim.dump_files import Access, Dump, best_dump, list_dumps, load
from indi_sony_py.sim.ready import make_ready
from indi_sony_py.sony.bodies import Body, Control, UsbMode, all_bodies, body
from indi_sony_py.sony.codes import Prop, Write, control_row, property_row
from indi_sony_py.sony.snapshot import Descriptor, ExtDeviceInfo, Form, Settings, Version
from indi_sony_py.sony.values import decode_iso, encode_shutter

__all__ = [
    "OPERATIONS_OF",
    "SIBLINGS",
    "TRACE",
    "CameraModel",
    "Listing",
    "compose",
    "compose_dump",
    "simulated_models",
    "split_codes",
]

TRACE = "ILCE-7SM3"
"""The model whose 3.00 session is known whole."""

SIBLINGS: Mapping[str, str] = {
    "SLT-A99V": "SLT-A58_fw1.0",
    "ILCA-99M2": "ILCA-77M2",
    "ILCE-5100": "ILCE-6000_fw2.0",
    "ILCE-6500": "ILCE-6300",
    "ILCE-6100": "ILCE-6400",
    "ILCE-6100A": "ILCE-6400",
    "ILCE-6400A": "ILCE-6400",
    "ILCE-6600": "ILCE-6400",
    "ZV-E10M2": "ILCE-6700",
    "ILCE-7": "ILCE-7S",
    "ILCE-7R": "ILCE-7S",
    "ILCE-7M2": "ILCE-7RM2_fw3.0",
    "ILCE-7SM2": "ILCE-7RM2_fw3.0",
    "ILCE-9": "ILCE-7RM3",
    "ILCE-7M3": "ILCE-7RM3",
    "ILCE-9M2": "ILCE-7RM4A",
    "ILCE-7SM3": "ILCE-7M4",
    "ILCE-7CM2": "ILCE-7M4",
    "ILCE-7CR": "ILCE-7RM5",
    "ILCE-9M3": "ILCE-7M4",
    "ILCE-1M2": "ILCE-7RM5",
    "ILX-LR1": "ILCE-7RM5",
    "ZV-E1": "ILCE-7M4",
    "ILME-FX3": "ILCE-7M4",
    "ILME-FX30": "ILCE-6700",
    "ILME-FX2": "ILCE-7M4",
    "ZV-1M2": "ZV-1",
    "ZV-1F": "ZV-1",
    "DSC-RX100M7A": "DSC-RX100M7",
    "DSC-RX10M4": "DSC-RX100M6",
}
"""Which 2.00 dump stands in for a body that has none: the nearest body of its family."""

OPERATIONS_OF: Mapping[str, str] = {
    "early": "ILCE-6000_raw",
    "classic": "ILCE-6000_raw",
    "2018": "ILCE-7M3",
    "2019": "ILCE-1",
    "gen3": TRACE,
    "unknown": "ILCE-6000_raw",
}
"""Whose operations and events a family has where no dump of the body shows them."""

_VENDOR_CODE_VERSION = 310
_GENERIC_PID = 0x096F
_AUTO_ISO = 0xFFFFFF
_FEW = 3
_FROM = "another dump:"
_THIRTY_SECONDS = 0x001E0001
_OWN_IN_300 = frozenset({Prop.SHUTTER_SPEED, Prop.ISO, Prop.SHUTTER_DIRECT, Prop.ISO_DIRECT, Prop.OBJECTS_IN_MEMORY})


@dataclass(frozen=True)
class Listing:
    """What the camera lists in one protocol version. `marks`: for a code, the facts that are not its own dump's."""

    version: Version
    settings: Settings
    ext: ExtDeviceInfo
    source: str
    marks: Mapping[int, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class CameraModel:
    """Everything that a simulated camera is built from.

    `true_shutters` and `true_isos` are the values that the body really has, as 0xD20D and 0xD21E numbers in the order
    of the steps (shutter: bulb 0, then longest first; ISO: automatic, then lowest first). `vendor_code_version` is
    the response parameter of 0x9202 in 3.00. `assumed`: fact to reason.
    """

    name: str
    body: Body
    device_info: DeviceInfo
    listings: Mapping[Version, Listing]
    true_shutters: tuple[int, ...]
    true_isos: tuple[int, ...]
    product_id: int
    vendor_code_version: int | None
    assumed: Mapping[str, str]
    dumps: tuple[str, ...]

    @property
    def controllable(self) -> bool:
        return bool(self.listings)

    @property
    def versions(self) -> tuple[Version, ...]:
        return tuple(self.listings)

    def answers(self, asked: int) -> Version:
        """The version in the answer to 0x9202: the newest that the body has and that is not above `asked`."""
        fitting = [v for v in self.listings if v <= asked]
        return max(fitting, default=min(self.listings))


def simulated_models() -> tuple[str, ...]:
    """The models that can be simulated with control: all whose row has a remote mode and a RAW format."""
    return tuple(b.model for b in all_bodies() if b.control is Control.REMOTE and b.raw_formats)


def _from_dump(dump: Dump, borrowed: str) -> list[tuple[Descriptor, list[str]]]:
    found = []
    for p in dump.properties:
        why = [borrowed] if borrowed else []
        if p.assumed:
            why.append(f"by rule: {', '.join(sorted(p.assumed))}")
        found.append((p.descriptor, why))
    listed = {p.descriptor.code for p in dump.properties}
    for name in list_dumps() if dump.access is not Access.BYTES else ():
        other = load(name)
        if other.model == dump.model and other.session is dump.session:
            for p in other.properties:
                code = p.descriptor.code
                if code in set(Prop) and code not in listed:
                    listed.add(code)
                    found.append((p.descriptor, [borrowed, f"{_FROM} {name}"] if borrowed else [f"{_FROM} {name}"]))
    return found


def _draft_200(model: str, row: Body, own: Dump | None) -> Draft:
    if own is not None and own.controllable:
        return Draft(Version.V200, own.name, _from_dump(own, ""))
    sibling = load(SIBLINGS.get(model, "ILCE-6000_raw"))
    borrowed = f"assumed: {sibling.name}"
    draft = Draft(Version.V200, sibling.name, _from_dump(sibling, borrowed))
    if own is not None and own.announced:
        draft.rows = [d for d in draft.rows if d.code in own.announced]
    if row.isos and draft.has(Prop.ISO_DIRECT):
        draft.set_list(Prop.ISO_DIRECT, row.isos, "own row: ISO list")
    if Version.V300 in row.versions and row.family == "gen3":
        ends = (encode_shutter(row.shutters[-1]), _THIRTY_SECONDS, 1)
        draft.change(Prop.SHUTTER_SPEED, "own row: fastest speed", values=ends)
    if draft.has(Prop.SHUTTER_DIRECT):
        speeds = tuple(encode_shutter(s) for s in row.shutters)
        draft.set_list(Prop.SHUTTER_DIRECT, speeds, "own row: shutter list")
    return draft


def _draft_300(model: str, row: Body, own: Dump | None, own_200: Dump | None) -> Draft:
    trace = load(TRACE)
    if own is not None and own.controllable:
        draft = Draft(Version.V300, own.name, _from_dump(own, ""))
        if model != TRACE:
            _fill_from_trace(draft, model, trace)
        return draft
    borrowed = f"assumed: {TRACE}"
    rows = [(d, why) for d, why in _from_dump(trace, borrowed) if _listed_in_300(d.code, model)]
    draft = Draft(Version.V300, TRACE, rows)
    draft.set_list(Prop.SHUTTER_SPEED, ladder(row), "own row: shutter list")
    if row.isos:
        draft.set_list(Prop.ISO, row.isos, "own row: ISO list")
    types = raw_types(row)
    if types:
        draft.set_list(Prop.RAW_TYPE, types, "own row: RAW formats")
        draft.change(Prop.RAW_TYPE, "own row: RAW formats", current=types[0], enabled=1)
    if own_200 is not None:
        _lists_from_200(draft, own_200)
    if row.bulb_timer and not draft.has(Prop.BULB_TIMER):
        _add_bulb_timer(draft)
    return draft


def _listed_in_300(code: int, model: str) -> bool:
    row = property_row(code)
    return row is None or row.for_body(model)


def _fill_from_trace(draft: Draft, model: str, trace: Dump) -> None:
    """C4: a dump that was cut off lacks what comes last, the object counter above all."""
    for p in trace.properties:
        code = p.descriptor.code
        if code in set(Prop) and not draft.has(code) and _listed_in_300(code, model):
            draft.rows.append(p.descriptor)
            draft.mark(code, f"assumed: {TRACE}")


def _lists_from_200(draft: Draft, own: Dump) -> None:
    mine = {p.descriptor.code: p.descriptor for p in reversed(own.properties)}
    for d in tuple(draft.rows):
        other = mine.get(d.code)
        row = property_row(d.code)
        if (
            other is None
            or d.code in _OWN_IN_300
            or other.type is not d.type
            or row is None
            or row.write.get(Version.V300) is not Write.VALUE
            or not (other.form is d.form is Form.ENUM and other.values)
        ):
            continue
        draft.change(
            d.code,
            f"own 2.00 dump {own.name}: list",
            values=other.values if d.values else d.values,
            reportable=other.values,
            current=other.current,
        )


def _add_bulb_timer(draft: Draft) -> None:
    why = "assumed: ILCE-1M2 (its 3.00 dump lists the bulb timer so)"
    for d in (
        Descriptor(Prop.BULB_TIMER, DataType.UINT8, 1, 1, 0, 0, Form.ENUM, (1, 0), (1, 0)),
        Descriptor(Prop.BULB_TIME, DataType.UINT16, 1, 1, 0, 60, Form.RANGE, (2, 900, 1)),
    ):
        draft.rows.append(d)
        draft.mark(d.code, why)


def _once(rows: Sequence[Descriptor]) -> tuple[Descriptor, ...]:
    """Each code once: a text of gphoto2 prints twice what 0x9202 names as a property and as a control."""
    return tuple({d.code: d for d in reversed(rows)}.values())[::-1]


def _ext(draft: Draft, model: str, own: Dump | None) -> tuple[ExtDeviceInfo, str]:
    """The answer of 0x9202: the dump's own where it is known, else the codes in the order of the list."""
    if own is not None and own.ext is not None and own.ext.version is draft.version:
        return own.ext, ""
    if own is not None and own.codes:
        properties, controls = split_codes(own.codes)
        return ExtDeviceInfo(draft.version, properties, controls), "0x9202: where properties end and controls begin"
    listed = [d.code for d in draft.rows]
    properties, controls = split_codes(tuple(listed))
    if draft.version is Version.V300:
        trace = load(TRACE).ext
        known = trace.controls if trace is not None else ()
        allowed = (c for c in known if (row := control_row(c)) is None or row.for_body(model))
        controls = tuple(allowed)
    else:
        controls = (*controls, *(c for c in load(draft.source).silent if is_control(c)))
    return ExtDeviceInfo(draft.version, properties, controls), "0x9202: order of the codes"


def split_codes(codes: tuple[int, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Properties and controls of a list that runs both together: a code that comes again is a control."""
    properties: list[int] = []
    controls: list[int] = []
    for code in codes:
        (controls if is_control(code) or code in properties else properties).append(code)
    return tuple(properties), tuple(controls)


def _identity(model: str, row: Body, dump: Dump | None, assumed: dict[str, str]) -> DeviceInfo:
    info = dump.device_info if dump is not None else DeviceInfo(model=model, device_version="1.00", serial="0" * 32)
    if dump is None:
        assumed["identity"] = "no dump of this body"
    info = replace(info, model=model, serial=info.serial or "0" * 32, vendor_extension_id=0x11)
    info = replace(info, device_version=info.device_version or "1.00")
    if not info.operations:
        donor = load(OPERATIONS_OF.get(row.family, TRACE))
        info = replace(info, operations=donor.device_info.operations, events=donor.device_info.events)
        assumed["operations"] = f"those of {donor.model}"
    return info


def _true_isos(row: Body, listings: Mapping[Version, Draft], assumed: dict[str, str]) -> tuple[int, ...]:
    if row.isos:
        return row.isos
    assumed["true_isos"] = "the plain numbers of its list"
    for draft in listings.values():
        for code in (Prop.ISO_DIRECT, Prop.ISO):
            for d in draft.rows:
                plain = tuple(v for v in d.choices if (iso := decode_iso(v)) is not None and iso.high == 0)
                if d.code == code and len(plain) > _FEW:
                    return plain
    return (_AUTO_ISO, *(100 * 2**n for n in range(9)))


def compose(model: str, *, ready: bool = True, as_dumped: bool = False) -> CameraModel:
    """The camera of this model, or of one dump by its name (such as `ILCE-6000_fw2.0`). `KeyError` if nothing is known.

    A body without a remote mode gives a model without listings: an identity that cannot be controlled.
    """
    named = load(model) if model in list_dumps() and not body(model).known else None
    key = named.model if named is not None else body(model).model
    if named is None and not body(key).known and best_dump(key) is None:
        raise KeyError(model)
    return _composed(model, key, named, ready and not as_dumped)


def compose_dump(dump: Dump, *, ready: bool = False) -> CameraModel:
    """The camera that a dump from elsewhere tells of, in the state in which it was. It need not be a known body."""
    return _composed(dump.model, dump.model, dump, ready)


def _composed(model: str, key: str, named: Dump | None, ready: bool) -> CameraModel:
    """`named`: the dump that is meant, before the others of its model."""
    row = body(key)
    own_200 = named if named and named.session is Version.V200 else best_dump(key, Version.V200)
    own_300 = named if named and named.session is Version.V300 else best_dump(key, Version.V300)
    assumed: dict[str, str] = {}
    drafts: dict[Version, Draft] = {}
    told = named is not None and named.controllable and not row.known
    if row.control is Control.REMOTE or told:
        versions = (named.session,) if told and named is not None and named.session is not None else row.versions
        for version in versions:
            if version is Version.V200:
                drafts[version] = _draft_200(key, row, own_200)
            else:
                drafts[version] = _draft_300(key, row, own_300, own_200)
    listings = {}
    for version, draft in drafts.items():
        if ready:
            make_ready(draft, row)
        ext, why = _ext(draft, key, own_200 if version is Version.V200 else own_300)
        if why:
            assumed[f"ext {version.label}"] = why
        settings = Settings(_once(draft.rows), version, version.lists)
        listings[version] = Listing(version, settings, ext, draft.source, {c: tuple(t) for c, t in draft.marks.items()})
    identity_dump = named or own_300 or own_200 or best_dump(key)
    if drafts and identity_dump is not None and identity_dump.session is None:
        identity_dump = None
    pid = next((u.pid for u in row.usb if u.mode is UsbMode.REMOTE and not u.shared), None)
    if pid is None:
        pid = next((u.pid for u in row.usb), _GENERIC_PID)
        assumed["product_id"] = "no id of the remote mode is known"
    true_isos = _true_isos(row, drafts, assumed)
    if not row.shutters_known:
        assumed["true_shutters"] = row.src.get("shutters", "the standard ladder")
    if row.bulb is None:
        assumed["bulb"] = "not known: assumed to be there"
    device_info = (
        _identity(key, row, identity_dump, assumed)
        if drafts
        else (identity_dump.device_info if identity_dump else DeviceInfo(model=key, serial="0" * 32))
    )
    code_version = _VENDOR_CODE_VERSION if Version.V300 in drafts else None
    if code_version is not None and key != TRACE:
        assumed["vendor_code_version"] = f"that of {TRACE}"
    used = tuple(d.name for d in (own_200, own_300, named) if d is not None)
    return CameraModel(
        name=model,
        body=row,
        device_info=device_info,
        listings=listings,
        true_shutters=ladder(row),
        true_isos=true_isos,
        product_id=pid,
        vendor_code_version=code_version,
        assumed=assumed,
        dumps=tuple(dict.fromkeys(used)),
    )
