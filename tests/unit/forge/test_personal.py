import sys
from typing import Any

import numpy as np
import pytest

from datapunk.errors import DatasetUnusable
from datapunk.pii import Finder
from datapunk_forge.personal import protect
from unit.forge.tabular.tables import dataset, number, text

MESSAGES = [f"message {n} has words" for n in range(50)]
RARE = [f"ann{n}@example.org" if n % 100 == 7 else f"message {n} has words" for n in range(2000)]
MAILS = [f"write to ann{n}@example.org!" for n in range(50)]


def luhn(number: int) -> bool:
    figures = [int(f) for f in reversed(str(number))]
    return sum(figures[::2] + [sum(divmod(2 * f, 10)) for f in figures[1::2]]) % 10 == 0


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


def test_rare_personal_data_is_refused(finder: Finder) -> None:
    with pytest.raises(DatasetUnusable, match="'note' has EMAIL_ADDRESS in 20 of 2000 values"):
        protect(dataset(text("note", RARE)), {"pii": "refuse"}, finder)


def test_rare_personal_data_is_masked(finder: Finder) -> None:
    shown, (found,) = protect(dataset(text("note", [*RARE, None])), {"pii": "mask"}, finder)
    assert shown.columns[0].values == ["<EMAIL_ADDRESS>" if "@" in t else t for t in RARE] + [None]
    assert shown.columns[0].given == [*RARE, None]
    assert (found.types, found.looked_at) == ({"EMAIL_ADDRESS": 20}, 2000)


def test_a_column_with_rare_personal_data_is_dropped(finder: Finder) -> None:
    shown, _ = protect(dataset(text("note", RARE), number("n", range(2000))), {"pii": "drop"}, finder)
    assert [c.name for c in shown.columns] == ["n"]


def test_how_far_the_search_is_is_told(finder: Finder) -> None:
    told: list[str] = []

    def progress(share: float, stage: str, **figures: float) -> None:
        told.append(stage)

    texts = [f"order 12-34-{n}" for n in range(500)]
    protect(dataset(text("note", texts)), {"pii": "refuse"}, finder, progress)
    assert told[-1] == "looking for personal data in note: 500 of 500 values"
    assert len(told) == 3


SWISS = np.arange(41446681800, 41446681900)
LUHN = [n for n in range(4111111111110000, 4111111111113000) if luhn(n)]


@pytest.mark.parametrize(
    ("name", "values", "found"),
    [
        ("caller", SWISS, "PHONE_NUMBER"), ("phone", [2025550100 + n for n in range(5)], "PHONE_NUMBER"),
        ("mobile_number", [41791234567], "PHONE_NUMBER"), ("paid_with", LUHN, "CREDIT_CARD"),
        ("card_number", [4111111111111111], "CREDIT_CARD"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("how", ["mask", "drop", "refuse"])
def test_numbers_that_are_of_telephones_or_cards_are_left_out(name: str, values: Any, found: str, how: str) -> None:
    given = dataset(number(name, values, "int8"), number("n", np.zeros(len(values))))
    if how == "refuse":
        with pytest.raises(DatasetUnusable, match=f"{name!r} has {found}"):
            protect(given, {"pii": how})
        return
    shown, (personal,) = protect(given, {"pii": how})
    assert [c.name for c in shown.columns] == ["n"]
    assert (list(personal.types), personal.action) == ([found], "dropped")


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("order_id", np.arange(4_000_000_000, 4_000_000_500)), ("amount", np.arange(500) * 12_345_678_901),
        ("at", 1_700_000_000 + 86_400 * np.arange(500)), ("ms", 1_700_000_000_000 + 86_400_123 * np.arange(500)),
        ("id", np.random.default_rng(0).integers(10**10, 10**11, 500)),
        ("account", np.random.default_rng(0).integers(10**15, 9 * 10**15, 500)),
        ("phones", np.arange(500)), ("phone", np.linspace(1e9, 2e9, 500)), ("mobile_bytes", np.arange(500) + 10**8),
    ],
)  # fmt: skip
def test_ids_amounts_and_times_are_no_personal_data(name: str, values: Any) -> None:
    given = dataset(number(name, values, "int8"))
    assert protect(given, {"pii": "refuse"}) == (given, ())
