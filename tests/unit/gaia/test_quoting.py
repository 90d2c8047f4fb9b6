"""Which passage and which sentence answers."""

import pytest

from datapunk.gaia.quoting import Passage, Sought, content_words, quote, rank, stem, weights


def sought(question: str, people: tuple[str, ...] = (), rare: tuple[str, ...] = ()) -> Sought:
    words = content_words(question)
    return Sought(
        question=question, weights=weights({w: 1 if w in rare else 50 for w in words}, 1000), people=people
    )  # fmt: skip


def passage(text: str, **fields: object) -> Passage:
    given = {"item_id": 1, "kind": "mail", "title": "", "similarity": 0.4, **fields}
    return Passage(text=text, **given)  # type: ignore[arg-type]


def said(question: str, *passages: Passage) -> str:
    asked = sought(question)
    return quote(asked, rank(asked, passages)).text


FILLING = "x" * 280


@pytest.mark.parametrize(
    ("question", "text", "answer"),
    [
        ("How much does the boat cost?", "The boat is blue.\n{}\nThe boat is yours for 900 euros.", "900 euros"),
        ("Where does the boat lie?", "The boat lies well.\n{}\nThe boat lies in the harbour of Visby.", "Visby"),
        ("When does the boat leave?", "The boat leaves soon.\n{}\nThe boat leaves on Friday at 9:30.", "9:30"),
        ("Who steers the boat?", "The boat is steered well.\n{}\nIt is steered, the boat, by Karin Lund.", "Karin"),
    ],
)
def test_the_sentence_holds_what_is_asked_for(question: str, text: str, answer: str) -> None:
    assert answer in said(question, passage(text.format(FILLING)))


def test_the_question_s_own_figures_are_no_answer() -> None:
    text = f"The Sloop 64 is blue.\n{FILLING}\nThe Sloop has the number 7713."
    assert "7713" in said("What is the number of the Sloop 64?", passage(text))


def test_a_reply_answers_what_a_mail_asks() -> None:
    asking = passage("The pump is broken. How do I open the pump?", thread="t", similarity=0.6)
    reply = passage("Turn the pump by the lid until it clicks.", thread="t", item_id=2)
    assert "Turn the pump" in said("How do I open the pump?", asking, reply)


def test_what_a_named_person_wrote_comes_first() -> None:
    texts = [passage("The boat is blue.", sender=name, people=name) for name in ("Tom Berg", "Karin Lund")]
    best = rank(sought("What did Karin say about the boat?", people=("Karin Lund",)), texts)[0]
    assert best.passage.sender == "Karin Lund"


def test_advertising_comes_last() -> None:
    texts = [passage("A boat, a boat!", is_bulk=True, similarity=0.6), passage("My boat leaks.")]
    assert not rank(sought("What about the boat?"), texts)[0].passage.is_bulk


def test_a_passage_without_the_question_s_words_does_not_fit() -> None:
    (judged,) = rank(sought("What did Zanzibar Bob say about plutonium?"), [passage("We met in the park.")])
    assert not judged.fits


def test_a_passage_in_other_words_fits_by_its_meaning() -> None:
    (judged,) = rank(sought("What is the cat's weight?"), [passage("The cat weighs four kilograms.", similarity=0.7)])
    assert judged.fits


def test_a_passage_that_is_not_embedded_yet_fits_by_its_words() -> None:
    (judged,) = rank(sought("What does the boat cost?"), [passage("The boat costs a lot.", similarity=0.0)])
    assert judged.fits


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("calibrate", "calibration"),
        ("replaced", "replace"),
        ("parties", "party"),
        ("running", "runs"),
        ("mail", "mails"),
    ],
)
def test_forms_of_a_word_are_alike(one: str, other: str) -> None:
    assert stem(one) == stem(other)
