"""Members that are packed each by itself, and how much may come out of them."""

import bz2
import gzip
import io

import pytest

from datapunk.errors import LimitExceeded
from datapunk.lake.compressed import opened
from datapunk.lake.request import Limits

MIB = 1 << 20
DUMP = b'<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/">'


def read_all(content: bytes, limits: Limits) -> int:
    stream = opened(io.BytesIO(content), "pages.xml.bz2", limits)
    length = 0
    while chunk := stream.read():
        length += len(chunk)
    return length


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress])
def test_what_unpacks_to_absurdly_more_than_it_is_ends_the_import(pack: object) -> None:
    bomb = pack(DUMP + b" " * (20 * MIB))  # type: ignore[operator]
    with pytest.raises(LimitExceeded, match=r"'pages.xml.bz2' unpacks to more than 200 times") as caught:
        read_all(bomb, Limits())
    assert caught.value.sqlstate == "DP011"
    assert read_all(bomb, Limits(max_ratio=10**9)) == len(DUMP) + 20 * MIB


def test_what_is_small_may_be_packed_well() -> None:
    assert read_all(gzip.compress(b" " * MIB), Limits(max_ratio=2)) == MIB


def test_more_bytes_than_an_import_may_have_end_it() -> None:
    with pytest.raises(LimitExceeded, match="unpacks to more than 1000 bytes"):
        read_all(gzip.compress(b"x" * MIB), Limits(max_bytes=1000))
