"""Every body that can be simulated: handshake, settings, a timed and a bulb exposure, in each of its versions."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest

from indi_sony_py.sim.dumps import list_dumps, load, simulated_models
from indi_sony_py.sim.profile import models, profile_of
from indi_sony_py.sony.codes import Prop
from indi_sony_py.sony.snapshot import Version, encode_settings
from indi_sony_py.sony.values import decode_shutter, encode_shutter
from tests.sim.plain_client import Host, host

MODELS = simulated_models()
VERSIONS = [(model, version) for model in MODELS for version in profile_of(model).versions]
IDENTITIES = [name for name in list_dumps() if not profile_of(name).controllable]


def serial_of(data: bytes) -> dict[str, object]:
    found: dict[str, object] = json.loads(data.split(b" ", 1)[1])
    return found


@pytest.mark.parametrize(("model", "version"), VERSIONS, ids=[f"{m}-{v.label}" for m, v in VERSIONS])
def test_a_timed_and_a_bulb_exposure(model: str, version: Version) -> None:
    h = host(model).connect(version)
    assert h.version is version
    settings = h.settings()
    assert encode_settings(settings) == h.camera.panel.book.encode()
    assert settings.number(Prop.OBJECTS_IN_MEMORY) in (0, None)
    h.set_shutter(encode_shutter(Fraction(1, 2) if model == "SLT-A58" else Fraction(1, 4)))
    nominal = decode_shutter(h.camera.panel.shutter)
    h.shoot()
    h.wait_image()
    info, data = h.fetch()
    assert info.size == len(data) and info.name == "DSC00001.ARW" and info.sequence == 1
    assert isinstance(nominal, Fraction) and serial_of(data)["exposure_s"] == float(nominal)
    assert h.counter() == 0
    if 0 in h.camera.world.profile.shutters:
        h.set_shutter(0)
        h.press()
        h.wait(4.0)
        h.release()
        h.wait_image()
        _, data = h.fetch()
        assert serial_of(data)["serial"] == 2
        open_s = serial_of(data)["exposure_s"]
        assert isinstance(open_s, float) and open_s == pytest.approx(4.0, abs=0.02)
        assert h.counter() == 0
    h.close()
    assert h.rules == []


@pytest.mark.parametrize("name", IDENTITIES)
def test_what_cannot_be_controlled_says_so(name: str) -> None:
    h = host(name)
    h.ok(0x1002, 1)
    assert h.ok(0x1001).data
    assert h.ask(0x9201, 1, 0, 0).code in (0x2002, 0x2005)
    assert h.ask(0x9209).code in (0x2002, 0x2005)
    h.ok(0x1003)


def test_every_dump_and_every_body_has_a_name() -> None:
    assert set(MODELS) | set(list_dumps()) == set(models())
    with pytest.raises(ValueError, match=r"unknown body 'NOPE': allowed are .*ILCE-7SM3"):
        profile_of("NOPE")


@pytest.mark.parametrize("name", [n for n in list_dumps() if load(n).controllable])
def test_as_dumped_is_left_as_it_is(name: str) -> None:
    dump = load(name)
    assert dump.session is not None
    h = Host(name, as_dumped=True).connect(dump.session, priority=False, warm=False)
    settings = h.settings()
    listed = h.camera.world.profile.listings[h.version].descriptors
    assert [d.current for d in settings] == [d.current for d in listed]
    assert [d.code for d in settings] == [d.code for d in listed]


def test_the_traces_come_back_byte_for_byte() -> None:
    for name in ("ILCE-7SM3", "ILCE-6000_raw"):
        h = Host(name, as_dumped=True)
        version = load(name).session
        assert version is not None
        h.connect(version, priority=False, warm=False)
        raw = encode_settings(h.settings())
        assert len(raw) == {"ILCE-7SM3": 9349, "ILCE-6000_raw": 1040}[name]


def test_a_body_of_both_versions_keeps_what_is_set() -> None:
    h = host("ILCE-7SM3").connect(Version.V300)
    h.set_shutter(0)
    h.close()
    h.connect(Version.V200)
    assert h.settings().number(Prop.SHUTTER_SPEED) == 0
    assert h.settings().number(Prop.FILE_FORMAT_200) == 0x10
    h.close()


def test_raw_types_that_a_body_lacks_are_named() -> None:
    with pytest.raises(ValueError, match="ILCE-6000 has no 'uncompressed' RAW: allowed are lossy"):
        host("ILCE-6000", raw="uncompressed")
