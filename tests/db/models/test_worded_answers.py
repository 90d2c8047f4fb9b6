"""Answers that a language model words: asked outside of transactions, checked, accounted for."""

import json
import threading
import time

import psycopg
import pytest

from chat_server import Said, slowly
from datapunk_workers.answering import AnswerHandler
from datapunk_workers.queue import RetryLater
from db.models.conftest import NOTE, QUESTION, add, work

GOOD = "Jonas recommended setting 2.4 for light roast [1]."


def test_an_answer_is_worded_checked_and_kept_with_tokens_and_cost(person, items, chat, answer):
    chat.behave = lambda asked: Said(text=GOOD, tokens=(1000, 100))
    row = answer()
    assert (row["status"], row["error"], row["answer"]) == ("succeeded", None, GOOD)
    assert [c["item_id"] for c in row["citations"]] == [items[0]]
    told = row["plan"]["language_model"]
    assert (told["outcome"], told["tokens_in"], told["tokens_out"], told["cost"]) == ("worded", 1000, 100, 0.003)
    usage = person.execute(
        "select provider, purpose, state, tokens_in, tokens_out, cost::float8, job_id, answer_id from usage"
    ).fetchall()
    assert usage == [("wise", "answer", "settled", 1000, 100, 0.003, row["job_id"], row["answer_id"])]
    spans = person.execute("select name, detail from gaia_trace(%s)", (row["answer_id"],)).fetchall()
    assert [name for name, _ in spans] == ["gather", "route", "understand", "run", "compose", "model", "check"]
    assert spans[5][1]["tokens_in"] == 1000


@pytest.mark.parametrize("protocol", ["anthropic", "gemini"])
def test_the_other_protocols_serve_as_well(person, items, chat, answer, protocol):
    add(person, chat, protocol)
    chat.behave = lambda asked: Said(text=GOOD)
    assert answer()["answer"] == GOOD
    assert chat.asked[0].protocol == protocol


def test_the_model_gets_passages_as_fenced_lines_and_no_tools(items, chat, answer):
    answer()
    asked = chat.asked[0]
    ((role, turn),) = asked.turns
    lines = turn.split("\n")
    begin = next(n for n, line in enumerate(lines) if line.startswith("BEGIN-"))
    end = lines.index(lines[begin].replace("BEGIN", "END"))
    passages = [json.loads(line) for line in lines[begin + 1 : end]]
    assert "setting 2.4" in next(p["text"] for p in passages if p.get("n") == 1)
    assert lines[end + 2] == f"The question: {QUESTION}"
    assert (role, asked.tools) == ("user", [])


def test_what_no_passage_supports_is_marked_or_removed(person, items, chat, answer):
    chat.behave = lambda asked: Said(text=f"{GOOD} Setting 7.5 is for filter [1]. Bananas grow in Ecuador [1].")
    row = answer()
    assert row["answer"] == f"{GOOD} Setting 7.5 is for filter [?]. Bananas grow in Ecuador [?]."
    assert len(row["plan"]["language_model"]["unsupported"]) == 2
    person.execute('select gaia_policy(\'{"unsupported": "remove"}\')')
    assert answer()["answer"] == GOOD


def test_numbers_of_passages_that_are_not_there_support_nothing(items, chat, answer):
    chat.behave = lambda asked: Said(text=f"{GOOD} Take 1.9 for medium roast [9].")
    assert answer()["answer"].endswith("Take 1.9 for medium roast [?].")


def test_an_answer_without_support_gives_way_to_the_one_made_without_a_model(items, chat, answer):
    chat.behave = lambda asked: Said(text="Bananas grow in Ecuador [1].")
    row = answer()
    assert row["plan"]["language_model"]["outcome"] == "unsupported"
    assert "setting 2.4" in row["answer"]
    assert row["citations"][0]["item_id"] == items[0]
    chat.behave = lambda asked: Said(text="NOT FOUND")
    assert answer()["plan"]["language_model"]["outcome"] == "not found"


def test_figures_of_a_subroutine_may_be_cited_as_data(items, chat, answer):
    chat.behave = lambda asked: Said(text="You got 1 mail in 2024 [data].")
    row = answer("How many mails did I get in 2024?")
    assert (row["answer"], row["data"]["count"]) == ("You got 1 mail in 2024.", 1)
    chat.behave = lambda asked: Said(text="You got 5 mails in 2024 [data].")
    assert answer("How many mails did I get in 2024?")["plan"]["language_model"]["outcome"] == "unsupported"


def test_no_transaction_is_open_while_the_model_writes(database, items, chat, answer):
    seen = []

    def look():
        time.sleep(0.6)
        with database.connect("postgres") as admin:
            seen.extend(admin.execute(
                "select state, xact_start, query from pg_stat_activity where datname = current_database()"
                " and usename = 'datapunk_worker' and (state like 'idle in transaction%'"
                " or xact_start < clock_timestamp() - interval '0.4 s')"
            ).fetchall())  # fmt: skip

    chat.during = look
    chat.behave = lambda asked: Said(text=GOOD)
    assert answer()["status"] == "succeeded"
    assert (len(chat.asked), seen) == (1, [])


def test_a_language_model_is_refused_where_a_transaction_would_wait(person, chat):
    for statement in ("select gaia_ask('x', %s)", "select * from gaia_answer('x', %s)"):
        with pytest.raises(psycopg.errors.InvalidParameterValue) as caught:
            person.execute(statement, ('{"model": "wise"}',))
        assert "gaia_ask_async" in caught.value.diag.message_hint
    assert chat.asked == []


def test_the_policy_names_the_model_of_the_background(person, items, chat, answer):
    chat.behave = lambda asked: Said(text=GOOD)
    assert answer(model=None)["answer"] != GOOD
    assert chat.asked == []
    person.execute('select gaia_policy(\'{"model": "wise"}\')')
    assert answer(model=None)["answer"] == GOOD
    # A question that names its subroutine wants that one's answer.
    answer(model=None, subroutine="search")
    assert len(chat.asked) == 1


def test_a_model_that_fails_is_an_error_where_it_was_asked_for_and_none_where_it_is_the_default(
    person, items, chat, answer
):
    chat.behave = lambda asked: (401, {}, {"error": {"message": "who are you"}})
    row = answer()
    assert (row["status"], row["sqlstate"]) == ("failed", "DP002")
    assert "secret" in row["hint"]
    person.execute('select gaia_policy(\'{"model": "wise"}\')')
    row = answer(model=None)
    assert row["status"] == "succeeded"
    assert "setting 2.4" in row["answer"]
    assert row["plan"]["language_model"]["sqlstate"] == "DP002"
    assert person.execute("select distinct state, cost from usage").fetchall() == [("released", 0)]


def test_why_a_model_did_not_answer_stands_with_the_provider_until_it_does(person, items, chat, answer):
    chat.behave = lambda asked: (401, {}, {"error": {"message": "who are you"}})
    answer()
    told = "select failures, error from providers where name = 'wise'"
    failures, error = person.execute(told).fetchone()
    assert (failures, "DP002" in error) == (1, True)
    chat.behave = lambda asked: Said(text=GOOD)
    answer()
    assert person.execute(told).fetchone() == (0, None)


def test_without_its_secret_a_model_is_not_asked(person, items, chat, answer, monkeypatch):
    add(person, chat, secret="WISE_KEY")
    row = answer()
    assert (row["status"], row["sqlstate"]) == ("failed", "DP002")
    assert chat.asked == []
    monkeypatch.setenv("DATAPUNK_SECRET_WISE_KEY", "sesame")
    answer()
    assert chat.asked[0].headers["authorization"] == "Bearer sesame"


def test_orders_to_gaia_are_carried_out_without_a_model(person, items, chat, answer):
    row = answer("Remember that my locker code is 4411.")
    assert (row["route"], chat.asked) == ("remember", [])
    assert person.execute("select count(*) from notes_to_gaia").fetchone() == (1,)


def test_who_cancels_gets_no_answer_and_the_request_ends(database, person, worker, inference, items, chat):
    ended = threading.Event()
    chat.behave = slowly(20, ended)
    chat.during = lambda: threading.Timer(0.3, cancel).start()
    job_id = person.execute('select gaia_ask_async(%s, \'{"model": "wise"}\')', (QUESTION,)).fetchone()[0]

    def cancel():
        with database.connect() as other:
            other.execute("select gaia_cancel(%s)", (job_id,))

    began = time.monotonic()
    work(database, worker, inference, job_id)
    ended.set()
    assert time.monotonic() - began < 10
    assert person.execute("select status, sqlstate, answer_id from gaia_result(%s)", (job_id,)).fetchone() == (
        "cancelled", "57014", None
    )  # fmt: skip
    # It may have worked on it, so what was reserved stays counted.
    assert person.execute("select state, error, tokens_out from usage").fetchone() == ("settled", "57014", 200)


def test_an_answer_is_replayed_by_its_route_and_figures(person, items, chat, answer):
    chat.behave = lambda asked: Said(text=GOOD)
    row = answer()
    assert person.execute("select same from gaia_replay(%s)", (row["answer_id"],)).fetchone() == (True,)


def test_a_model_that_reads_little_gets_less(person, items, chat, answer):
    add(person, chat, context_tokens=700)
    answer()
    assert len(json.dumps(chat.asked[0].body)) / 3 + 200 <= 700
    assert NOTE["body"] not in chat.asked[0].text


def test_a_worker_that_is_to_end_gives_the_question_back(database, person, worker, inference, items, chat):
    ended, stop = threading.Event(), threading.Event()
    chat.behave = slowly(20, ended)
    chat.during = lambda: threading.Timer(0.2, stop.set).start()
    job_id = person.execute('select gaia_ask_async(%s, \'{"model": "wise"}\')', (QUESTION,)).fetchone()[0]
    worker.execute("select set_config('datapunk.owner', 'local', false)")
    handler = AnswerHandler(database.dsn("datapunk_worker"), "a test", stop, lease_s=1)
    again = handler.handle({"task_id": job_id, "owner_id": "local"}, worker, inference)
    ended.set()
    assert isinstance(again, RetryLater)
    assert person.execute("select status from gaia_result(%s)", (job_id,)).fetchone() == ("running",)
    chat.behave, chat.during = lambda asked: Said(text=GOOD), lambda: None
    time.sleep(1)
    assert work(database, worker, inference, job_id) is None
    assert person.execute("select status from gaia_result(%s)", (job_id,)).fetchone() == ("succeeded",)


def test_the_model_is_told_what_was_said_before_in_the_conversation(person, items, chat, answer):
    first = person.execute("select conversation_id::text from gaia_answer(%s)", (QUESTION,)).fetchone()
    answer(conversation_id=first[0])
    lines = chat.asked[0].turns[0][1].split("\n")
    told = [json.loads(line)["earlier"] for line in lines if line.startswith('{"earlier"')]
    assert [turn["question"] for turn in told] == [QUESTION]
