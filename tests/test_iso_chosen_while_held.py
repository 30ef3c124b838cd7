"""An ISO that is chosen behind a request that waits for its turn: it holds for what comes after that one."""

from __future__ import annotations

import pytest

from tests.stage import Stage


@pytest.mark.parametrize("before", [False, True])
def test_an_iso_that_comes_behind_a_request_is_not_undone_by_that(before: bool) -> None:
    with Stage("ILCE-7SM3") as stage:
        stage.connect()
        client, iso = stage.client, stage.client["CCD_ISO"]
        client.switch("CCD_ISO", "ISO3")
        stage.until(lambda: (iso.state, iso.chosen) == ("Ok", "ISO3"))
        client.expose(20)
        stage.run(8)
        if before:
            client.switch("CCD_ISO", "ISO4")
        # The body times the one before, and has to end it: this one is held.
        client.expose(5)
        stage.run(0.1)
        client.switch("CCD_ISO", "ISO5")
        stage.until(lambda: client["CCD_EXPOSURE"].state == "Ok")
        stage.until(lambda: iso.state == "Ok")
        stage.run(5)
        assert (iso.state, iso.chosen) == ("Ok", "ISO5")
        assert client.frames[-1].header["ISOSPEED"] == (100 if before else 80), "the one that was asked for before it"
        assert stage.expose(1).header["ISOSPEED"] == 125
        stage.assert_clean()
