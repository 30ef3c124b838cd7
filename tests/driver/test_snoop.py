"""What other devices say becomes facts, from the device that is named alone, and is forgotten in time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indi_sony_py.driver.rows.observatory import ACTIVE_DEVICES
from indi_sony_py.driver.snoop import ANSWER_S, FACTS, QUIET_S, Fact, Role, Snoop
from indi_sony_py.engine.messages import Observed
from indi_sony_py.hand.codec import decode, encode
from indi_sony_py.indi.messages import DelProperty
from indi_sony_py.observatory import Observatory
from tests.driver.devices import MOUNT, connection, deleted, parsed, said, vector

NOTHING = Observatory()


def hear(snoop: Snoop, *texts: str, now: float = 0.0) -> bool:
    """Whether any of it may change a fact."""
    changed = False
    for text in texts:
        item = parsed(text)
        changed |= snoop.gone(item) if isinstance(item, DelProperty) else snoop.hear(item, now)[0]
    return changed


def named(**roles: str) -> Snoop:
    snoop = Snoop()
    for role, device in roles.items():
        snoop.name(Role[role], device)
    return snoop


def test_every_role_is_an_element_and_every_field_a_fact() -> None:
    assert [element.name for element in ACTIVE_DEVICES.vector.elements] == [role.value for role in Role]
    assert {fact.field for fact in FACTS} <= set(Observatory.__slots__)


def test_a_name_asks_for_each_vector_once() -> None:
    snoop = Snoop()
    asked = b"".join(snoop.name(Role.MOUNT, MOUNT)).decode()
    for name in (
        "CONNECTION", "EQUATORIAL_EOD_COORD", "EQUATORIAL_COORD", "TELESCOPE_INFO", "GEOGRAPHIC_COORD",
        "TELESCOPE_PIER_SIDE",
    ):  # fmt: skip
        assert asked.count(f'<getProperties version="1.7" device="{MOUNT}" name="{name}"/>') == 1
    assert snoop.name(Role.MOUNT, MOUNT) == []
    assert snoop.name(Role.MOUNT, "") == []


@pytest.mark.parametrize("fact", FACTS, ids=lambda f: f"{f.role.name}-{f.vector}-{f.element}")
def test_each_number_is_taken_from_its_device_alone_and_within_its_limits(fact: Fact) -> None:
    partner = {"RA": "DEC", "DEC": "RA", "LAT": "LONG", "LONG": "LAT"}.get(fact.element)
    middle = max(fact.low, min(fact.high, 12.5))

    def tell(snoop: Snoop, device: str, value: float) -> object:
        elements = {fact.element: value, **({partner: 3.0} if partner else {})}
        if fact.element == "ELEV":
            elements |= {"LAT": 1.0, "LONG": 2.0}
        hear(snoop, said(device, fact.vector, **elements))
        return getattr(snoop.observatory(), fact.field)

    snoop = Snoop()
    for role in Role:
        snoop.name(role, "another")
    snoop.name(fact.role, "the one")
    assert tell(snoop, "nobody", middle) is None
    assert tell(snoop, "the one", middle) == middle
    assert tell(snoop, "the one", fact.high * 2 + 1) is None
    assert tell(snoop, "the one", middle) == middle
    snoop.name(fact.role, "")
    assert snoop.observatory() == NOTHING
    assert tell(snoop, "the one", middle) is None


def test_a_mount_whole() -> None:
    snoop = named(MOUNT=MOUNT)
    assert hear(
        snoop,
        vector("def", "Number", MOUNT, "EQUATORIAL_EOD_COORD", "Idle", RA="5:30", DEC=-5.5),
        vector("def", "Number", MOUNT, "GEOGRAPHIC_COORD", LAT=49.5, LONG=351.25, ELEV=200),
        vector("def", "Number", MOUNT, "TELESCOPE_INFO", TELESCOPE_APERTURE=120, TELESCOPE_FOCAL_LENGTH=900),
        vector("def", "Switch", MOUNT, "TELESCOPE_PIER_SIDE", PIER_WEST="Off", PIER_EAST="On"),
    )
    known = snoop.observatory()
    assert (known.telescope, known.pier_side) == (MOUNT, "EAST")
    assert (known.ra_h, known.dec_deg, known.j2000) == (5.5, -5.5, False)
    assert (known.latitude_deg, known.longitude_deg, known.elevation_m) == (49.5, -8.75, 200)
    assert (known.focal_mm, known.aperture_mm) == (900, 120)
    # A part of a vector changes that part.
    hear(snoop, said(MOUNT, "EQUATORIAL_EOD_COORD", RA=6.0))
    assert (snoop.observatory().ra_h, snoop.observatory().dec_deg) == (6.0, -5.5)
    hear(snoop, vector("set", "Switch", MOUNT, "TELESCOPE_PIER_SIDE", PIER_EAST="Off"))
    assert snoop.observatory().pier_side == ""


def test_a_site_that_nobody_told_the_mount_is_none() -> None:
    snoop = named(MOUNT=MOUNT)
    hear(snoop, vector("def", "Number", MOUNT, "GEOGRAPHIC_COORD", "Idle", LAT=0, LONG=0, ELEV=0))
    assert snoop.observatory() == Observatory(MOUNT)
    hear(snoop, said(MOUNT, "GEOGRAPHIC_COORD", LAT=0, LONG=10, ELEV=0))
    assert (snoop.observatory().latitude_deg, snoop.observatory().longitude_deg) == (0, 10)


def test_the_place_is_the_one_that_came_last() -> None:
    snoop = named(MOUNT=MOUNT)
    hear(snoop, said(MOUNT, "EQUATORIAL_COORD", RA=1.0, DEC=2.0))
    assert snoop.observatory().j2000
    hear(snoop, said(MOUNT, "EQUATORIAL_EOD_COORD", RA=1.1, DEC=2.1))
    assert (snoop.observatory().ra_h, snoop.observatory().j2000) == (1.1, False)
    hear(snoop, said(MOUNT, "EQUATORIAL_COORD", RA=3.0, DEC=4.0))
    assert (snoop.observatory().ra_h, snoop.observatory().j2000) == (3.0, True)


@pytest.mark.parametrize(("state", "shown"), [("Ok", "Green"), ("Idle", "Green"), ("Busy", ""), ("Alert", "")])
def test_a_filter_has_its_name_while_the_wheel_stands(state: str, shown: str) -> None:
    snoop = named(WHEEL="Wheel")
    hear(
        snoop,
        vector("def", "Number", "Wheel", "FILTER_SLOT", FILTER_SLOT_VALUE=1),
        vector("def", "Text", "Wheel", "FILTER_NAME", FILTER_SLOT_NAME_1="Red", FILTER_SLOT_NAME_2="Green"),
        said("Wheel", "FILTER_SLOT", state, FILTER_SLOT_VALUE=2),
    )
    assert snoop.observatory().filter_name == shown
    hear(snoop, said("Wheel", "FILTER_SLOT", FILTER_SLOT_VALUE=7))
    assert snoop.observatory().filter_name == "7"


def test_a_gps_wins_as_soon_as_it_is_sure() -> None:
    snoop = named(MOUNT=MOUNT, GPS="GPS")
    hear(snoop, said(MOUNT, "GEOGRAPHIC_COORD", LAT=10, LONG=20, ELEV=5))
    hear(snoop, said("GPS", "GEOGRAPHIC_COORD", "Busy", LAT=0, LONG=0, ELEV=0))
    assert snoop.observatory().latitude_deg == 10
    hear(snoop, said("GPS", "GEOGRAPHIC_COORD", "Ok", LAT=11, LONG=359, ELEV=7))
    known = snoop.observatory()
    assert (known.latitude_deg, known.longitude_deg, known.elevation_m) == (11, -1, 7)


@pytest.mark.parametrize(
    "end", [deleted(MOUNT), deleted(MOUNT, "EQUATORIAL_EOD_COORD"), connection(MOUNT, False)], ids=("all", "one", "off")
)
def test_what_is_taken_back_is_forgotten_and_may_come_again(end: str) -> None:
    snoop = named(MOUNT=MOUNT)
    place = said(MOUNT, "EQUATORIAL_EOD_COORD", RA=1, DEC=2)
    hear(snoop, connection(MOUNT, True), place)
    assert snoop.observatory().ra_h == 1
    assert hear(snoop, end)
    assert snoop.observatory() == NOTHING
    assert not hear(snoop, end)
    assert hear(snoop, place) and snoop.observatory().ra_h == 1


def test_one_that_is_connected_again_is_asked_for_what_it_told_before_its_connection() -> None:
    """A mount tells its telescope once, connected or not; that it is off may be the answer to a question of ours."""
    snoop = named(MOUNT=MOUNT)
    optics = vector("def", "Number", MOUNT, "TELESCOPE_INFO", TELESCOPE_APERTURE=120, TELESCOPE_FOCAL_LENGTH=900)
    hear(snoop, connection(MOUNT, False), optics)
    assert snoop.observatory().focal_mm == 900
    hear(snoop, connection(MOUNT, False), connection(MOUNT, False))
    assert snoop.observatory() == NOTHING

    def asked(text: str) -> bytes:
        item = parsed(text)
        assert not isinstance(item, DelProperty)
        return b"".join(snoop.hear(item, 0.0)[1])

    assert b'name="TELESCOPE_INFO"' in asked(connection(MOUNT, True))
    assert asked(connection(MOUNT, True)) == b"" and asked(connection(MOUNT, False)) == b""
    hear(snoop, optics)
    assert snoop.observatory().focal_mm == 900


def test_a_change_of_name_forgets_and_a_device_may_have_two_roles() -> None:
    snoop = named(MOUNT="Both", FOCUSER="Both")
    hear(snoop, said("Both", "EQUATORIAL_EOD_COORD", RA=1, DEC=2))
    hear(snoop, said("Both", "ABS_FOCUS_POSITION", FOCUS_ABSOLUTE_POSITION=500))
    assert snoop.name(Role.MOUNT, "Other")
    known = snoop.observatory()
    assert (known.ra_h, known.telescope, known.focus_position) == (None, "", 500)
    snoop.name(Role.MOUNT, "Both")
    assert snoop.observatory().ra_h is None, "it is told anew"
    hear(snoop, said("Other", "EQUATORIAL_EOD_COORD", RA=9, DEC=9))
    assert snoop.observatory().ra_h != 9


def test_a_device_that_is_quiet_is_asked_and_then_forgotten() -> None:
    snoop = named(FOCUSER="Focuser")
    assert snoop.wake_at() is None
    hear(snoop, said("Focuser", "ABS_FOCUS_POSITION", FOCUS_ABSOLUTE_POSITION=500))
    # One that never showed its CONNECTION cannot be asked for it, and is believed.
    assert snoop.tick(1e6) == ([], [])
    hear(snoop, connection("Focuser", True), now=100)
    assert snoop.wake_at() == 100 + QUIET_S
    assert snoop.tick(100 + QUIET_S - 0.1) == ([], [])
    asked, lost = snoop.tick(100 + QUIET_S)
    assert (asked, lost) == ([b'<getProperties version="1.7" device="Focuser" name="CONNECTION"/>\n'], [])
    hear(snoop, connection("Focuser", True), now=125)
    assert snoop.tick(130 + ANSWER_S)[1] == []
    assert snoop.observatory().focus_position == 500
    assert snoop.tick(130 + 2 * ANSWER_S) == ([], ["Focuser"])
    assert snoop.observatory() == NOTHING
    assert snoop.tick(1e6) == ([], [])
    # Whatever it says when it is back: all of it is asked for anew.
    back = parsed(connection("Focuser", True))
    assert not isinstance(back, DelProperty)
    _, again = snoop.hear(back, 2e6)
    assert len(again) == 3


def test_what_is_known_fills_up_what_is_not() -> None:
    old = Observatory("EQ6", 1.0, 2.0, True, "WEST", focus_position=5, filter_name="L")
    new = Observatory("EQ6", 3.0, 4.0, filter_name="R")
    assert new.filled_from(old) == Observatory("EQ6", 3.0, 4.0, False, "WEST", focus_position=5, filter_name="R")
    assert NOTHING.filled_from(old) == old
    assert old.filled_from(NOTHING) == old


ROLE = st.sampled_from(list(Role))
DEVICE = st.sampled_from(["A", "B", ""])
VECTOR = st.sampled_from(sorted({fact.vector for fact in FACTS} | {"FILTER_SLOT", "FILTER_NAME", "NOTHING"}))
ELEMENT = st.sampled_from(sorted({fact.element for fact in FACTS} | {"FILTER_SLOT_VALUE", "FILTER_SLOT_NAME_1", "X"}))
CHARACTERS = st.characters(min_codepoint=32, max_codepoint=0x2FFF, exclude_characters="<>&'")
TEXT = st.text(CHARACTERS, max_size=90) | st.floats(allow_nan=True).map(str)
STEP = st.tuples(ROLE, DEVICE, VECTOR, st.dictionaries(ELEMENT, TEXT, max_size=4), st.booleans())


@given(st.lists(STEP, max_size=30))
def test_whatever_is_said_becomes_facts_that_can_be_sent_to_the_hand(
    steps: list[tuple[Role, str, str, dict[str, str], bool]],
) -> None:
    snoop = Snoop()
    for at, (role, device, name, elements, defined) in enumerate(steps):
        snoop.name(role, device)
        if device:
            hear(snoop, vector("def" if defined else "set", "Number", device, name, **elements), now=float(at))
        snoop.tick(50.0 * at)
        item = Observed(1, snoop.observatory())
        assert decode(encode(item)[4:]) == (item, False)
