"""Address books (vCard): a record per person."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256

from datapunk.lake.names import folded, named
from datapunk.lake.record import Context, Found, Listing, Record, Rejected
from datapunk.lake.registry import BY_NAME, SURE
from datapunk.lake.stream import MemberStream
from datapunk.lake.takeout import product_path
from datapunk.lake.text import clean_url, normal
from datapunk.lake.vcards import Card, Property, cards

NAME = "contacts"
VERSION = "1"

_PHONES_REMEMBERED = 4_096
_EVERYBODY = named(
    "All Contacts", "Alle Kontakte", "Alle contacten", "Todos los contactos", "Tous les contacts", "Tutti i contatti",
    "Todos os contatos", "Tüm kişiler", "كل جهات الاتصال", "所有联系人",
)  # fmt: skip


def claims(member: str, head: bytes) -> float:
    """Claim what begins as a card does."""
    if head:
        return SURE if head[:4096].lstrip()[:11].upper() == b"BEGIN:VCARD" else 0.0
    return BY_NAME if member.casefold().endswith((".vcf", ".vcard")) else 0.0


def inputs() -> tuple[str, ...]:
    """Return the paths that it reads."""
    return ("Contacts/**/*.vcf", "Google Kontakte/**/*.vcf", "*.vcf")


def listing(member: str, head: bytes) -> Listing | None:
    """Tell that the cards of a Takeout are an address book; the group of everybody holds all of it."""
    parts = product_path(member)
    if len(parts) != 3 or folded(parts[1]) != folded(parts[2].rpartition(".")[0]):
        return None
    return Listing(NAME, whole=folded(parts[1]) in _EVERYBODY)


def parse(stream: MemberStream, context: Context) -> Iterator[Found]:
    """Yield a contact per card. The same person in several groups of an address book is one identity."""
    for card in cards(stream):
        yield card if isinstance(card, Rejected) else _record(card, context.exported_at)


def _record(card: Card, exported_at: datetime | None) -> Record:
    names = _distinct(p.text() for p in card.all("FN")) or _distinct(_spoken(p) for p in card.all("N"))
    emails = _distinct(_without(p.text(), "mailto:").casefold() for p in card.all("EMAIL"))
    written = _distinct(_without(p.text(), "tel:") for p in card.all("TEL"))
    phones = _distinct(map(_international, written))
    organization = next((", ".join(filter(None, p.parts())) for p in card.all("ORG")), "")
    links = _distinct(url for p in card.all("URL") if (url := clean_url(p.text())))
    values: dict[str, object] = {
        "names": names if len(names) > 1 else None,
        "emails": emails,
        "phones": phones,
        "phones_as_written": written if written != phones else None,
        "organization": organization,
        "job": card.first("TITLE", "ROLE"),
        "nickname": card.first("NICKNAME"),
        "birthday": card.first("BDAY"),
        "addresses": _distinct(", ".join(filter(None, p.parts())).replace("\n", ", ") for p in card.all("ADR")),
        "accounts": _distinct(p.text() for p in card.all("IMPP", "X-SKYPE", "X-JABBER", "X-AIM", "X-ICQ", "X-TWITTER")),
        "labels": _distinct(label for p in card.all("CATEGORIES") for label in p.parts(",")),
        "links": links if len(links) > 1 else None,
        "about": _labelled(card),
        "errors": card.errors,
    }
    title = next(filter(None, (*names, organization, *emails, *written)), "")
    return Record(
        kind="contact",
        source=NAME,
        occurred_at=None,
        title=title or None,
        body="\n".join(_distinct(p.text() for p in card.all("NOTE"))) or None,
        url=links[0] if links else None,
        external_id=card.first("UID") or _identity(names, emails, phones, organization, card),
        edited_at=_revised(card.first("REV")) or exported_at,
        attributes={name: value for name, value in values.items() if value},
    )


def _revised(text: str) -> datetime | None:
    """Return when a card was last changed, where its address book says so in one of the two forms of vCard."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _identity(names: list[str], emails: list[str], phones: list[str], organization: str, card: Card) -> str:
    """Return what a person without an identifier of the address book is known by."""
    parts = ["|".join(sorted(map(normal, names))), "|".join(sorted(emails)), "|".join(sorted(phones))]
    if not any(parts):
        parts = [normal(organization) or repr(sorted((p.name, p.value) for p in card.properties))]
    return sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()


def _labelled(card: Card) -> dict[str, str]:
    """Return what the person calls things by words of their own: "Anniversary" and its date, say."""
    words = {p.group: _word(p.text()) for p in card.all("X-ABLABEL") if p.group}
    found: dict[str, str] = {}
    for p in card.properties:
        if p.group in words and p.name != "X-ABLABEL" and p.value.strip(";, "):
            text = ", ".join(filter(None, p.parts())) if p.name in ("ADR", "ORG", "N") else p.text()
            found.setdefault(words[p.group] or p.name.casefold(), (clean_url(text) or "") if p.name == "URL" else text)
    for p in card.all("ANNIVERSARY", "X-ANNIVERSARY", "RELATED", "GENDER"):
        found.setdefault(p.name.removeprefix("X-").capitalize(), p.text())
    return found


def _word(label: str) -> str:
    """Return a label without the marks that Apple's address book puts around its own: _$!<HomePage>!$_."""
    return label.removeprefix("_$!<").removesuffix(">!$_")


def _spoken(name: Property) -> str:
    """Return a structured name (family; given; middle; before; after) in the order in which it is said."""
    family, given, middle, before, after = [*name.parts(), "", "", "", "", ""][:5]
    return " ".join(filter(None, (before, given, middle, family, after)))


@lru_cache(maxsize=_PHONES_REMEMBERED)
def _international(phone: str) -> str:
    """Return a number that has its country as +<digits>, any other as it is written."""
    import phonenumbers

    try:
        number = phonenumbers.parse(phone, None)
    except phonenumbers.NumberParseException:
        return phone
    if not phonenumbers.is_possible_number(number):
        return phone
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _without(value: str, scheme: str) -> str:
    return value[len(scheme) :].strip() if value[: len(scheme)].casefold() == scheme else value


def _distinct(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(value for value in values if value))
