"""Into which parts a file is cut: all rows once, whole ones at the begin, little at the end."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from indi_sony_py.image.arw import ArwHeader
from indi_sony_py.image.bands import bands_of
from indi_sony_py.image.layout import Compression


@given(
    kind=st.sampled_from((Compression.UNCOMPRESSED, Compression.LOSSY)),
    height=st.integers(1, 9000),
    rows=st.integers(1, 600),
    last_rows=st.integers(0, 40),
)
def test_every_row_is_in_one_band(kind: Compression, height: int, rows: int, last_rows: int) -> None:
    bands = bands_of(ArwHeader("", "", 10, height, 14, kind), rows, last_rows)
    assert [band.top for band in bands] == [0, *(band.end for band in bands[:-1])] and bands[-1].end == height
    heights = [band.end - band.top for band in bands]
    assert min(heights) > 0 and max(heights) <= max(2 * rows, 1)
    if last_rows:
        assert heights[-1] < 2 * last_rows and (heights[-1] >= last_rows or min(rows, height) < last_rows)


def test_the_last_bands_are_shorter_and_shorter() -> None:
    header = ArwHeader("", "", 10, 1280, 14, Compression.LOSSY)
    assert [band.end - band.top for band in bands_of(header, 128, 24)] == [*[128] * 9, 64, 32, 32]
