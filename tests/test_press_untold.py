"""A hand that dies between a press and the word of it: the image is nobody else's."""

from __future__ import annotations

from tests.stage import Stage


def test_the_image_of_an_untold_press_is_not_that_of_an_exposure_that_failed_before_it() -> None:
    """The first press is ignored (a picture is on the camera's screen); the hand dies in the moment of the second."""
    with Stage("ILCE-9M2") as stage:
        stage.connect()
        camera = stage.camera
        camera.do("playback", on=True)
        stage.client.expose(60.0)
        stage.until(lambda: stage.client["CCD_EXPOSURE"].state == "Alert", 200.0)
        camera.do("playback", on=False)
        write = camera.referee.note

        def note(kind: str, detail: str = "") -> None:
            write(kind, detail)
            if kind == "press":
                stage.later(0.001, stage.kill_hand)

        camera.referee.note = note  # type: ignore[method-assign]
        stage.client.expose(60.0)
        stage.until(lambda: 1 in stage.saved().values(), 200.0)
        (path,) = stage.saved()
        assert path.name.startswith("unasked_") and path.suffix == ".arw", "it is as the camera made it"
