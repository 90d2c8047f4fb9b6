import io
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datapunk.lake.adapters import google_pay
from datapunk.lake.money import money
from datapunk.lake.record import Context, Found, Record, Rejected
from datapunk.lake.registry import classify
from datapunk.lake.stream import MemberStream

Read = Callable[..., list[Found]]

HEADER = "Time,Transaction ID,Description,Product,Payment method,Status,Amount"
ROW = '"Nov 23, 2025, 3:13\u202fPM",YTR.ABCD,YouTube Premium,YouTube,Amex •••• 1,Complete,USD\u00a015.87'
MEMBER = "Takeout/Google Pay/Google transactions/transactions_123.csv"


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("USD 15.87", 15.87, "USD"), ("INR\u00a0299.00", 299.0, "INR"), ("1.234,56\u00a0€", 1234.56, "EUR"),
        ("€ 3,99", 3.99, "EUR"), ("£1,234", 1234.0, "GBP"), ("₹12,34,567.50", 1234567.5, "INR"), ("$0.00", 0.0, None),
        ("R$ 10,5", 10.5, "BRL"), ("1\u202f234,5 zł", 1234.5, "PLN"), ("-USD 3.00", -3.0, "USD"),
        ("(USD 3.00)", -3.0, "USD"), ("Rp 15.000", 15000.0, "IDR"), ("CHF 1’234.50", 1234.5, "CHF"), ("7", 7.0, None),
    ],
)  # fmt: skip
def test_amounts_are_read_as_languages_write_them(text: str, amount: float, currency: str | None) -> None:
    assert money(text) == (amount, currency)


def test_a_sign_of_several_currencies_is_told_by_the_country() -> None:
    assert money("$5.00", "us") == (5.0, "USD")
    assert money("$5.00", "CA") == (5.0, "CAD")
    assert money("¥500", "JP") == (500.0, "JPY")


@pytest.mark.parametrize("text", ["", "free", "USD", "1.2.3.4", "1234,1,2,3", "5 of 7", "9" * 50])
def test_what_is_no_amount_is_none(text: str) -> None:
    assert money(text) is None


def test_a_transaction_is_a_purchase_in_the_accounts_zone(found: Read) -> None:
    (record,) = found(f"{HEADER}\n{ROW}\n".encode(), timezone="America/New_York")
    assert isinstance(record, Record)
    assert (record.kind, record.source, record.external_id) == ("purchase", "google_pay", "YTR.ABCD")
    assert record.title == "YouTube Premium"
    assert record.occurred_at == datetime(2025, 11, 23, 20, 13, tzinfo=UTC)
    assert (record.precision, record.zone_source) == ("min", "floating")
    assert record.attributes == {
        "amount": 15.87, "currency": "USD", "merchant": "YouTube", "payment_method": "Amex •••• 1",
        "status": "Complete",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("header", "time"),
    [
        ("Zeit,Transaktions-ID,Beschreibung,Produkt,Zahlungsmethode,Status,Betrag", '"23.11.2025, 15:13"'),
        ("Fecha,ID de transacción,Descripción,Producto,Método de pago,Estado,Importe", '"23 nov 2025, 15:13"'),
        ("Horário,Código,Descrição,Produto,Forma de pagamento,Status,Valor", '"23 de nov. de 2025, 15:13"'),
    ],
)
def test_other_languages_give_the_same_transaction(found: Read, header: str, time: str) -> None:
    table = f'{header}\n{time},YTR.ABCD,YouTube Premium,YouTube,Amex,x,"15,87\u00a0€"\n'
    (record,) = found(table.encode(), MEMBER)
    assert isinstance(record, Record)
    assert (record.external_id, record.occurred_at) == ("YTR.ABCD", datetime(2025, 11, 23, 15, 13, tzinfo=UTC))
    assert (record.attributes["amount"], record.attributes["currency"]) == (15.87, "EUR")


def test_an_amount_in_a_currency_that_is_unsure_keeps_its_words(found: Read) -> None:
    (record,) = found(f"{HEADER}\n{ROW.replace('USD', '$')}\n".encode())
    assert isinstance(record, Record)
    assert record.attributes["price"] == "$\u00a015.87"
    assert record.attributes["amount"] == 15.87
    assert "currency" not in record.attributes


def test_a_damaged_row_is_rejected_alone_and_a_cut_table_keeps_its_head(found: Read) -> None:
    table = f'{HEADER}\n{ROW}\n"some day",X,,,,,\n{ROW}\n"Nov 23, 20'
    assert [type(r) for r in found(table.encode())] == [Record, Rejected, Record, Rejected]


def test_names_are_claimed_without_content() -> None:
    member = "Google Pay/Transaktionen bei Google Play/transactions_XYZ.csv"
    assert classify(member, b"") is google_pay
    assert google_pay.claims("transactions_1.csv", b"a,b,c\n1,2,3\n") == 0
    assert google_pay.claims("Google Pay/Geldsendungen und -anfragen/Geldsendungen und -anfragen.csv", b"") == 0


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_damaged_tables_never_raise(data: st.DataObject) -> None:
    content = bytearray(f"{HEADER}\n{ROW}\n".encode())
    for _ in range(data.draw(st.integers(0, 3))):
        at = data.draw(st.integers(0, len(content)))
        content[at : at + data.draw(st.integers(0, 20))] = data.draw(st.binary(max_size=10))
    google_pay.claims(MEMBER, bytes(content))
    results = list(google_pay.parse(MemberStream(io.BytesIO(bytes(content))), Context(member="m")))
    assert all(isinstance(r, Record | Rejected) for r in results)
