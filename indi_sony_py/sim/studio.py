"""Pictures made in a thread of their own, so that a camera that serves real time goes on answering meanwhile.

A large frame takes seconds to encode; a real body is not silent for so long. The image counts as being prepared until
its picture is there. One picture is made at a time.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future

from indi_sony_py.sim.darkroom import Files, Picture, Press
from indi_sony_py.sim.livepictures import IN_TURN, LivePictures, Scene, Seen
from indi_sony_py.sim.truth import Star

__all__ = ["LiveStudio", "Studio"]

# Orders that nobody will take (the battery was out) are forgotten; one that comes after all is made when asked for.
_MOST_ORDERS = 16

# No longer is the camera silent for the first picture of live view (libgphoto2 asks 20 times for it).
_FIRST_S = 0.5

_Made = tuple[Files, Sequence[Star]]


class Studio:
    """A `Picture` around another one: `order` when the shutter closes, call it when the picture is ready.

    `stars` tells what the picture shows that was taken last. One thread calls it, the camera's.
    """

    def __init__(self, picture: Picture, stars: Callable[[], Sequence[Star]]) -> None:
        self._picture = picture
        self._seen = stars
        self._turn = threading.Lock()
        self._orders: dict[int, Future[_Made]] = {}
        self._stars: Sequence[Star] = ()

    def order(self, press: Press) -> Callable[[], bool]:
        """Begin with the picture of `press`; the answer says whether it is ready."""
        made: Future[_Made] = Future()

        def make() -> None:
            try:
                made.set_result(self._make(press))
            except BaseException as error:
                made.set_exception(error)

        while len(self._orders) >= _MOST_ORDERS:
            self._orders.pop(next(iter(self._orders)))
        self._orders[press.serial] = made
        # The end of the program does not wait for a picture that nobody will see.
        threading.Thread(target=make, name=f"picture {press.serial}", daemon=True).start()
        return made.done

    def __call__(self, press: Press) -> Files:
        made = self._orders.pop(press.serial, None)
        files, self._stars = self._make(press) if made is None else made.result()
        return files

    def stars(self) -> Sequence[Star]:
        """The stars of the picture that was taken last."""
        return self._stars

    def _make(self, press: Press) -> _Made:
        with self._turn:
            return self._picture(press), self._seen()


class LiveStudio:
    """Live view's pictures around a `LivePictures`: those of a new scene are made in a thread, the old ones shown until
    the first of them is there. The very first is waited for a moment, since hosts ask only so often for it. One thread
    calls it, the camera's.
    """

    def __init__(self, pictures: LivePictures, seen: Seen) -> None:
        self._pictures = pictures
        self._seen = seen
        self._scene: Scene | None = None
        self._coming: list[bytes] = []
        self._made: list[bytes] = []
        self._count = 0
        self._first = threading.Event()

    def __call__(self) -> bytes | None:
        scene = self._seen()
        if scene != self._scene:
            self._scene, self._coming = scene, []
            arguments = (scene, self._coming)
            threading.Thread(target=self._make, args=arguments, name="live view pictures", daemon=True).start()
        self._first.wait(_FIRST_S)
        if self._coming:
            self._made = self._coming
        if not self._made:
            return None
        self._count += 1
        return self._made[self._count % len(self._made)]

    def _make(self, scene: Scene, into: list[bytes]) -> None:
        for turn in range(IN_TURN):
            if into is not self._coming:
                return
            into.append(self._pictures.make(scene, turn))
            self._first.set()
