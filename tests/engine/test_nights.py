"""Random nights, a reduced number of them: no old frame as a new one, none twice, none lost without a word, no hang.

`python -m tests.engine.nights --captures 100000 --go-on` plays the large number. `KEPT` are nights that once failed.
"""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indi_sony_py.engine.images import Verdict
from tests.engine.netnights import NetNight
from tests.engine.nights import BODIES, Night, Wrong

KEPT = {
    4: "an abort of a bulb while another request waits",
    10: "a press on the body just before ours, in bulb",
    13: "an image that is being prepared when the session ends",
    23: "a cable pulled in the middle of a release",
    133: "damaged settings in the handshake",
    100517: "a press on the body before a bulb that is hardly longer",
    183: "a pair from the body during our bulb",
    346: "a press on the body before ours, and a slow camera",
    100231: "a slow step that is still under way when another exposure is asked for",
    409: "three kills in a row while an image is owed",
    200067: "settings that came late, and a photo meanwhile",
    200056: "a look that is refused while the session ends",
}
EACH = 40


@pytest.mark.quiet
@pytest.mark.parametrize("seed", KEPT)
def test_nights_that_once_failed(seed: int) -> None:
    Night(seed).run(EACH)


@pytest.mark.quiet
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=False), st.sampled_from(BODIES))
def test_any_night(pick: random.Random, body: str) -> None:
    Night(pick, body).run(10)


@pytest.mark.quiet
@pytest.mark.parametrize("seed", [10, 183, 346])
def test_a_stale_frame_is_seen(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    """The harness itself: without the judgement whose image it is, an earlier one answers."""
    monkeypatch.setattr("indi_sony_py.engine.results.judge", lambda *evidence: Verdict(True))
    with pytest.raises(Wrong, match="stale"):
        Night(seed).run(EACH)


@pytest.mark.quiet
@pytest.mark.parametrize("seed", [1, 2, 4, 159])
def test_nights_with_the_camera_in_the_network(seed: int) -> None:
    NetNight(seed).run(25)


@pytest.mark.quiet
@pytest.mark.parametrize("seed", range(1, 5))
def test_nights_of_fast_exposures(seed: int) -> None:
    night = Night(seed, fast=0.7)
    night.run(EACH)
    assert night.followed > 3


@pytest.mark.quiet
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=False), st.sampled_from(BODIES))
def test_any_night_of_fast_exposures(pick: random.Random, body: str) -> None:
    Night(pick, body, fast=0.7).run(10)


@pytest.mark.quiet
@pytest.mark.parametrize("body", ["ILCE-7M3", "ILCE-6300", "ILCE-7SM3"])
def test_nights_of_live_view(body: str) -> None:
    """Beside all the other troubles; the first two stop for good when it is ended in the wrong order."""
    night = Night(7, body, seam="session", live=0.5)
    night.run(EACH)
    assert night.viewed > 200


@pytest.mark.quiet
@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=False), st.sampled_from(("ILCE-7M3", "ILCE-6300", *BODIES)))
def test_any_night_of_live_view(pick: random.Random, body: str) -> None:
    Night(pick, body, seam="session", live=0.5).run(10)
