"""The account itself: its owner as Profile.json and SubscriberInfo.html tell, sign-ins and changes as tables do."""

import re
from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING, Any

from datapunk.lake.json_text import whole_json
from datapunk.lake.localised_time import instant
from datapunk.lake.names import last_part, named
from datapunk.lake.record import Context, Found, Record, Rejected
from datapunk.lake.registry import BY_NAME, SURE
from datapunk.lake.samples import rejected, rejected_bytes
from datapunk.lake.stream import MemberStream, whole

if TYPE_CHECKING:
    from lxml.etree import _Element

NAME = "google_account"
VERSION = "1"

_PAGES = (".subscriberinfo.html", ".changehistory.html")
_PROFILES = named("Profile.json", "Profil.json", "Perfil.json", "Profilo.json", "Profiel.json")
_SUBSCRIBER = re.compile(rb"GOOGLE SUBSCRIBER INFORMATION", re.IGNORECASE)
_COUNTRY = re.compile(r"\s*\[[A-Z]{2}\]")
# Words of a table's head, in lower case, and the attributes that they become.
_COLUMNS = {
    "ip address": "ip", "activity type": "activity", "change type": "activity", "raw user agents": "user_agent",
    "user agent": "user_agent", "old value": "old_value", "new value": "new_value",
}  # fmt: skip


def claims(member: str, head: bytes) -> float:
    """Claim what calls itself Google's information on a subscriber, and a profile with names and addresses."""
    name = last_part(member)
    by_name = name.endswith(_PAGES)
    if not head:
        return BY_NAME if by_name or name in _PROFILES else 0.0
    if head.lstrip()[:1] == b"{":
        profile = b'"displayName"' in head and b'"emails"' in head and b'"name"' in head
        return SURE if profile and name in _PROFILES else 0.0
    if head.lstrip()[:1] != b"<":
        return 0.0
    return SURE if by_name or _SUBSCRIBER.search(head) else 0.0


def inputs() -> tuple[str, ...]:
    """Return the paths that it reads."""
    return ("Google Account/*.SubscriberInfo.html", "Google Account/*.ChangeHistory.html", "Profile/Profile.json")


def parse(stream: MemberStream, context: Context) -> Iterator[Found]:
    """Yield the owner as a contact, and a security event for each row of a table with times."""
    try:
        if stream.head.lstrip()[:1] == b"{":
            yield _profile(whole_json(stream))
        else:
            yield from _page(whole(stream))
    except ValueError as exc:
        yield Rejected(reason=str(exc))


def _profile(value: Any) -> Found:
    if isinstance(value, Rejected):
        return value
    try:
        names = value.get("name") or {}
        title = str(value.get("displayName") or names.get("formattedName") or "")
        emails = [str(email["value"]) for email in value.get("emails") or ()]
        attributes: dict[str, object] = {"type": "self", "emails": emails}
        for name, told in (("birthday", value.get("birthday")), ("gender", (value.get("gender") or {}).get("type"))):
            if told:
                attributes[name] = str(told)
    except (AttributeError, KeyError, TypeError) as exc:
        return rejected(f"not a profile: {exc!r}", value, "")
    return Record(kind="contact", source=NAME, occurred_at=None, title=title, key="google:self", attributes=attributes)


def _page(html: bytes) -> Iterator[Found]:
    from lxml import etree

    parser = etree.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False, recover=True)
    try:
        page = etree.fromstring(html.replace(b"\x00", b"\xef\xbf\xbd"), parser)
    except etree.XMLSyntaxError as exc:
        yield rejected_bytes(f"not a page that can be read: {exc}", html)
        return
    if page is None:
        yield Rejected(reason="an empty page")
        return
    owner = _owner(page)
    if owner is not None:
        yield owner
    for table in page.iter("table"):
        yield from _rows(table)


def _owner(page: "_Element") -> Record | None:
    """Return the account's owner from the page's list of "Name: value"; None where it has none."""
    told: dict[str, str] = {}
    for item in page.iter("li"):
        name, colon, value = _text(item).partition(":")
        if colon and value.strip():
            told.setdefault(name.strip().casefold(), value.strip())
    if "google account id" not in told:
        return None
    emails = [told[name] for name in ("e-mail", "contact e-mail", "recovery e-mail") if name in told]
    phones = [number for name in ("user phone numbers", "recovery sms") if name in told
              for number in _COUNTRY.sub("", told[name]).split(", ")]  # fmt: skip
    attributes: dict[str, object] = {"type": "self", "emails": list(dict.fromkeys(emails))}
    if phones:
        attributes["phones"] = list(dict.fromkeys(phones))
    if created := told.get("created on"):
        attributes["created"] = created
    return Record(
        kind="contact", source=NAME, occurred_at=None, title=told.get("name") or (emails[0] if emails else None),
        key="google:self", attributes=attributes,
    )  # fmt: skip


def _rows(table: "_Element") -> Iterator[Found]:
    header: list[str] = []
    for row in table.iter("tr"):
        cells = [_text(cell) for cell in row if cell.tag in ("td", "th")]
        if not header:
            header = [cell.casefold() for cell in cells]
            continue
        told = dict(zip(header, cells, strict=False))
        time = next((told[name] for name in told if name.startswith("timestamp")), None)
        if time is None or not any(cells):
            continue
        at = instant(time)
        if at is None:
            yield rejected_bytes(f"no time that can be read: {time!r}", _table(told))
            continue
        attributes: dict[str, object] = {"service": "Google account"}
        attributes |= {_COLUMNS[name]: value for name, value in told.items() if value and name in _COLUMNS}
        activity = str(attributes.get("activity", ""))
        yield Record(
            kind="security_event", source=NAME, occurred_at=at.at, title=activity or "Google account",
            key=f"account:{attributes.get('ip', '')}|{activity}", precision=at.precision,
            zone_source="utc" if at.zone_source == "assumed" else at.zone_source, attributes=attributes,
        )  # fmt: skip


def _table(told: dict[str, str]) -> bytes:
    """Return a row as the page that holds nothing else."""
    lines = (f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>" for cells in (told, told.values()))
    return f"<html><body><table>{''.join(lines)}</table></body></html>".encode("utf-8", "replace")


def _text(element: "_Element") -> str:
    return " ".join("".join(element.itertext()).split())
