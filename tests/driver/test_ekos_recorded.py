"""A session of the real KStars, played again without it, in virtual time: the same answers in the same order.

`tools/ekos` makes the recording anew (tests/data/ekos-session.json): KStars sends what the properties call for.
"""

from __future__ import annotations

from pathlib import Path

from indi_sony_py.sim.pictures import SkyPictures
from indi_sony_py.sim.profile import profile_of
from tests.stage import Stage
from tests.stageclient import Client
from tools.recording import TO_DRIVER, Row, load

SESSION = Path(__file__).parents[1] / "data" / "ekos-session.json"
BODY = "ILCE-7SM3"
_ANSWER_S = 120.0


def answers(client: Client, vectors: set[str]) -> list[tuple[str, str]]:
    """How these vectors were set, in order, without repetitions."""
    found: list[tuple[str, str]] = []
    last: dict[str, str] = {}
    for _, element in client.said:
        name, state = element.attrib.get("name", ""), element.attrib.get("state", "")
        if element.tag.startswith("set") and name in vectors:
            if element.tag == "setBLOBVector" or last.get(name) != state:
                found.append((name, state))
            last[name] = state
    return found


def send(client: Client, row: Row) -> None:
    kind = row.tag.removeprefix("new").removesuffix("Vector")
    client.new(kind, row.vector, **row.elements)


def test_what_ekos_sent_is_answered_as_it_was(own_home: Path) -> None:
    about, rows = load(SESSION)
    assert about["client"].startswith("KStars")
    # KStars asks for the saved configuration; there was one.
    (own_home / ".indi").mkdir(parents=True)
    (own_home / ".indi" / "Sony Alpha_config.xml").write_text("<INDIDriver></INDIDriver>")
    exposures = {"CCD_EXPOSURE", "CCD_ABORT_EXPOSURE", "CCD1"}
    with Stage(BODY, picture=SkyPictures(profile_of(BODY), 1)) as stage:
        client = stage.client
        client.get_properties()
        stage.run(1)
        wanted: list[tuple[str, str]] = []
        at = 0.0
        for row in rows:
            if row.way == TO_DRIVER:
                # Time passes as it did there: an abort comes while the shutter is open.
                stage.run(min(max(0.0, row.at - at), 5.0))
                if not client.has(row.vector):
                    stage.until(lambda name=row.vector: client.has(name), _ANSWER_S)  # type: ignore[misc]
                send(client, row)
            elif row.vector in exposures:
                wanted.append((row.vector, row.state))
                stage.until(lambda: answers(client, exposures)[: len(wanted)] == wanted, _ANSWER_S)
            at = row.at
        stage.run(30)
        assert answers(client, exposures) == wanted
        for name in {row.vector for row in rows if row.way == TO_DRIVER} - exposures:
            states = [row.state for row in rows if row.vector == name and row.way != TO_DRIVER]
            assert client.has(name) and client[name].state == states[-1], name
        stage.assert_clean()
