"""When a search is asked after the best route."""

import pytest

from datapunk.gaia.answering import _is_doubtful


@pytest.mark.parametrize(
    ("data", "doubtful"),
    [
        ({"date": None, "kind": "event"}, True),
        ({"date": "2024-05-01", "order": "nearest"}, True),
        ({"date": "2024-05-01", "order": "last"}, False),
        ({"count": 0}, False),
        ({}, False),
    ],
)
def test_a_date_that_is_missing_or_only_near_is_doubtful(data: dict[str, object], doubtful: bool) -> None:
    assert _is_doubtful(data) is doubtful
