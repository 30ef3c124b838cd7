"""From the camera's bytes to a frame and its warnings, in memory that can be handed over (does I/O: memfd).

Rules kept here:

- A file that contradicts its request (other exposure, ISO, body or size) is delivered with a warning and the true
  values, never refused. A broken or unknown file is an error: whoever asked keeps the bytes.
- The pixels are developed straight into the memory that is handed over; that memory is fresh for every frame.
"""

from __future__ import annotations

import mmap
import os
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, overload

from indi_sony_py import texts
from indi_sony_py.errors import UnknownImage, advise
from indi_sony_py.image.arw import ArwHeader, Bytes, file_facts, frame_area, is_full_frame, read_arw
from indi_sony_py.image.cards import Source, fits_header, make_rows, shifted_pattern
from indi_sony_py.image.exptime import Exptime, exptime
from indi_sony_py.image.fits import fits_size, write_fits
from indi_sony_py.image.jpeg import is_jpeg, jpeg_facts
from indi_sony_py.image.layout import Compression
from indi_sony_py.image.memory import FrameMemory
from indi_sony_py.image.record import MOSAIC, FileFacts, FrameRecord
from indi_sony_py.image.section import Size, fits
from indi_sony_py.image.xisf import write_xisf, xisf_head, xisf_size

if TYPE_CHECKING:
    from indi_sony_py.image.cfa import Mosaic
    from indi_sony_py.image.picture import Picture

__all__ = [
    "PACKED",
    "Developed",
    "DevelopedFrame",
    "Form",
    "develop",
    "develop_to_memfd",
    "facts",
    "handed_over",
    "native_to_memfd",
    "packed",
]

PACKED = ".fz"


class Form(Enum):
    """What a client gets: a FITS, an XISF, or the camera's own file."""

    FITS = "fits"
    XISF = "xisf"
    NATIVE = "native"


@dataclass(frozen=True, eq=False)
class Developed:
    """A frame that is ready to be written: `size` bytes of FITS or XISF. Its pixels are decoded on the way.

    `mosaic` are the sensor's values, `picture` what is made of them. `width`, `height` and `pattern` ("" for grey) are
    the picture's, `area` (width, height) is what it is a part of.
    """

    facts: FileFacts
    width: int
    height: int
    pattern: str
    warnings: tuple[str, ...]
    header: bytes
    mosaic: Mosaic
    picture: Picture
    area: Size
    form: Form = Form.FITS

    @property
    def size(self) -> int:
        """Bytes of the file."""
        measure = xisf_size if self.form is Form.XISF else fits_size
        return measure(len(self.header), self.width, self.height)

    def write(self, buffer: memoryview) -> None:
        """Write the file into `size` bytes of writable memory. Raises `BrokenImage`, `UnknownImage` or `NoMemory`."""
        write = write_xisf if self.form is Form.XISF else write_fits
        write(buffer, self.header, self.picture)


@dataclass(frozen=True, slots=True)
class DevelopedFrame:
    """A frame in a memfd that the receiver owns and closes. `suffix` is ".fits", ".xisf" or ".arw".

    `packed` is the same packed for the client, (fd, length), where that was asked for: its suffix has `PACKED` behind.
    `width`, `height` and `pattern` are the picture's; `area` (width, height) is the whole of what it may be a part of.
    """

    fd: int
    length: int
    facts: FileFacts
    width: int
    height: int
    pattern: str
    warnings: tuple[str, ...] = ()
    suffix: str = ".fits"
    area: Size = (0, 0)
    packed: tuple[int, int] | None = None

    def close(self) -> None:
        """Let go of the memory."""
        os.close(self.fd)
        if self.packed is not None:
            os.close(self.packed[0])


@overload
def facts(data: Bytes) -> FileFacts: ...


@overload
def facts(data: Bytes, arrived: int | None) -> FileFacts | None: ...


def facts(data: Bytes, arrived: int | None = None) -> FileFacts | None:
    """What the file says of itself; cheap, no pixel is touched. Raises `BrokenImage` or `UnknownImage`.

    `arrived`: only so many bytes are there yet; None where they do not tell.
    """
    if is_jpeg(data):
        return jpeg_facts(data) if arrived is None else None
    header = read_arw(data, arrived)
    return None if header is None else file_facts(header)


def develop(
    data: Bytes,
    record: FrameRecord,
    visible: tuple[int, int] | None = None,
    crop: tuple[int, int] | None = None,
    form: Form = Form.FITS,
    header: ArwHeader | None = None,
) -> Developed:
    """Develop one ARW. `visible` and `crop` are the (width, height) of the body's row, where it has them.

    `header`: the file's, if it was read already.
    Raises `BrokenImage`, `UnknownImage` or `NoMemory`; so does reading the pixels of the result.
    """
    from indi_sony_py.image.binning import Binned
    from indi_sony_py.image.cfa import Mosaic
    from indi_sony_py.image.libraw import libraw_area, libraw_levels

    header = header or read_arw(data)
    rect = frame_area(header, record.area, visible, crop) or libraw_area(data, header)
    area = (rect[2], rect[3])
    part = record.part if record.part is not None and fits(record.part, area) else (0, 0, *area)
    corner = (rect[0] + part[0], rect[1] + part[1])
    mosaic = Mosaic(data, header, (*corner, *part[2:]))
    picture: Picture = mosaic
    pattern = shifted_pattern(header.cfa, *corner)
    if record.binning > 1:
        picture = Binned(mosaic, record.binning, record.bin_mode, pattern)
        pattern = pattern if record.bin_mode == MOSAIC else ""
    height, width = picture.shape
    black, white = header.black[0] if header.black else None, header.white
    if header.compression is Compression.ARW6:
        # LibRaw puts these values on a scale of its own, with its own levels.
        black, white = libraw_levels(data, header)
    time = exptime(record, header.exposure_s)
    warnings = _contradictions(record, header, time, visible, area)
    if record.part not in (None, part):
        warnings.append(texts.frames.PART_UNFIT(width=area[0], height=area[1]))
    rows, notes = make_rows(Source(record, header, time, width, height, pattern, black, white, part[:2], area))
    head = xisf_head(rows, width, height, pattern, record.frame_type) if form is Form.XISF else fits_header(rows)
    told = (*warnings, *notes, *_damage(header))
    return Developed(file_facts(header), width, height, pattern, told, head, mosaic, picture, area, form)


def develop_to_memfd(
    data: Bytes,
    record: FrameRecord,
    visible: tuple[int, int] | None = None,
    crop: tuple[int, int] | None = None,
    reserved: FrameMemory | None = None,
    form: Form = Form.FITS,
) -> DevelopedFrame:
    """As `develop`, the file in a memfd: that of `reserved`, if its length is right. The caller closes `reserved`."""
    frame = develop(data, record, visible, crop, form)
    if reserved is not None and reserved.length != frame.size:
        # Before there is another one: a frame is at most twice in memory.
        reserved.close()
        reserved = None
    memory = reserved or FrameMemory(frame.size)
    try:
        with memory.view() as view:
            frame.write(view)
        return handed_over(frame, memory)
    finally:
        if memory is not reserved:
            memory.close()


def handed_over(frame: Developed, memory: FrameMemory) -> DevelopedFrame:
    """`frame`, which was written into `memory`: its descriptor is the receiver's, the rest of it the caller's."""
    return DevelopedFrame(
        memory.take(),
        frame.size,
        frame.facts,
        frame.width,
        frame.height,
        frame.pattern,
        frame.warnings,
        f".{frame.form.value}",
        frame.area,
    )


def packed(frame: DevelopedFrame, quiet: bool = False) -> DevelopedFrame:
    """With the same FITS packed beside it, or with a warning why not (`quiet`: not that the code is missing).

    Takes the frame over.
    """
    from indi_sony_py.image.fpack import NoCodec, pack

    fd = -1
    try:
        fd = os.memfd_create("indi_sony_py.packed", os.MFD_CLOEXEC)
        length = pack(frame.fd, fd)
    except BaseException as fault:
        if fd >= 0:
            os.close(fd)
        if isinstance(fault, NoCodec):
            return frame if quiet else replace(frame, warnings=(*frame.warnings, texts.frames.NO_CODEC()))
        if isinstance(fault, OSError | MemoryError):
            return replace(frame, warnings=(*frame.warnings, texts.frames.NOT_PACKED(reason=fault)))
        frame.close()
        raise
    return replace(frame, packed=(fd, length))


def native_to_memfd(
    data: Bytes, record: FrameRecord, visible: tuple[int, int] | None = None, crop: tuple[int, int] | None = None
) -> DevelopedFrame:
    """The camera's own file in a memfd, its facts checked like those of a FITS.

    A broken file raises `BrokenImage`; one of an unknown kind is handed over with a warning: its receiver may know it.
    """
    warnings: tuple[str, ...]
    try:
        header = None if is_jpeg(data) else read_arw(data)
    except UnknownImage as fault:
        known, size, pattern = FileFacts(record.body), (0, 0), ""
        warnings = (advise(fault),)
    else:
        if header is None:
            return _jpeg_to_memfd(data, record)
        rect = frame_area(header, record.area, visible, crop)
        size = (rect[2], rect[3]) if rect else header.size
        known, pattern = file_facts(header), header.cfa
        time = exptime(record, header.exposure_s)
        warnings = (*_contradictions(record, header, time, visible, size if rect else None), *_damage(header))
    return DevelopedFrame(_copied(data), len(data), known, size[0], size[1], pattern, warnings, ".arw", size)


def _jpeg_to_memfd(data: Bytes, record: FrameRecord) -> DevelopedFrame:
    known = jpeg_facts(data)
    time = exptime(record, known.exposure_s)
    return DevelopedFrame(_copied(data), len(data), known, 0, 0, "", (time.warning,) if time.warning else (), ".jpg")


def _copied(data: Bytes) -> int:
    memory = FrameMemory(len(data))
    try:
        with memory.view() as view:
            view[:] = bytes(data) if isinstance(data, mmap.mmap) else data
        return memory.take()
    finally:
        memory.close()


def _contradictions(
    record: FrameRecord, header: ArwHeader, time: Exptime, visible: Size | None, size: Size | None
) -> list[str]:
    """Where the file is not what was asked for. `size`: (width, height) of the frame, None where only LibRaw knows."""
    found = []
    if record.iso_set is not None and header.iso is not None and header.iso != record.iso_set:
        found.append(texts.frames.OTHER_ISO(asked=record.iso_set, used=header.iso))
    if record.body and header.model and header.model != record.body:
        found.append(texts.frames.OTHER_BODY(model=header.model, body=record.body))
    whole = record.expected_size or visible
    other = record.expected_size is not None and size is not None and size != record.expected_size
    if whole is not None and (other or (visible is not None and not is_full_frame(header, visible))):
        width, height = size or header.size
        row = texts.frames.CROPPED if width < whole[0] else texts.frames.OTHER_SIZE
        found.append(row(width=width, height=height, full_width=whole[0], full_height=whole[1]))
    if header.maker.long_exposure_nr and (header.exposure_s or 0.0) >= 1.0 and not record.own_dark_fixed:
        found.append(texts.frames.OWN_DARK())
    if time.warning is not None:
        found.append(time.warning)
    if record.clock_step_s:
        found.append(texts.frames.CLOCK_MOVED(seconds=record.clock_step_s))
    return found


def _damage(header: ArwHeader) -> tuple[str, ...]:
    return tuple(texts.frames.DAMAGED_HEAD(detail=word) for word in header.damage[:3])
