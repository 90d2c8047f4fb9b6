"""Questions in German, French and Spanish."""

import json
from typing import Any

import psycopg
import pytest

ITEMS = [
    *({"kind": "watch", "occurred_at": f"2024-03-{day:02d}T10:00:00Z", "title": f"Sourdough, part {day}",
       "url": f"https://v.example/{day}", "attributes": {"channel": "Die Woche"}} for day in (1, 9, 30)),
    {"kind": "watch", "occurred_at": "2023-04-02T10:00:00Z", "title": "Granite and slate",
     "attributes": {"channel": "Rock Talks"}},
    {"kind": "mail", "occurred_at": "2024-05-01T08:00:00Z", "title": "The boat", "body": "It lies in the harbour.",
     "attributes": {"sender": "Karin Sommer", "recipient_names": ["Nora Falk"], "labels": ["Inbox"]}},
    {"kind": "mail", "occurred_at": "2024-05-02T08:00:00Z", "title": "Re: The boat", "body": "I think about it.",
     "attributes": {"sender": "Nora Falk", "recipient_names": ["Karin Sommer"], "labels": ["Sent"]}},
    {"kind": "event", "occurred_at": "2024-02-10T00:00:00Z", "ended_at": "2024-02-17T00:00:00Z", "precision": "day",
     "title": "Tokyo trip", "attributes": {}},
    {"kind": "watch", "occurred_at": "2024-02-12T10:00:00Z", "title": "Night trains",
     "attributes": {"channel": "Rock Talks"}},
    {"kind": "contact", "occurred_at": "2024-01-01T00:00:00Z", "title": "Nora Falk",
     "attributes": {"birthday": "1990-03-05"}},
]  # fmt: skip
Connection = psycopg.Connection[Any]


@pytest.fixture
def asking(connection: Connection) -> Connection:
    """A connection whose owner has the items, on a fixed day."""
    connection.execute("select set_config('datapunk.now', '2024-07-01T12:00:00Z', true)")
    connection.execute("select * from api.lake_append(%s)", (json.dumps([{"source": "test", **i} for i in ITEMS]),))
    return connection


def answer(connection: Connection, question: str, **options: object) -> dict[str, Any]:
    cursor = connection.execute("select * from api.gaia_answer(%s, %s)", (question, json.dumps(options)))
    assert cursor.description
    (row,) = cursor.fetchall()
    return dict(zip([column.name for column in cursor.description], row, strict=True))


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("Wie viele Videos habe ich im März 2024 geschaut?", "Du hast im März 2024 3 Videos geschaut."),
        ("Combien de vidéos ai-je regardées en mars 2024 ?", "Tu as regardé 3 vidéos en mars 2024."),
        ("¿Cuántos vídeos vi en marzo de 2024?", "Viste 3 vídeos en marzo de 2024."),
    ],
)
def test_a_question_is_answered_in_its_language(asking: Connection, question: str, says: str) -> None:
    row = answer(asking, question)
    assert (row["route"], row["data"]["count"]) == ("count", 3)
    assert row["answer"].startswith(says)


def test_the_language_is_stored_with_the_answer(asking: Connection) -> None:
    row = answer(asking, "¿Cuántos vídeos vi en 2024?")
    assert row["plan"]["language"] == "es"
    stored = asking.execute("select language from api.answers where answer_id = %s", (row["answer_id"],)).fetchone()
    assert stored == ("es",)


def test_a_language_that_is_given_counts(asking: Connection) -> None:
    assert answer(asking, "How many videos in 2024?", language="fr")["plan"]["language"] == "fr"


def test_where_words_do_not_tell_the_setting_counts(asking: Connection) -> None:
    asking.execute("select set_config('datapunk.language', 'de', true)")
    assert answer(asking, "2024?")["plan"]["language"] == "de"
    assert answer(asking, "How many videos did I watch?")["plan"]["language"] == "en"


def test_an_unknown_language_is_refused(asking: Connection) -> None:
    with pytest.raises(psycopg.errors.InvalidParameterValue, match="language is 'nl'"):
        answer(asking, "Hoeveel?", language="nl")


@pytest.mark.parametrize(
    ("question", "follow_up"),
    [
        ("Wie viele Videos habe ich 2024 geschaut?", "und im Jahr davor?"),
        ("Combien de vidéos ai-je regardées en 2024 ?", "et l'année d'avant ?"),
        ("¿Cuántos vídeos vi en 2024?", "¿y el año anterior?"),
    ],
)
def test_a_follow_up_takes_over_what_it_leaves_out(asking: Connection, question: str, follow_up: str) -> None:
    before = answer(asking, question)
    after = answer(asking, follow_up, conversation_id=str(before["conversation_id"]))
    assert (before["data"]["count"], after["data"]["count"]) == (4, 1)
    assert after["plan"]["language"] == before["plan"]["language"]


def test_a_bare_follow_up_is_in_the_language_of_the_conversation(asking: Connection) -> None:
    before = answer(asking, "Wie viele Videos habe ich 2024 geschaut?")
    after = answer(asking, "2023?", conversation_id=str(before["conversation_id"]))
    assert (after["plan"]["language"], after["data"]["count"]) == ("de", 1)


def test_a_name_that_is_a_word_of_the_language_is_kept(asking: Connection) -> None:
    row = answer(asking, "Wie viele Videos von Die Woche habe ich geschaut?")
    assert row["plan"]["parameters"]["channel"] == ["Die Woche"]
    assert row["data"]["count"] == 3


def test_a_word_of_the_language_is_not_half_of_a_name(asking: Connection) -> None:
    assert "person" not in answer(asking, "Wie viele Videos habe ich im Sommer 2023 geschaut?")["plan"]["parameters"]


def test_who_wrote_to_whom_is_read(asking: Connection) -> None:
    got = answer(asking, "Wie viele Mails hat mir Karin Sommer 2024 geschickt?")
    sent = answer(asking, "Combien de mails ai-je envoyés à Karin Sommer en 2024 ?")
    assert [row["plan"]["parameters"]["direction"] for row in (got, sent)] == ["received", "sent"]


def test_an_event_is_found_by_another_language_s_word_for_it(asking: Connection) -> None:
    row = answer(asking, "Wie viele Videos habe ich während der Reise nach Tokyo geschaut?")
    assert row["data"]["count"] == 1


def test_what_no_subroutine_answers_is_declined_in_the_language(asking: Connection) -> None:
    row = answer(asking, "Quelle est la capitale du Pérou ?")
    assert row["route"] == "none"
    assert row["answer"].startswith("Je ne sais pas")


def test_a_misspelled_name_is_understood(asking: Connection) -> None:
    row = answer(asking, "Wie viele Mails hat mir Karin Somner 2024 geschickt?")
    assert row["plan"]["parameters"]["person"] == ["Karin Sommer"]


def test_the_examples_say_their_language(asking: Connection) -> None:
    rows = asking.execute("select language, count(*) from api.examples group by 1").fetchall()
    assert {language for language, _ in rows} == {"en", "de", "es", "fr"}


def test_help_gives_examples_in_the_language(asking: Connection) -> None:
    assert "Wie viele Videos habe ich letzten Winter gesehen?" in answer(asking, "Was kannst du?")["answer"]


def test_an_answer_is_given_again_in_its_language(asking: Connection) -> None:
    row = answer(asking, "¿Cuántos vídeos vi en 2024?")
    again = asking.execute("select answer, same from api.gaia_replay(%s)", (row["answer_id"],)).fetchone()
    assert again == (row["answer"], True)


def test_a_time_may_lie_between_a_feast_and_the_own_birthday(asking: Connection) -> None:
    # Easter of 2023 was on 9 April, the birthday on 5 March 2024.
    row = answer(asking, "How many videos did I watch between Easter and my birthday?")
    parameters = row["plan"]["parameters"]
    assert (parameters["since"][:10], parameters["until"][:10]) == ("2023-04-09", "2024-03-06")
    assert row["data"]["count"] == 2


def test_an_unknown_birthday_is_said_to_be_unknown(asking: Connection) -> None:
    assert answer(asking, "How many videos did I watch before Tom's birthday?")["answer"].startswith("I don't find in")


@pytest.mark.parametrize(("question", "first", "lines"), [
    ("Welchen Kanal habe ich 2024 am meisten geschaut und wie viele Videos davon habe ich im März 2024 geschaut?",
     "Die Woche", ["Am meisten geschaut hast du im Jahr 2024 Die Woche", "Du hast von Die Woche im März 2024 3"]),
    ("Quelle chaîne ai-je le plus regardée en 2024 et combien de vidéos de cette chaîne ai-je regardées en mars 2024 ?",
     "Die Woche", ["Ce que tu as le plus regardé en 2024", "Tu as regardé 3 vidéos de Die Woche en mars 2024"]),
    ("¿Qué canal vi más en 2024 y cuántos vídeos de ese canal vi en marzo de 2024?",
     "Die Woche", ["Lo que más viste en 2024", "Viste 3 vídeos de Die Woche en marzo de 2024"]),
])  # fmt: skip
def test_parts_of_a_question_are_answered_in_its_language(
    asking: Connection, question: str, first: str, lines: list[str]
) -> None:
    row = answer(asking, question)
    one, other = row["data"]["parts"]
    assert (row["route"], one["data"]["rows"][0]["value"], other["data"]["count"]) == ("plan", first, 3)
    told = row["answer"].splitlines()
    assert [told[0][: len(lines[0])], told[-1][: len(lines[1])]] == lines
    assert other["question"] in question
