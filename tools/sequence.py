"""Sequence files of Ekos, in the form that KStars 3.6 saves itself. Pure.

An element that this KStars does not know makes it add an empty job of its own, so there is none beside those it writes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.saxutils import escape

__all__ = ["Job", "sequence_xml"]

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<SequenceQueue version='2.4'>
<GuideDeviation enabled='false'>2</GuideDeviation>
<GuideStartDeviation enabled='false'>2</GuideStartDeviation>
<Autofocus enabled='false'>0</Autofocus>
<RefocusOnTemperatureDelta enabled='false'>1</RefocusOnTemperatureDelta>
<RefocusEveryN enabled='false'>60</RefocusEveryN>
<RefocusOnMeridianFlip enabled='false'/>
"""


@dataclass(frozen=True)
class Job:
    """Frames that differ in nothing. `kind`: Light, Dark, Bias or Flat; `seconds`: with `adu` only the first guess.

    `iso`: index among the choices of CCD_ISO, -1: as it is; `properties`: vector to its elements.
    `size`: width and height of the frame; (0, 0): whatever Ekos has.
    """

    kind: str
    seconds: float
    count: int
    folder: Path
    size: tuple[int, int] = (0, 0)
    binning: int = 1
    encoding: str = "FITS"
    format: str = "RAW"
    iso: int = -1
    adu: float | None = None
    adu_tolerance: float = 1000
    upload: int = 0
    prefix: str = ""
    remote_folder: str = ""
    properties: dict[str, dict[str, float]] = field(default_factory=dict)


def sequence_xml(jobs: Sequence[Job]) -> str:
    """The text of a `.esq` file."""
    return _HEAD + "".join(map(_job, jobs)) + "</SequenceQueue>\n"


def _job(job: Job) -> str:
    width, height = job.size
    duration = "<Type>Manual</Type>"
    if job.adu is not None:
        duration = f"<Type>ADU</Type><Value>{job.adu:g}</Value><Tolerance>{job.adu_tolerance:g}</Tolerance>"
    lines = [
        "<Job>",
        f"<Exposure>{job.seconds:.6f}</Exposure>",
        f"<Format>{job.format}</Format>",
        f"<Encoding>{job.encoding}</Encoding>",
        f"<Binning><X>{job.binning}</X><Y>{job.binning}</Y></Binning>",
        f"<Frame><X>0</X><Y>0</Y><W>{width}</W><H>{height}</H></Frame>",
        "<Temperature force='false'>0</Temperature>",
        f"<Type>{job.kind}</Type>",
        f"<Prefix><RawPrefix>{escape(job.prefix)}</RawPrefix><FilterEnabled>0</FilterEnabled>"
        "<ExpEnabled>1</ExpEnabled><TimeStampEnabled>0</TimeStampEnabled></Prefix>",
        f"<Count>{job.count}</Count>",
        "<Delay>0</Delay>",
        f"<FITSDirectory>{escape(str(job.folder))}</FITSDirectory>",
        f"<UploadMode>{job.upload}</UploadMode>",
    ]
    if job.remote_folder:
        lines.append(f"<RemoteDirectory>{escape(job.remote_folder)}</RemoteDirectory>")
    if job.iso >= 0:
        lines.append(f"<ISOIndex>{job.iso}</ISOIndex>")
    lines += [
        "<Properties>" + "".join(map(_vector, job.properties.items())) + "</Properties>",
        "<Calibration>",
        "<FlatSource><Type>Manual</Type></FlatSource>",
        f"<FlatDuration>{duration}</FlatDuration>",
        "<PreMountPark>False</PreMountPark>",
        "<PreDomePark>False</PreDomePark>",
        "</Calibration>",
        "</Job>",
    ]
    return "\n".join(lines) + "\n"


def _vector(entry: tuple[str, dict[str, float]]) -> str:
    name, elements = entry
    inside = "".join(f"<OneElement name='{key}'>{value:g}</OneElement>" for key, value in elements.items())
    return f"<PropertyVector name='{name}'>{inside}</PropertyVector>"
