"""The live view object: cut by its own numbers, refused when it is damaged, whatever bytes come."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indi_sony_py.errors import BadData
from indi_sony_py.sony.liveview import LivePicture, decode_live_view, encode_live_view
from indi_sony_py.sony.snapshot import Version

V2, V3 = Version.V200, Version.V300
SIZE = bytes.fromhex("ffc0000b08") + (680).to_bytes(2, "big") + (1024).to_bytes(2, "big") + bytes.fromhex("01011100")
JPEG = (
    b"\xff\xd8"
    + b"\xff\xe0\x00\x10JFIF"
    + bytes(10)
    + SIZE
    + b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00"
    + b"\x12\xff\xd9"
)
VERSIONS = pytest.mark.parametrize("version", [V2, V3])


def framed(jpeg: bytes) -> bytes:
    return head(16, len(jpeg), 0, 0) + jpeg


def head(*numbers: int) -> bytes:
    return b"".join(number.to_bytes(4, "little") for number in numbers)


@VERSIONS
def test_a_frame_there_and_back(version: Version) -> None:
    assert decode_live_view(encode_live_view(JPEG, version), version) == LivePicture(JPEG, 1024, 680)


def test_focus_frames_are_cut_behind_the_picture() -> None:
    data = encode_live_view(JPEG, V3, b"focus")
    assert decode_live_view(data, V3) == LivePicture(JPEG, 1024, 680, b"focus")
    assert decode_live_view(data, V2) == LivePicture(JPEG, 1024, 680)
    with pytest.raises(ValueError, match=r"2\.00"):
        encode_live_view(JPEG, V2, b"focus")


def test_focus_frames_that_lie_elsewhere_cost_no_picture() -> None:
    for at, size in ((4000, 8), (0, 8), (16, 0xFFFFFFFF)):
        assert decode_live_view(head(16, len(JPEG), at, size) + JPEG, V3) == LivePicture(JPEG, 1024, 680)


@VERSIONS
def test_no_new_frame_yet(version: Version) -> None:
    assert decode_live_view(encode_live_view(b"", version), version) is None


@VERSIONS
def test_the_picture_is_cut_by_its_numbers_and_never_searched_for(version: Version) -> None:
    decoy = b"\xff\xd8\xff\xdb decoy "
    data = head(200, len(JPEG), 0, 0)[: 8 if version is V2 else 16]
    data += decoy * 10
    data = data[:200] + bytes(max(0, 200 - len(data))) + JPEG + b"\0" * 40
    found = decode_live_view(data, version)
    assert found is not None and found.jpeg == JPEG


@pytest.mark.parametrize(
    ("data", "field"),
    [
        (b"", "head"),
        (head(136), "head"),
        (head(4, 4, 0, 0) + JPEG, "offset"),
        (head(16, len(JPEG) + 1, 0, 0) + JPEG, "size"),
        (head(0xFFFFFFFF, 0xFFFFFFFF, 0, 0) + JPEG, "size"),
        (head(17, len(JPEG) - 1, 0, 0) + JPEG, "JPEG"),
        (head(16, 2, 0, 0) + JPEG, "JPEG"),
        (framed(JPEG.replace(SIZE, b"")), "JPEG"),
        (framed(JPEG.replace(b"\xff\xe0\x00\x10", b"\xff\xe0\x00\x01")), "JPEG"),
        (framed(JPEG.replace(b"\xff\xe0\x00\x10", b"\xff\xe0\xff\xff")), "JPEG"),
        (framed(JPEG.replace(SIZE, SIZE[:5] + bytes(4) + SIZE[9:])), "JPEG"),
        (framed(JPEG.replace(b"\xff\xe0\x00\x10", b"\x00\xe0\x00\x10")), "JPEG"),
        (framed(b"\xff\xd8\xff\xc0\x00\x05\x08\x00\x10"), "JPEG"),
    ],
)
def test_a_damaged_one_is_refused_with_its_place(data: bytes, field: str) -> None:
    with pytest.raises(BadData, match=field):
        decode_live_view(data, V3)


@VERSIONS
@given(cut=st.integers(0, len(JPEG)), flips=st.lists(st.tuples(st.integers(0, 300), st.integers(0, 255)), max_size=4))
def test_any_damage_gives_a_picture_of_its_own_bytes_or_a_refusal(
    version: Version, cut: int, flips: list[tuple[int, int]]
) -> None:
    data = bytearray(encode_live_view(JPEG, version))
    for at, value in flips:
        data[at % len(data)] = value
    data = data[: len(data) - cut]
    try:
        found = decode_live_view(bytes(data), version)
    except BadData:
        return
    assert found is None or (found.jpeg in bytes(data) and found.jpeg[:2] == b"\xff\xd8" and found.width * found.height)


@VERSIONS
@given(data=st.binary(max_size=200))
def test_junk_is_a_refusal_or_no_frame(version: Version, data: bytes) -> None:
    try:
        found = decode_live_view(data, version)
    except BadData:
        return
    assert found is None or len(found.jpeg) <= len(data)
