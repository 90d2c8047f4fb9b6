"""Questions as the router reads them."""

from datapunk.gaia.masking import masked
from datapunk.gaia.mentions import Name


def test_names_and_quotations_are_replaced() -> None:
    question = "Did Karin's mails mention “Slate” more than Tom Berg did?"
    names = [
        Name(field="person", value="Karin Vogel", start=4, end=11),
        Name(field="person", value="Tom Berg", start=44, end=52)
    ]  # fmt: skip
    assert masked(question, names) == "Did Anna's mails mention “Night trains” more than Tom did?"


def test_places_stay() -> None:
    assert masked("in Oslo", [Name(field="place", value="Oslo", start=3, end=7)]) == "in Oslo"
