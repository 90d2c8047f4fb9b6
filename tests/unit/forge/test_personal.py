import pytest

from datapunk_forge.personal import masked, personal_kinds, protect
from unit.forge.tabular.tables import dataset, number, text

MESSAGES = [f"message {n} has words" for n in range(50)]


@pytest.mark.parametrize(
    ("value", "hidden"),
    [
        ("write to ann.b@example.org!", "write to <email>!"),
        ("call +41 44 668 18 00 now", "call <phone> now"),
        ("card 4111 1111 1111 1111.", "card <card>."),
        ("card 4111 1111 1111 1112.", "card 4111 1111 1111 1112."),
        ("pay CH93 0076 2011 6238 5295 7", "pay <iban>"),
        ("pay CH93 0076 2011 6238 5295 8", "pay CH93 0076 2011 6238 5295 8"),
        ("from 192.0.2.7 and 2001:db8::1", "from <ip> and <ip>"),
        ("version 1.2.3, at 10:30:00", "version 1.2.3, at 10:30:00"),
    ],
)
def test_what_is_personal_is_hidden_and_nothing_else(value: str, hidden: str) -> None:
    assert masked(value) == hidden


def test_a_column_is_told_by_its_values() -> None:
    mails = [f"{m} from ann{n}@example.org" for n, m in enumerate(MESSAGES)]
    assert personal_kinds(text("note", mails)) == ["email"]
    assert personal_kinds(text("note", MESSAGES)) == []
    assert personal_kinds(number("n", range(50))) == []


@pytest.mark.parametrize(("how", "expected"), [("keep", "a0@example.org"), ("mask", "<email>"), ("drop", None)])
def test_the_option_says_what_becomes_of_it(how: str, expected: str | None) -> None:
    given = dataset(text("mail", [f"a{n}@example.org" for n in range(50)]), text("note", MESSAGES))
    shown, found = protect(given, {"pii": how})
    assert found == {"mail": ["email"]}
    column = shown.column("mail")
    assert (column.values[0] if column else None) == expected


def test_the_column_that_names_a_subject_stays() -> None:
    given = dataset(text("mail", [f"a{n}@example.org" for n in range(50)]), text("note", MESSAGES))
    shown, _ = protect(given, {"pii": "mask", "subject": "mail"})
    assert shown.columns == given.columns
