"""Google Play in a Takeout: lists of objects with one key, which says what they are, in every language."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from datapunk.lake.epochs import count
from datapunk.lake.localised_time import Reading, instant
from datapunk.lake.money import money
from datapunk.lake.names import folded, last_part, named
from datapunk.lake.record import Context, Found, Record, Rejected
from datapunk.lake.registry import BY_NAME, SURE
from datapunk.lake.samples import rejected
from datapunk.lake.stream import MemberStream, json_items

NAME = "play_store"
VERSION = "1"

_NAMES = named(
    "Installs.json", "Library.json", "Purchase History.json", "Order History.json", "Reviews.json",
    "Subscriptions.json", "Devices.json",
)  # fmt: skip
_FIRST = re.compile(
    rb'\s*\[\s*\{\s*"(?:install|libraryDoc|purchaseHistory|orderHistory|review|subscription|device)"\s*:\s*\{'
)
_EMPTY = re.compile(rb"\s*\[\s*\]\s*")


def claims(member: str, head: bytes) -> float:
    """Claim a list whose first object has one of the keys of Google Play alone."""
    by_name = last_part(member) in _NAMES and "play store" in folded(member)
    if not head:
        return BY_NAME if by_name else 0.0
    if _FIRST.match(head):
        return SURE
    return BY_NAME if by_name and _EMPTY.fullmatch(head) else 0.0


def inputs() -> tuple[str, ...]:
    """Return the paths that it reads."""
    return ("Google Play Store/{Installs,Library,Purchase History,Order History,Reviews,Subscriptions,Devices}.json",)


def parse(stream: MemberStream, context: Context) -> Iterator[Found]:
    """Yield installs and acquisitions as uses of apps, purchases and orders, reviews and subscriptions, devices."""
    for entry in json_items(stream, "item"):
        if isinstance(entry, Rejected):
            yield entry
            continue
        try:
            ((key, value),) = entry.items()
            yield _READERS[key](value)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as exc:
            yield rejected(f"not of Google Play: {exc!r}", entry)


def _at(value: Mapping[str, Any], *names: str) -> Reading:
    """Return the first time that there is. Raises ValueError without one."""
    for name in names:
        if (text := value.get(name)) and (reading := instant(str(text))):
            return reading
    raise ValueError(f"none of {', '.join(names)}")


def _told(**values: object) -> dict[str, object]:
    return {name: value for name, value in values.items() if value not in (None, "")}


def _record(
    kind: str, at: Reading | None, title: str, key: str, attributes: dict[str, object], *, body: str | None = None,
    external_id: str | None = None,
) -> Record:  # fmt: skip
    return Record(
        kind=kind, source=NAME, occurred_at=at.at if at else None, title=title, body=body, key=f"play:{key}",
        external_id=external_id, precision=at.precision if at else "s", zone_source=at.zone_source if at else "utc",
        attributes=attributes,
    )  # fmt: skip


def _install(value: dict[str, Any]) -> Record:
    title = str(value["doc"]["title"])
    device = value.get("deviceAttribute") or {}
    shown = str(device.get("deviceDisplayName") or "")
    attributes = _told(
        app=title, action="install", product="Google Play Store", document_type=value["doc"].get("documentType"),
        last_update=value.get("lastUpdateTime"), device=shown, manufacturer=device.get("manufacturer"),
        model=device.get("model"), carrier=device.get("carrier"),
    )  # fmt: skip
    at = _at(value, "firstInstallationTime", "lastUpdateTime")
    return _record("app_use", at, title, f"install:{title}:{shown}", attributes)


def _acquisition(value: dict[str, Any]) -> Record:
    title = str(value["doc"]["title"])
    attributes = _told(
        app=title, action="acquire", product="Google Play Store", document_type=value["doc"].get("documentType")
    )
    return _record("app_use", _at(value, "acquisitionTime"), title, f"library:{title}", attributes)


def _purchase(value: dict[str, Any]) -> Record:
    title = str(value["doc"]["title"])
    country = str(value.get("userCountry") or "")
    attributes = _price(str(value.get("invoicePrice") or ""), country) | _told(
        merchant="Google Play", document_type=value["doc"].get("documentType"),
        payment_method=value.get("paymentMethodTitle"), country=country,
    )  # fmt: skip
    return _record("purchase", _at(value, "purchaseTime"), title, f"purchase:{title}", attributes)


def _order(value: dict[str, Any]) -> Record:
    items = [item["doc"] for item in value.get("lineItem") or () if item.get("doc")]
    titles = [str(item["title"]) for item in items if item.get("title")]
    country = str(value.get("ipCountry") or "")
    refund = money(str(value.get("refundAmount") or ""), country)
    attributes = _price(str(value.get("totalPrice") or ""), country) | _told(
        merchant="Google Play", document_type=items[0].get("documentType") if items else None, country=country,
        tax=value.get("tax"), refund=refund.amount if refund and refund.amount else None,
        preorder=value.get("preorder"), ip=value.get("ipAddress"),
    )  # fmt: skip
    title = "; ".join(titles) or f"Order {value['orderId']}"
    return _record(
        "purchase", _at(value, "creationTime"), title, "order", attributes, external_id=str(value["orderId"])
    )


def _price(text: str, country: str) -> dict[str, object]:
    price = money(text, country)
    if price is None:
        return _told(price=text)
    return _told(amount=price.amount, currency=price.currency, price=None if price.currency else text)


def _review(value: dict[str, Any]) -> Record:
    about = value["document"]
    title = str(about["title"])
    text = "\n".join(str(value[part]) for part in ("title", "comment") if value.get(part))
    rating = value.get("starRating")
    attributes = _told(
        type="review", app=title, rating=count(rating) if rating is not None else None,
        document_type=about.get("documentType"),
    )  # fmt: skip
    return _record("document", _at(value, "creationTime"), title, f"review:{title}", attributes, body=text or None)


def _subscription(value: dict[str, Any]) -> Record:
    title = str(value["doc"]["title"])
    pricing = (value.get("pricing") or [{}])[0]
    period = pricing.get("period") or {}
    price = str(pricing.get("price") or value.get("price") or "")
    attributes = _price(price, "") | _told(
        type="subscription", status=value.get("state"), renews=value.get("renewalDate"),
        period=" ".join(str(period[part]) for part in ("count", "unit") if part in period),
        document_type=value["doc"].get("documentType"),
    )  # fmt: skip
    return _record("document", None, title, f"subscription:{title}", attributes)


def _device(value: dict[str, Any]) -> Record:
    data = value.get("mostRecentData") or value["dataAtTimeOfUserPlayActivity"]
    names = [str(data[part]) for part in ("manufacturer", "modelName") if data.get(part)]
    title = " ".join(names) or str(data["deviceName"])
    attributes = _told(
        type="device", service="Google Play Store", country=data.get("deviceIpCountry"),
        carrier=data.get("carrierName"), device=data.get("deviceName"), manufacturer=data.get("manufacturer"),
        model=data.get("modelName"), android_sdk=data.get("androidSdkVersion"),
        last_active=value.get("lastTimeDeviceActive"),
    )  # fmt: skip
    at = _at(value, "deviceRegistrationTime", "userAddedOnDeviceTime", "lastTimeDeviceActive")
    return _record("security_event", at, title, f"device:{title}:{data.get('deviceName', '')}", attributes)


_READERS: Final[Mapping[str, Callable[[dict[str, Any]], Record]]] = {
    "install": _install,
    "libraryDoc": _acquisition,
    "purchaseHistory": _purchase,
    "orderHistory": _order,
    "review": _review,
    "subscription": _subscription,
    "device": _device,
}
