import pytest

from datapunk.errors import InvalidArgument
from datapunk.settings import Settings


def test_watts_are_a_number() -> None:
    assert Settings.from_mapping({"watts_a_core": "7.5"}).watts_a_core == 7.5
    with pytest.raises(InvalidArgument, match="watts_a_core"):
        Settings.from_mapping({"watts_a_core": "much"})
