from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from datapunk.lake.record import Found, Record, Rejected
from datapunk.lake.registry import by_name, listing_of

Parse = Callable[..., list[Found]]

PRODUCTS = b'creation_time,title,comment,rating\n2024-05-01T10:00:00Z,Kettle,"Boils fast.\nLoud.",5\n'
SHOPS = b"creation_time,comment,rating\n2024-05-02 11:00:00 UTC,Sent it late,2\n"
ADDRESSES = (
    b"recipient_name,phone_number,locality_name,administrative_area_name,postal_code_number,country_name_code\n"
    b"Ann Lee,+49 30 1234567,Berlin,,10115,DE\n"
)


def test_a_review_of_a_product_is_a_document_of_its_time(found: Parse) -> None:
    (one,) = found(PRODUCTS, "Takeout/Google Shopping/Product Reviews.csv")
    assert (one.source, one.title, one.body, one.occurred_at) == (
        "google_shopping", "Kettle", "Boils fast.\nLoud.", datetime(2024, 5, 1, 10, tzinfo=UTC),
    )  # fmt: skip
    assert one.attributes == {"type": "product_review", "rating": 5}


def test_a_review_of_a_shop_is_called_by_its_words(found: Parse) -> None:
    (one,) = found(SHOPS, "Takeout/Google Shopping/x.csv")
    assert (one.title, one.attributes) == ("Sent it late", {"type": "merchant_review", "rating": 2})


def test_an_edited_review_is_the_same_item(found: Parse) -> None:
    (before,) = found(PRODUCTS, "x.csv")
    (after,) = found(PRODUCTS.replace(b"Loud", b"Quiet").replace(b",5", b",4"), "x.csv")
    assert before.external_id == after.external_id


def test_an_address_is_a_state(found: Parse) -> None:
    (one,) = found(ADDRESSES, "Takeout/Google Shopping/Addresses.csv")
    assert (one.title, one.body, one.attributes["phone_number"]) == ("Ann Lee", "10115, Berlin, DE", "+49 30 1234567")
    adapter = by_name("google_shopping")
    assert listing_of(adapter, "Takeout/Google Shopping/Addresses.csv", ADDRESSES) == ("shopping:addresses", True)
    assert listing_of(adapter, "Takeout/Google Shopping/Product Reviews.csv", PRODUCTS) is None


@pytest.mark.parametrize("row", [b"never,Kettle,x,5", b"2024-05-01T10:00:00Z,,,"])
def test_a_row_that_is_no_review_is_rejected_and_the_next_is_read(found: Parse, row: bytes) -> None:
    first, second = found(b"creation_time,title,comment,rating\n" + row + PRODUCTS[34:], "x.csv")
    assert isinstance(first, Rejected)
    assert isinstance(second, Record)
