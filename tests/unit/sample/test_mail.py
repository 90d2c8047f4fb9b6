"""The mbox, read with the standard library."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from unit.sample.reading import header, plain_text

if TYPE_CHECKING:
    from unit.sample.reading import Sample

MBOX = "Mail/All mail Including Spam and Trash.mbox"


def test_separators_have_the_form_of_gmail(sample: Sample) -> None:
    separators = re.findall(rb"^From .*\r$", sample.raw(MBOX), re.MULTILINE)
    form = re.compile(rb"From \d{19}@xxx [A-Z][a-z]{2} [A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d \+0000 \d{4}\r")
    assert len(separators) == len(sample.letters)
    assert all(form.fullmatch(separator) for separator in separators)


def test_every_letter_has_gmail_headers_and_its_own_identifier(sample: Sample) -> None:
    assert all(letter["X-GM-THRID"] and letter["X-Gmail-Labels"] and letter["Date"] for letter in sample.letters)
    assert len(sample.by_message_id) == len(sample.letters)


def test_replies_point_at_letters_of_their_thread(sample: Sample) -> None:
    replies = [letter for letter in sample.letters if letter["In-Reply-To"]]
    assert len(replies) > 300
    for reply in replies:
        assert sample.by_message_id[reply["In-Reply-To"]]["X-GM-THRID"] == reply["X-GM-THRID"]


def test_all_transfer_encodings_and_html_occur(sample: Sample) -> None:
    parts = [part for letter in sample.letters for part in letter.walk() if not part.is_multipart()]
    assert {part["Content-Transfer-Encoding"] for part in parts} == {"7bit", "quoted-printable", "base64"}
    assert {part.get_content_type() for part in parts} == {"text/plain", "text/html"}
    assert any(letter["From"].startswith("=?utf-8?") for letter in sample.letters)


def test_the_quoted_from_line_is_there(sample: Sample) -> None:
    fact = sample.facts["quirks"]["from_line_mail"]
    assert fact["raw_line"] in plain_text(sample.by_message_id[fact["message_id"]]).split("\n")


def test_the_long_letter_is_long(sample: Sample) -> None:
    fact = sample.facts["quirks"]["long_mail"]
    assert len(plain_text(sample.by_message_id[fact["message_id"]]).strip()) == fact["characters"] > 55_000


def test_one_header_is_raw_utf8(sample: Sample) -> None:
    fact = sample.facts["quirks"]["raw_utf8_header_mail"]
    assert f"Subject: {fact['subject']}\r\n".encode() in sample.raw(MBOX)


def test_correspondents_are_counted_as_in_the_headers(sample: Sample) -> None:
    senders = [str(letter["From"]) for letter in sample.letters]
    for email, person in sample.facts["correspondents"].items():
        assert sum(f"<{email}>" in sender for sender in senders) == person["received"]


def test_what_the_truth_quotes_stands_in_the_letter(sample: Sample) -> None:
    for question in sample.facts["questions"]:
        if question["kind"] == "search":
            letter = sample.by_message_id[question["expected"]["message_id"]]
            assert question["expected"]["contains"] in plain_text(letter).replace("\n", " ")
            assert header(letter, "Subject") == question["expected"]["subject"]
