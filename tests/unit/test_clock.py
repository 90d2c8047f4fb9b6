import pytest

from datapunk.clock import zone
from datapunk.errors import InvalidArgument


def test_a_zone_has_its_iana_name_and_utc_is_unsaid() -> None:
    assert zone("Europe/Berlin").key == "Europe/Berlin"
    assert zone(None).key == zone("").key == "UTC"


@pytest.mark.parametrize(
    "name", ["Nowhere/Land", "America", "zone.tab", "/etc/passwd", "..", "a\x00b", "x" * 300, "a/" * 300 + "a"]
)
def test_what_is_no_zone_is_refused_whatever_file_or_package_it_names(name: str) -> None:
    with pytest.raises(InvalidArgument, match="unknown time zone"):
        zone(name)
