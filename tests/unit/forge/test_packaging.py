"""A package that was damaged or changed on its way."""

import random

import pytest

from datapunk.errors import LimitExceeded, UnsupportedFile
from datapunk.forge.packaging import pack, public_key, unpack

SEED = b"1" * 32
FILES = {"model.onnx": random.Random(0).randbytes(200) + b"x" * 300}
PACKED = pack({"model": "m"}, FILES, SEED)


@pytest.mark.parametrize("value", [0, 1, 9, 14, 255])
def test_whatever_byte_is_another_one_it_is_refused_or_the_same(value: int) -> None:
    whole = unpack(PACKED, {public_key(SEED)})
    for place in range(len(PACKED)):
        damaged = bytearray(PACKED)
        damaged[place] = value
        try:
            found = unpack(bytes(damaged), {public_key(SEED)})
        except (UnsupportedFile, LimitExceeded):
            continue
        assert found == whole
