import pytest

from datapunk.gaia.grounding import DATA, Source, check, claims, numbers_in

MAIL = Source(
    number=1,
    text="2024-06-10T12:00 Monday, 10 June 2024 mail. Kestrel or Lumen.\n"
    "I would take the Kestrel 64. Start at setting 2.4 for light roast. It costs 1,234.50 euros. "
    "I do not like the Lumen.",
)
NOTE = Source(number=2, text="note. Locker.\nThe locker at the gym opens with 4411.")
FIGURES = Source(number=DATA, text='{"count": 12, "first": "2024-01-03"}')
SOURCES = (MAIL, NOTE, FIGURES)


def checked(answer, **more):
    return check(answer, SOURCES, question="and in 2024?", similarities=None, **more)


def test_markers_belong_to_the_sentence_before_them():
    found = claims("Take the Kestrel. [1] Dr. Meier said on 3. May that 2.4 is a start [1, 2].\n- Buy it [data]!")
    assert [(c.text, c.cited, c.prefix, c.line) for c in found] == [
        ("Take the Kestrel.", (1,), "", 0),
        ("Dr. Meier said on 3. May that 2.4 is a start.", (1, 2), "", 0),
        ("Buy it!", (0,), "- ", 1),
    ]


@pytest.mark.parametrize(
    "sentence",
    [
        "Start at setting 2.4 for light roast [1].", "The Kestrel 64 costs 1234.50 euros [1].",
        "The locker at the gym opens with 4411 [2].", "He wrote on 10 June 2024 that he would take the Kestrel 64 [1].",
        "There are 12 of them [data].", "There are twelve [data] or 12 of them in 2024 [data].",
    ],
)  # fmt: skip
def test_what_the_source_says_is_supported(sentence):
    assert checked(sentence).unsupported == []


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("Start at setting 3.4 for light roast [1].", "figure"), ("Bananas grow in Ecuador [1].", "unlike"),
        ("Start at setting for light roast [2].", "unlike"), ("Start at setting 2.4 for light roast [7].", "unknown"),
        ("Bananas grow in Ecuador.", "uncited"), ("Do not start at a setting for light roast [1].", "negation"),
        ("There are 13 of them [data].", "figure"),
    ],
)  # fmt: skip
def test_what_it_does_not_say_is_not(sentence, reason):
    found = checked(sentence)
    assert [v.reason for v in found.verdicts] == [reason]
    assert "[?]" in found.text


def test_a_negation_next_to_the_sentence_is_not_its_own():
    def similarities(texts, windows):
        return [[0.9 if "costs" in w and "Lumen" in w else 0.5 for w in windows] for _ in texts]

    found = check("It costs 1,234.50 euros [1].", SOURCES, question="", similarities=similarities)
    assert found.unsupported == []


def test_a_sentence_without_a_number_gets_that_of_its_source():
    assert checked("The locker at the gym opens with 4411.").text == "The locker at the gym opens with 4411 [1]."


def test_numbers_follow_the_order_of_the_answer():
    found = checked("The locker at the gym opens with 4411 [2]. Start at setting 2.4 for light roast [1].")
    assert found.text == "The locker at the gym opens with 4411 [1]. Start at setting 2.4 for light roast [2]."
    assert found.cited == (2, 1)


def test_unsupported_sentences_go_where_that_is_asked_for():
    text = "Start at setting 2.4 for light roast [1]. Bananas grow in Ecuador [1].\n- Bananas again [1]."
    assert checked(text, remove=True).text == "Start at setting 2.4 for light roast [1]."


def test_similarities_decide_where_there_are_any():
    asked = []

    def similarities(texts, windows):
        asked.append((texts, windows))
        return [[0.9 if "Kestrel 64" in w else 0.0 for w in windows] for _ in texts]

    found = check("His pick is the Kestrel 64 [1].", SOURCES, question="", similarities=similarities)
    assert found.unsupported == []
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("1,234.50", {1234.5}), ("1.234,50", {1234.5}), ("1.234", {1234, 1.234}), ("2,4", {2.4}),
        ("3 March 2023", {3, 2023}), ("two of 5", {2, 5}), ("2024-06-10", {2024, 6, 10}), ("18:05", {18, 5}),
        ("a3b", {3}),
    ],
)  # fmt: skip
def test_figures_are_read_in_either_way_of_writing(text, figures):
    assert numbers_in(text) == figures
