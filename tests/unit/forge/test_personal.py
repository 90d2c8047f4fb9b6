import sys
from typing import Any

import pytest

from datapunk.errors import DatasetUnusable
from datapunk.pii import Finder
from datapunk_forge.personal import protect
from unit.forge.tabular.tables import dataset, number, text

MESSAGES = [f"message {n} has words" for n in range(50)]
MAILS = [f"write to ann{n}@example.org!" for n in range(50)]


@pytest.fixture(scope="module")
def finder() -> Finder:
    return Finder(model="none")


@pytest.mark.parametrize(
    ("value", "hidden"),
    [
        ("write to ann.b@example.org!", "write to <EMAIL_ADDRESS>!"),
        ("call +41 44 668 18 00 now", "call <PHONE_NUMBER> now"),
        ("card 4111 1111 1111 1111.", "card <CREDIT_CARD>."),
        ("pay CH93 0076 2011 6238 5295 7", "pay <IBAN_CODE>"),
        ("from 192.0.2.7 to 10.1.2.3", "from <IP_ADDRESS> to <IP_ADDRESS>"),
        ("my social security number is 536-90-4399", "my social security number is <US_SSN>"),
        ("version 1.2.3, at 10:30:00", "version 1.2.3, at 10:30:00"),
    ],
)
def test_what_is_personal_is_hidden_and_nothing_else(finder: Finder, value: str, hidden: str) -> None:
    shown, _ = protect(dataset(text("note", [value] * 3)), {"pii": "mask"}, finder)
    column = shown.column("note")
    assert column is not None
    assert column.values == [hidden] * 3


def test_a_column_is_told_by_its_values(finder: Finder) -> None:
    given = dataset(text("mail", MAILS), text("note", MESSAGES), number("n", range(50)))
    _, (found,) = protect(given, {}, finder)
    assert found.to_json() == {
        "column": "mail", "problem": "personal data", "reason": "has EMAIL_ADDRESS in 50 of 50 values",
        "action": "kept",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("how", "expected"),
    [("report", "write to ann0@example.org!"), ("mask", "write to <EMAIL_ADDRESS>!"), ("drop", None)],
)
def test_the_option_says_what_becomes_of_it(finder: Finder, how: str, expected: str | None) -> None:
    shown, (found,) = protect(dataset(text("mail", MAILS), text("note", MESSAGES)), {"pii": how}, finder)
    column = shown.column("mail")
    assert (column.values[0] if column else None) == expected
    assert found.action == {"report": "kept", "mask": "masked", "drop": "dropped"}[how]


def test_a_dataset_with_personal_data_is_refused_where_asked(finder: Finder) -> None:
    with pytest.raises(DatasetUnusable, match="'mail' has EMAIL_ADDRESS") as caught:
        protect(dataset(text("mail", MAILS), text("note", MESSAGES)), {"pii": "refuse"}, finder)
    assert "mail" in (caught.value.hint or "")


@pytest.mark.parametrize("role", ["subject", "target"])
@pytest.mark.parametrize("how", ["mask", "refuse"])
def test_the_column_that_names_a_subject_stays(finder: Finder, role: str, how: str) -> None:
    given = dataset(text("mail", MAILS), text("note", MESSAGES))
    shown, (found,) = protect(given, {"pii": how, role: "mail"}, finder)
    assert (shown.columns, found.action) == (given.columns, "kept")


def test_recognisers_are_loaded_only_for_what_could_be_personal() -> None:
    class Never:
        def find(self, texts: Any) -> Any:
            raise AssertionError(texts)

    assert protect(dataset(text("note", MESSAGES), text("shop", ["shop 12"] * 50)), {}, Never())[1] == ()


def test_libraries_that_were_kept_away_can_be_loaded_after() -> None:
    protect(dataset(text("mail", MAILS)), {})
    assert sys.modules.get("torch", ...) is not None
