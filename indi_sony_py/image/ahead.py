"""A frame that is developed while its file still arrives, so that little is left to do behind the last byte.

Rules kept here:

- Nothing of it is handed out before the whole file was there and was checked as any other. If its request turns out to
  be another one and that gives another picture, or if anything failed, the frame is developed from the start.
- Bytes that were said to have arrived stay as they are: whoever fills the memory never goes back. So a head that lies
  in them, and a row whose bytes are among them, are what they will be in the whole file.
- Only code that is known to be right works on a file that has not arrived (`cfa.is_trusted`): LibRaw may take the
  process with it, and then the camera's bytes must lie on the disk.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from indi_sony_py.errors import BadData, SonyError
from indi_sony_py.image.arw import Bytes, frame_area, read_arw
from indi_sony_py.image.cores import Gang
from indi_sony_py.image.layout import TileMarks
from indi_sony_py.image.memory import FrameMemory
from indi_sony_py.image.pipeline import Developed, DevelopedFrame, Form, develop, handed_over
from indi_sony_py.image.record import FrameRecord
from indi_sony_py.image.section import Size

if TYPE_CHECKING:
    from indi_sony_py.image.picture import Values
    from indi_sony_py.image.stripes import Stripes

__all__ = ["Ahead"]

_MOST_LOOKS = 16
"""A file whose head cannot be read after so many parts of it have come is left until it is whole."""
_log = logging.getLogger(__name__)

Lend = Callable[[int], FrameMemory]


@dataclass(eq=False)
class _UnderWay:
    """A picture whose values are being written: it gives its jobs the first time, and is there the second time."""

    frame: Developed
    stripes: Stripes | None = None

    @property
    def shape(self) -> tuple[int, int]:
        return self.frame.mosaic.shape

    def fill(self, out: Values, fits: bool) -> None:
        if self.stripes is None:
            self.stripes = self.frame.mosaic.stripes(out, fits)


class Ahead:
    """The frame of `data`, memory that fills from its begin. `lend` gives memory of so many bytes. One thread uses it.

    `record`, `visible`, `crop`, `form`: as far as they are known now.
    """

    def __init__(
        self, data: Bytes, record: FrameRecord, visible: Size | None, crop: Size | None, form: Form, lend: Lend
    ) -> None:
        self.data = data
        self._record, self._visible, self._crop, self._form = record, visible, crop, form
        self._lend = lend
        self._looks = 0
        self._hopeless = form is Form.NATIVE or record.binning > 1
        self._picture: _UnderWay | None = None
        self._marks: TileMarks | None = None
        self._memory: FrameMemory | None = None
        self._view: memoryview | None = None
        self._gang = Gang()

    def more(self, arrived: int) -> None:
        """The first `arrived` bytes are there. Never raises what the file or the memory is the reason of."""
        if self._hopeless:
            return
        try:
            if self._picture is None:
                self._begin(arrived)
            if self._picture is not None and self._picture.stripes is not None and self._marks is not None:
                self._gang.add(self._picture.stripes.due(arrived))
                self._marks.look(arrived)
        except BadData:
            # Its head may not be there yet.
            self._hopeless = self._looks >= _MOST_LOOKS
        except (SonyError, OSError, MemoryError, ImportError) as fault:
            _log.info("not developed ahead: %s", fault)
            self.close()

    def finish(self, record: FrameRecord, visible: Size | None, crop: Size | None, form: Form) -> DevelopedFrame | None:
        """The file is whole: the frame, or None where it must be developed from the start. `close` comes after it.

        Raises `BrokenImage` as `develop` does.
        """
        begun, marks, memory, view = self._picture, self._marks, self._memory, self._view
        if begun is None or begun.stripes is None or marks is None or memory is None or view is None or self._hopeless:
            return None
        frame = begun.frame
        if (record, visible, crop, form) != (self._record, self._visible, self._crop, self._form):
            frame = develop(self.data, record, visible, crop, form, begun.frame.mosaic.header)
            if not _same(frame, begun.frame):
                return None
        self._gang.add(begun.stripes.due(len(self.data)))
        marks.finish()
        if not begun.stripes.given or not self._gang.done():
            return None
        if frame is not begun.frame:
            replace(frame, picture=begun).write(view)
        return handed_over(frame, memory)

    def close(self) -> None:
        """Stop, and let go of the memory, but for a frame that was handed over."""
        self._hopeless = True
        self._gang.drop()
        # All that points into the memory.
        self._picture = None
        if self._view is not None:
            with suppress(BufferError):
                self._view.release()
            self._view = None
        if self._memory is not None:
            self._memory.close()
            self._memory = None

    def _begin(self, arrived: int) -> None:
        from indi_sony_py.image.cfa import is_trusted

        self._looks += 1
        header = read_arw(self.data, arrived)
        if header is None:
            return
        if not is_trusted(header.compression) or not frame_area(header, self._record.area, self._visible, self._crop):
            self._hopeless = True
            return
        frame = develop(self.data, self._record, self._visible, self._crop, self._form, header)
        self._memory = self._lend(frame.size)
        self._view = self._memory.view()
        self._picture, self._marks = _UnderWay(frame), TileMarks(memoryview(self.data).cast("B"), header.tiles)
        replace(frame, picture=self._picture).write(self._view)


def _same(one: Developed, other: Developed) -> bool:
    """Whether both are the same values at the same place of the same file."""
    mosaics = one.mosaic.header == other.mosaic.header and one.mosaic.rect == other.mosaic.rect
    places = (one.form, one.size, len(one.header)) == (other.form, other.size, len(other.header))
    return mosaics and places and one.picture is one.mosaic
