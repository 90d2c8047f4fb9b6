import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datapunk.lake.adapters import play_store
from datapunk.lake.identity import Occurrences, content_hash
from datapunk.lake.record import Context, Found, Record, Rejected
from datapunk.lake.registry import classify
from datapunk.lake.stream import MemberStream

Read = Callable[..., list[Found]]

APP = {"documentType": "Android Apps", "title": "Tea Timer"}
AT = "2024-05-01T10:00:00.5Z"
INSTALL = {
    "install": {
        "doc": APP, "firstInstallationTime": AT, "lastUpdateTime": "2025-05-01T10:00:00Z",
        "deviceAttribute": {"deviceDisplayName": "Google Pixel 8", "model": "Pixel 8"},
    }
}  # fmt: skip
LIBRARY = {"libraryDoc": {"doc": APP, "acquisitionTime": AT}}
PURCHASE = {
    "purchaseHistory": {
        "doc": APP, "invoicePrice": "$3.99", "paymentMethodTitle": "Visa-1", "userCountry": "US", "purchaseTime": AT,
    }
}  # fmt: skip
ORDER = {
    "orderHistory": {
        "orderId": "GPA.1", "creationTime": AT, "totalPrice": "3,99 €", "refundAmount": "0,00 €", "ipCountry": "AT",
        "lineItem": [{"doc": APP, "quantity": 1}, {"doc": APP | {"title": "Book"}}],
    }
}  # fmt: skip
REVIEW = {"review": {"document": APP, "creationTime": AT, "title": "Good", "comment": "Steeps well", "starRating": 4}}
SUBSCRIPTION = {
    "subscription": {
        "doc": APP, "renewalDate": "2026-01-01T00:00:00Z", "state": "ACTIVE",
        "pricing": [{"price": "€ 1,99", "period": {"count": 1, "unit": "MONTH"}}],
    }
}  # fmt: skip
DEVICE = {
    "device": {
        "mostRecentData": {"manufacturer": "samsung", "modelName": "SM-1", "deviceName": "j3", "deviceIpCountry": "US"},
        "deviceRegistrationTime": AT, "lastTimeDeviceActive": "2025-01-01T00:00:00Z",
    }
}  # fmt: skip
ALL = [INSTALL, LIBRARY, PURCHASE, ORDER, REVIEW, SUBSCRIPTION, DEVICE]


def read_one(found: Read, entry: dict[str, Any]) -> Record:
    (record,) = found(json.dumps([entry]).encode())
    assert isinstance(record, Record), record
    return record


def test_an_install_is_a_use_of_the_app(found: Read) -> None:
    record = read_one(found, INSTALL)
    assert (record.kind, record.title, record.attributes["action"]) == ("app_use", "Tea Timer", "install")
    assert record.occurred_at == datetime(2024, 5, 1, 10, 0, 0, 500_000, tzinfo=UTC)
    assert record.attributes["device"] == "Google Pixel 8"


def test_an_acquisition_is_a_use_of_the_app(found: Read) -> None:
    assert read_one(found, LIBRARY).attributes["action"] == "acquire"


def test_a_purchase_has_amount_and_the_currency_of_its_country(found: Read) -> None:
    record = read_one(found, PURCHASE)
    assert record.kind == "purchase"
    assert record.attributes == {
        "amount": 3.99, "currency": "USD", "merchant": "Google Play", "document_type": "Android Apps",
        "payment_method": "Visa-1", "country": "US",
    }  # fmt: skip


def test_an_order_has_its_identifier_and_all_its_items(found: Read) -> None:
    record = read_one(found, ORDER)
    assert (record.external_id, record.title) == ("GPA.1", "Tea Timer; Book")
    assert (record.attributes["amount"], record.attributes["currency"]) == (3.99, "EUR")
    assert "refund" not in record.attributes


def test_a_review_is_a_document_with_its_rating(found: Read) -> None:
    record = read_one(found, REVIEW)
    assert (record.kind, record.title, record.body) == ("document", "Tea Timer", "Good\nSteeps well")
    assert (record.attributes["type"], record.attributes["rating"]) == ("review", 4)


def test_a_subscription_is_an_undated_document(found: Read) -> None:
    record = read_one(found, SUBSCRIPTION)
    assert (record.kind, record.occurred_at, record.attributes["type"]) == ("document", None, "subscription")
    assert (record.attributes["amount"], record.attributes["period"]) == (1.99, "1 MONTH")


def test_a_device_is_a_security_event(found: Read) -> None:
    record = read_one(found, DEVICE)
    assert (record.kind, record.title, record.attributes["type"]) == ("security_event", "samsung SM-1", "device")
    assert record.attributes["country"] == "US"


def test_installs_of_one_second_on_several_devices_are_several(found: Read) -> None:
    other = json.loads(json.dumps(INSTALL))
    other["install"]["deviceAttribute"]["deviceDisplayName"] = "Tablet"
    records = [r for r in found(json.dumps([INSTALL, other]).encode()) if isinstance(r, Record)]
    assert len({content_hash(r, Occurrences()) for r in records}) == 2


def test_a_damaged_entry_is_rejected_alone_and_a_cut_file_keeps_its_head(found: Read) -> None:
    bad: list[Any] = [{"install": {}}, {"other": {}}, 7, {"install": {"doc": APP}}, {"install": None}]
    content = json.dumps([INSTALL, *bad, LIBRARY, PURCHASE]).encode()[:-20]
    assert [type(r) for r in found(content)] == [Record, *[Rejected] * 5, Record, Rejected]


@pytest.mark.parametrize("entry", ALL, ids=lambda entry: str(next(iter(entry))))
def test_each_list_is_claimed_by_its_key(entry: dict[str, Any]) -> None:
    assert classify("anything.json", json.dumps([entry], indent=2).encode()) is play_store


@pytest.mark.parametrize(
    "name", ["Installs", "Library", "Purchase History", "Order History", "Reviews", "Subscriptions", "Devices"]
)
def test_names_are_claimed_without_content(name: str) -> None:
    assert classify(f"Takeout/Google Play Store/{name}.json", b"") is play_store


def test_other_lists_are_not_claimed() -> None:
    assert play_store.claims("Maps/Reviews.json", b"") == 0
    assert play_store.claims("Google Play Store/Reviews.json", b'[{"x": 1}]') == 0
    assert play_store.claims("Google Play Store/Play Settings.json", b"") == 0
    assert play_store.claims("Google Play Store/Reviews.json", b"[]") > 0


def test_peer_installs(found: Read, peers: Path) -> None:
    (record,) = found(peers / "takeout/Google Play Store/Installs.json")
    assert isinstance(record, Record)
    assert record.title == "ClickUp - Manage Teams & Tasks"
    assert record.occurred_at == datetime(2022, 3, 14, 7, 6, 12, 70725, tzinfo=UTC)
    assert record.attributes["last_update"] == "2024-08-27T22:55:15.184610Z"
    assert record.attributes["device"] == "samsung SM-S901E"
    assert (record.attributes["manufacturer"], record.attributes["model"]) == ("samsung", "SM-S901E")
    assert record.attributes["carrier"] == "Vodafone"


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damaged_files_never_raise(data: st.DataObject) -> None:
    content = bytearray(json.dumps(ALL).encode())
    for _ in range(data.draw(st.integers(0, 3))):
        at = data.draw(st.integers(0, len(content)))
        content[at : at + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=10))
    results = list(play_store.parse(MemberStream(io.BytesIO(bytes(content))), Context(member="m")))
    assert all(isinstance(r, Record | Rejected) for r in results)


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), lambda c: st.lists(c, max_size=3))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_odd_values_never_raise(data: st.DataObject) -> None:
    entry = json.loads(json.dumps(data.draw(st.sampled_from(ALL))))
    (value,) = entry.values()
    value[data.draw(st.sampled_from(sorted(value)))] = data.draw(JSON)
    results = list(play_store.parse(MemberStream(io.BytesIO(json.dumps([entry]).encode())), Context(member="m")))
    assert all(isinstance(r, Record | Rejected) for r in results)
