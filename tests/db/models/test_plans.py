"""Plans that a language model writes: asked for outside of transactions, checked, run read only, accounted for."""

import json
import re
import threading

import pytest

from chat_server import Said, slowly
from cortex_items import insert_items
from datapunk_workers.embedding import EmbeddingHandler
from db.models.conftest import add

ITEMS = [
    *({"kind": "watch", "occurred_at": f"2024-03-{day:02d}T10:00:00Z", "title": f"Sourdough, part {day}",
       "attributes": {"channel": "Stone Age Kitchen"}} for day in (1, 9, 30)),
    {"kind": "event", "occurred_at": "2024-06-07T19:00:00Z", "ended_at": "2024-06-07T22:00:00Z",
     "title": "Midsummer party", "attributes": {"attendees": ["Karin Lund", "Me"], "location": "Boat house"}},
    *({"kind": "mail", "occurred_at": f"2024-06-{day:02d}T08:00:00Z", "title": f"Letter {day}", "body": "Hello.",
       "attributes": {"sender": sender, "recipient_names": ["Me"], "labels": ["Inbox"]}}
      for day, sender in ((1, "Karin Lund"), (10, "Karin Lund"), (12, "Karin Lund"), (13, "Olof Berg"))),
    {"kind": "mail", "occurred_at": "2024-05-02T08:00:00Z", "title": "Re", "body": "Hello.",
     "attributes": {"sender": "Me", "recipient_names": ["Karin Lund"], "labels": ["Sent"]}},
]  # fmt: skip
# No word of asking, and nothing that the grammar takes apart.
QUESTION = (
    "Midsummer night at the boat house: my company there, and their letters of the ten days thereafter, in numbers"
)


def entry(name, *values, role="plain", of="", days=0):
    return {"name": name, "role": role, "values": list(values), "from": of, "shift_days": days}


def step(name, subroutine, *entries, **more):
    told = {"id": name, "asks": f"the {name}", "asked": True, "subroutine": subroutine, "input": list(entries)}
    return told | {"each": "", "if_found": [], "if_empty": []} | more


COMPANY = step("company", "people", entry("kind", "event"), entry("topic", "Midsummer"), entry("present", "true"))
LETTERS = step(
    "letters", "count", entry("kind", "mail"), entry("direction", "received"), entry("person", of="company.people"),
    entry("since", of="company.until"), entry("until", of="company.until", days=10),
)  # fmt: skip
PLAN = {"steps": [COMPANY, LETTERS]}


def planner(*plans, word="Hm [1]."):
    """A model that says one thing after another where it is to plan, and words answers else."""
    left = list(plans)

    def behave(asked):
        if "You write a plan" not in asked.system:
            return Said(text=word)
        said = left.pop(0) if left else {"steps": []}
        return said if isinstance(said, Said | tuple) else Said(text=json.dumps(said), tokens=(900, 150))

    return behave


@pytest.fixture
def asking(person, worker, inference, chat):
    """A person with items, whose language model is `wise`."""
    add(person, chat, max_tokens=800)
    insert_items(person, [{**item, "attributes": json.dumps(item["attributes"])} for item in ITEMS])
    worker.execute("select set_config('datapunk.owner', 'local', false)")
    EmbeddingHandler().handle({"owner_id": "local"}, worker, inference)
    person.execute("select set_config('datapunk.now', '2024-07-01T12:00:00Z', false)")
    return person


def planning(row):
    return row["plan"]["language_model"]["planning"]


def asked_to_plan(chat):
    return [asked for asked in chat.asked if "You write a plan" in asked.system]


def test_a_question_that_the_grammar_cannot_read_is_answered_by_a_plan(asking, chat, answer):
    assert answer(QUESTION, model=None)["route"] != "plan"
    chat.behave = planner(PLAN)
    row = answer(QUESTION)
    assert (row["status"], row["error"], row["route"]) == ("succeeded", None, "plan")
    company, letters = row["data"]["parts"]
    assert [entry["value"] for entry in company["data"]["rows"]] == ["Karin Lund"]
    assert letters["data"]["count"] == 2
    assert "Karin Lund" in row["answer"]
    assert "2 mails" in row["answer"]
    assert row["plan"]["written_by"] == "wise (wise-1-0601)"
    assert planning(row)["outcome"] == "planned"
    assert planning(row)["reason"] in ("declined", "unsure", "a part may be unread")


def test_each_protocol_asks_for_the_plan_by_its_schema(asking, chat, answer):
    for protocol in ("openai", "anthropic", "gemini"):
        add(asking, chat, protocol, max_tokens=800)
        chat.behave = planner(PLAN)
        assert planning(answer(QUESTION))["outcome"] == "planned"
        asked = asked_to_plan(chat)[-1]
        assert (asked.protocol, list(asked.schema["properties"])) == (protocol, ["steps"])


def test_the_trace_tells_who_wrote_the_plan_and_the_ledger_what_it_cost(asking, chat, answer):
    chat.behave = planner(PLAN)
    row = answer(QUESTION)
    spans = asking.execute("select name, detail from gaia_trace(%s)", (row["answer_id"],)).fetchall()
    told = next(detail for name, detail in spans if name == "plan" and detail["written_by"] != "grammar")
    assert told == {"parts": ["the company", "the letters"], "written_by": "wise (wise-1-0601)"}
    assert [detail["step"] for name, detail in spans if name == "step"][-2:] == ["company", "letters"]
    asked = next(detail for name, detail in spans if name == "model" and detail["purpose"] == "plan")
    assert (asked["tokens_in"], asked["tokens_out"], asked["form"]) == (900, 150, "schema")
    usage = asking.execute(
        "select purpose, state, tokens_in, cost::float8, answer_id from usage where purpose = 'plan'"
    ).fetchall()
    assert usage == [("plan", "settled", 900, 0.0033, row["answer_id"])]


def test_the_plan_is_asked_for_in_no_transaction(database, asking, chat, answer):
    seen = []

    def look():
        with database.connect("postgres") as admin:
            seen.extend(admin.execute(
                "select state, query from pg_stat_activity where datname = current_database()"
                " and usename = 'datapunk_worker' and state like 'idle in transaction%'"
            ).fetchall())  # fmt: skip

    chat.during = look
    chat.behave = planner(PLAN)
    assert planning(answer(QUESTION))["outcome"] == "planned"
    assert seen == []


def test_no_text_of_the_lake_is_shown_to_who_plans(asking, chat, answer):
    chat.behave = planner({"steps": [step("a", "love")]}, PLAN)
    assert planning(answer(QUESTION))["answers"] == 2
    for asked in asked_to_plan(chat):
        assert asked.tools == []
        assert not re.search(r"Karin|Olof|Sourdough|Stone Age|Letter \d", asked.text)


def test_replay_runs_the_stored_plan_and_asks_nobody(asking, chat, answer):
    chat.behave = planner(PLAN)
    row = answer(QUESTION)
    before = len(chat.asked)
    again = asking.execute("select same, plan, data from gaia_replay(%s)", (row["answer_id"],)).fetchone()
    assert (again[0], again[1]["written_by"], again[2]) == (True, "wise (wise-1-0601)", row["data"])
    assert len(chat.asked) == before
    why = asking.execute("select gaia_ask('Why did you answer that?')").fetchone()[0]
    assert "wise (wise-1-0601)" in why


PEOPLE_OF_A, PEOPLE_OF_B = (entry("person", of=f"{name}.people") for name in "ab")
WRONG = {
    "no JSON": (Said(text="Let me think."), "no JSON"),
    "unknown subroutine": ({"steps": [step("a", "love_letters", entry("kind", "mail"))]}, "love_letters"),
    "forbidden subroutine": ({"steps": [step("a", "forget", entry("topic", "all"))]}, "forget"),
    "unknown input": ({"steps": [step("a", "count", entry("drop", "table"))]}, "drop"),
    "a cycle": ({"steps": [step("a", "people", PEOPLE_OF_B), step("b", "people", PEOPLE_OF_A)]}, "need each other"),
    "too many steps": ({"steps": [step(f"s{n}", "count", entry("kind", "mail")) for n in range(9)]}, "has 9 steps"),
    "two of a name": ({"steps": [step("a", "count", entry("kind", "mail"))] * 2}, "two steps 'a'"),
    "a step that is none": ({"steps": [step("a", "count", entry("person", of="b.people"))]}, "no step"),
    "a handler": ({"steps": [step("a", "count") | {"handler": "api.lake_forget"}]}, "handler"),
    "a query": ({"steps": [step("a", "select 1; drop table lake.item")]}, "drop table"),
    "cut off": (Said(text='{"steps": [', truncated=True), "cut off"),
}  # fmt: skip


def test_a_wrong_plan_is_mended_once(asking, chat, answer):
    for plan, reason in WRONG.values():
        chat.asked.clear()
        chat.behave = planner(plan, PLAN)
        row = answer(QUESTION)
        assert (planning(row)["outcome"], planning(row)["answers"]) == ("planned", 2)
        assert reason in planning(row)["refused"][0]
        assert reason in asked_to_plan(chat)[1].turns[-1][1]


def test_a_plan_that_stays_wrong_gives_way_to_the_grammar(asking, chat, answer):
    two = "How many videos did I watch in March 2024 and how many mails did I get in June 2024?"
    chat.behave = planner(*[WRONG["forbidden subroutine"][0]] * 3)
    row = answer(two, mode="deliberate")
    assert row["plan"]["written_by"] == "grammar"
    assert [part["data"]["count"] for part in row["data"]["parts"]] == [3, 4]
    assert (planning(row)["outcome"], len(planning(row)["refused"])) == ("unfit", 2)
    assert len(asked_to_plan(chat)) == 2
    spans = asking.execute("select name, detail from gaia_trace(%s)", (row["answer_id"],)).fetchall()
    assert next(detail["outcome"] for name, detail in spans if name == "planning") == "unfit"
    assert asking.execute("select count(*) from watches").fetchone() == (3,)


def test_where_nothing_can_answer_a_question_it_stays_declined(asking, chat, answer):
    chat.behave = planner({"steps": []}, word="NOT FOUND")
    row = answer("What is the capital of France?")
    assert (row["route"], planning(row)["outcome"]) == ("none", "empty")


def test_a_server_without_schemas_plans_all_the_same(asking, chat, answer):
    def behave(asked):
        if asked.schema:
            return 400, {}, {"error": {"message": "response_format is not supported"}}
        return planner(PLAN)(asked)

    chat.behave = behave
    row = answer(QUESTION)
    assert (row["route"], planning(row)["form"]) == ("plan", "json")
    usage = asking.execute("select state from usage where purpose = 'plan' order by usage_id").fetchall()
    assert usage == [("released",), ("settled",)]
    add(asking, chat, max_tokens=800, structured="text")
    chat.asked.clear()
    assert planning(answer(QUESTION))["form"] == "text"
    assert "response_format" not in asked_to_plan(chat)[0].body


def test_a_model_that_takes_too_long_to_plan_gives_way_to_the_grammar(asking, chat, answer):
    add(asking, chat, max_tokens=800, timeout_s=1)
    ended = threading.Event()
    slow = slowly(10, ended)
    chat.behave = lambda asked: slow(asked) if "You write a plan" in asked.system else Said(text="NOT FOUND")
    row = answer(QUESTION, mode="deliberate")
    ended.set()
    assert (row["status"], planning(row)["outcome"], planning(row)["sqlstate"]) == ("succeeded", "failed", "57P05")


def test_a_plan_that_the_budget_does_not_allow_is_not_asked_for(database, asking, chat, answer):
    asking.execute("select gaia_budget('day', tokens => 2500)")
    chat.behave = planner(PLAN, word="NOT FOUND")
    row = answer(QUESTION)
    assert (planning(row)["outcome"], planning(row)["sqlstate"]) == ("failed", "53400")
    assert asked_to_plan(chat) == []


def test_who_wants_no_plans_gets_none(asking, chat, answer):
    chat.behave = planner(PLAN)
    assert "planning" not in answer(QUESTION, mode="fast")["plan"]["language_model"]
    asking.execute("select gaia_policy('{\"plans\": false}')")
    assert "planning" not in answer(QUESTION)["plan"]["language_model"]
    assert asked_to_plan(chat) == []


def test_a_question_that_is_read_with_certainty_needs_no_plan(asking, chat, answer):
    row = answer("How many mails did I get in June 2024?")
    assert (row["data"]["count"], asked_to_plan(chat)) == (4, [])


def test_own_subroutines_are_called_where_the_owner_allows_it_and_write_nothing(database, asking, chat, answer):
    with database.connect("postgres") as admin:
        admin.execute(
            "create function public.scribble(p jsonb) returns jsonb language plpgsql as"
            " $$ begin insert into gaia.note (text) values ('written'); return '{\"count\": 1}'; end $$"
        )
        admin.execute("grant execute on function public.scribble(jsonb) to datapunk_user")
    asking.execute("select gaia_register('scribble', 'public.scribble', 'Scribbles.', array['scribble something'])")
    plan = {"steps": [step("a", "scribble"), step("b", "count", entry("kind", "mail"))]}
    chat.behave = planner(plan, plan)
    assert planning(answer(QUESTION))["outcome"] == "unfit"
    asking.execute('select gaia_policy(\'{"tools": ["scribble"]}\')')
    chat.behave = planner(plan)
    row = answer(QUESTION)
    assert [(part["status"], part["data"].get("count")) for part in row["data"]["parts"]] == [
        ("failed", None),
        ("done", 5),
    ]
    assert "25006" in json.dumps(row["plan"]["results"]["a"])
    assert asking.execute("select count(*) from gaia.note").fetchone() == (0,)
    row = asking.execute("select plan from gaia_replay(%s)", (row["answer_id"],)).fetchone()[0]
    assert row["results"]["a"]["sqlstate"] == "25006"
    assert asking.execute("select count(*) from gaia.note").fetchone() == (0,)


def test_a_plan_sees_the_rows_of_who_asks(database, asking, chat, answer):
    with database.connect(owner="bea") as bea:
        bea.execute("insert into lake.item (kind, source, title, content_hash) values ('mail', 'test', 'of bea', 'b')")
        bea.execute("set role datapunk_user")
        chat.behave = planner({"steps": [step("mails", "count", entry("kind", "mail"))]})
        row = answer("the mails, in numbers, please", asker=bea, mode="deliberate")
    assert (row["plan"]["written_by"], row["data"]["count"]) == ("wise (wise-1-0601)", 1)


def test_a_stored_plan_that_was_tampered_with_calls_nothing_more(database, asking, chat, answer):
    chat.behave = planner(PLAN)
    row = answer(QUESTION)
    asking.execute(
        "update gaia.answer set plan = jsonb_set(plan, '{steps,0,subroutine}', '\"forget\"') where id = %s",
        (row["answer_id"],),
    )
    with pytest.raises(Exception, match="unknown subroutine"):
        asking.execute("select * from gaia_replay(%s)", (row["answer_id"],))


def test_a_question_in_another_language_is_answered_in_it(asking, chat, answer):
    chat.behave = planner({"steps": [
        step("filme", "count", entry("kind", "watch"), entry("time", "in March 2024"), asks="Filme im März 2024"),
        step("post", "count", entry("kind", "mail"), entry("person", "Karn Lund"), asks="Post von Karin"),
    ]})  # fmt: skip
    row = answer("Filme im März 2024, Post von Karin: bitte zählen", mode="deliberate")
    assert [part["data"]["count"] for part in row["data"]["parts"]] == [3, 4]
    assert row["answer"].startswith("Du hast")
