import pytest

from datapunk.errors import InvalidArgument
from datapunk.lake.request_headers import filename_of


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ('attachment; filename="takeout-001.zip"', "takeout-001.zip"),
        ("attachment; filename=a.zip", "a.zip"),
        ("attachment; filename*=UTF-8''M%C3%BCll.zip", "Müll.zip"),
    ],
)
def test_the_name_is_read_in_every_spelling(header: str, name: str) -> None:
    assert filename_of(header) == name


@pytest.mark.parametrize("header", [None, "", "attachment", 'attachment; filename=""'])
def test_a_request_without_a_name_is_refused(header: str | None) -> None:
    with pytest.raises(InvalidArgument) as caught:
        filename_of(header)
    assert caught.value.hint
