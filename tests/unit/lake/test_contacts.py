import io
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from datapunk.lake.identity import Occurrences, content_hash
from datapunk.lake.record import Context, Record, Rejected
from datapunk.lake.registry import by_name, classify
from datapunk.lake.stream import MemberStream


def card(*lines: str, version: str = "3.0", end: str = "\r\n") -> bytes:
    return "".join(f"{line}{end}" for line in ("BEGIN:VCARD", f"VERSION:{version}", *lines, "END:VCARD")).encode()


FULL = card(
    "FN:Müller\\, Anna", "N:Müller;Anna;;Dr.;", "EMAIL;TYPE=INTERNET:Anna@X.example", "TEL;TYPE=CELL:+49 30 123456",
    "TEL;TYPE=WORK:030 1234", "ORG:Example;Research", "TITLE:Chemist", "BDAY:1980-02-03",
    "ADR;TYPE=HOME:;;Street 1\\nBack;Town;;12345;DE", "PHOTO;ENCODING=b;TYPE=JPEG:AAAA", " BBBB", "NOTE:One\\nTwo",
    "CATEGORIES:Friends,Work", "item1.URL:http\\://www.x.example/me", "item1.X-ABLabel:_$!<HomePage>!$_",
    "item2.X-ABDATE:2010-05-06", "item2.X-ABLabel:_$!<Anniversary>!$_", "item3.X-ABRELATEDNAMES:Bob",
    "item3.X-ABLabel:Brother",
)  # fmt: skip


def test_a_person_has_what_the_card_says(found: Any) -> None:
    (record,) = found(FULL)
    assert (record.kind, record.title, record.body) == ("contact", "Müller, Anna", "One\nTwo")
    assert record.occurred_at is None
    assert record.url == "http://www.x.example/me"
    assert record.attributes == {
        "emails": ["anna@x.example"],
        "phones": ["+4930123456", "030 1234"],
        "phones_as_written": ["+49 30 123456", "030 1234"],
        "organization": "Example, Research",
        "job": "Chemist",
        "birthday": "1980-02-03",
        "addresses": ["Street 1, Back, Town, 12345, DE"],
        "labels": ["Friends", "Work"],
        "about": {"HomePage": "http://www.x.example/me", "Anniversary": "2010-05-06", "Brother": "Bob"},
    }


def test_old_cards_in_quoted_printable_are_read(found: Any) -> None:
    (record,) = found(
        card(
            "N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BC=", "ller;Anna;;;", "TEL;CELL:+1 425-406-0541",
            version="2.1", end="\n",
        )
    )  # fmt: skip
    assert record.title == "Anna Müller"
    assert record.attributes["phones"] == ["+14254060541"]


def test_a_card_in_latin_1_is_read(found: Any) -> None:
    content = card("FN:Jörg Müßig", "NOTE:für später, schöne Grüße").decode().encode("latin-1")
    assert found(content)[0].title == "Jörg Müßig"


def test_addresses_of_version_4_lose_their_scheme(found: Any) -> None:
    (record,) = found(card("FN:A", "TEL;VALUE=uri:tel:+1-425-406-0541", "EMAIL:mailto:a@x.example", version="4.0"))
    assert record.attributes["phones"] == ["+14254060541"]
    assert record.attributes["emails"] == ["a@x.example"]


def test_a_card_without_a_name_is_called_by_what_it_has(found: Any) -> None:
    assert found(card("ORG:Example"))[0].title == "Example"
    assert found(card("EMAIL:a@x.example"))[0].title == "a@x.example"
    assert found(card("TEL:030 1234"))[0].title == "030 1234"


def test_the_same_person_in_two_groups_is_one(found: Any) -> None:
    groups = found(card("FN:Anna  M", "EMAIL:a@x.example", "CATEGORIES:One") + card("EMAIL:A@X.example", "FN:anna m"))
    assert len({content_hash(one, Occurrences()) for one in groups}) == 1


def test_people_of_one_name_with_other_addresses_are_two(found: Any) -> None:
    groups = found(card("FN:Anna", "EMAIL:a@x.example") + card("FN:Anna", "EMAIL:b@x.example"))
    assert len({content_hash(one, Occurrences()) for one in groups}) == 2


def test_an_identifier_of_the_address_book_is_the_identity(found: Any) -> None:
    assert [one.external_id for one in found(card("UID:1", "FN:A") + card("UID:1", "FN:B"))] == ["1", "1"]


def test_a_bad_line_does_not_lose_the_person(found: Any) -> None:
    (record,) = found(card("FN:A", "no property"))
    assert record.title == "A"
    assert record.attributes["errors"] == ["ParseError: no property"]


def test_an_unfinished_card_is_rejected_and_the_next_is_read(found: Any) -> None:
    first, rejected, last = found(card("FN:A") + b"BEGIN:VCARD\r\nFN:B\r\n" + card("FN:C"))
    assert (first.title, last.title) == ("A", "C")
    assert isinstance(rejected, Rejected)
    assert rejected.byte_offset == len(card("FN:A"))


def test_a_card_that_says_nothing_is_rejected(found: Any) -> None:
    assert [type(one) for one in found(card() + card("FN:A"))] == [Rejected, Record]


def test_a_cut_file_keeps_its_good_head(found: Any) -> None:
    assert [type(one) for one in found(card("FN:A") + FULL[:100])] == [Record, Rejected]


def test_a_long_picture_costs_no_memory_and_no_card(found: Any) -> None:
    picture = "PHOTO;ENCODING=b:" + "A" * (5 << 20)
    (record,) = found(card("FN:A", picture, " BBBB", "NOTE:after"))
    assert (record.title, record.body) == ("A", "after")


def test_cards_are_known_by_content_and_by_name() -> None:
    for member, head in (("x", FULL), ("Google Kontakte/Meine Kontakte/Meine Kontakte.vcf", b"")):
        adapter = classify(member, head)
        assert adapter is not None
        assert adapter.NAME == "contacts"


@settings(max_examples=60, deadline=None)
@given(at=st.integers(0, len(FULL) - 1), bytes_=st.binary(min_size=1, max_size=6))
def test_changed_bytes_never_raise(at: int, bytes_: bytes) -> None:
    content = FULL[:at] + bytes_ + FULL[at + len(bytes_) :] + card("FN:B")
    found = list(by_name("contacts").parse(MemberStream(io.BytesIO(content)), Context(member="m")))
    assert all(isinstance(one, Record | Rejected) for one in found)


def test_peer_gmail_list(found: Any, peers: Path) -> None:
    people = found(peers / "contacts/gmail-list.vcf")
    assert [(p.title, p.attributes["emails"]) for p in people] == [
        ("Arnold Smith", ["asmithk@gmail.com"]),
        ("Chris Beatle", ["chrisy55d@yahoo.com"]),
        ("Doug White", ["dwhite@gmail.com"]),
    ]


def test_peer_names_in_two_languages_are_one_person(found: Any, peers: Path) -> None:
    (person,) = found(peers / "contacts/vcard40_multilang.vcf")
    assert person.attributes["names"] == ["Yamada Taro", "山田太郎"]


def test_peer_voice_card(found: Any, peers: Path) -> None:
    (path,) = (peers / "takeout_wjcarpenter/Voice/Calls").glob("*.vcf")
    (person,) = found(path)
    assert person.title == "Søren Aabye Kierkegaard"
    assert person.attributes["phones"] == ["+14254060541"]
