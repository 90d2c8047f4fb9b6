import json
import threading
import time

import pytest

from chat_server import Said, chatting, slowly
from datapunk.errors import InvalidArgument
from datapunk.inference.chat import (
    ChatClient,
    ChatModel,
    ChatRequest,
    Message,
    ToolCall,
    ToolSpec,
    Unfit,
    complete_json,
)
from datapunk.inference.chat import errors as wrong

PROTOCOLS = ("openai", "anthropic", "gemini")
COUNT = ToolSpec(
    name="count", description="Counts.", parameters={"type": "object", "properties": {"kind": {"type": "string"}}}
)
QUESTION = ChatRequest(system="Be short.", messages=(Message(role="user", text="How many?"),), max_tokens=50)


@pytest.fixture
def chat():
    with chatting() as server:
        yield server


@pytest.fixture(params=PROTOCOLS)
def protocol(request):
    return request.param


@pytest.fixture
def client(chat, protocol):
    return client_of(chat, protocol)


def client_of(chat, protocol="openai", *, stop=None, **more):
    model = ChatModel(
        name="wise",
        protocol=protocol,
        base_url=chat.url(protocol),
        model="wise-1",
        secret="sesame",
        timeout_s=5,
        **more,
    )
    return ChatClient(model, stop=stop or threading.Event())


def refusing(status, body, headers=None):
    return lambda asked: (status, headers or {}, body)


def test_a_question_is_asked_in_the_form_of_each_protocol(chat, client, protocol):
    chat.behave = lambda asked: Said(text="Twelve.", tokens=(31, 7))
    reply = client.ask(QUESTION)
    assert (reply.text, reply.calls, reply.model) == ("Twelve.", (), "wise-1-0601")
    assert (reply.usage.tokens_in, reply.usage.tokens_out) == (31, 7)
    asked = chat.asked[0]
    assert (asked.system, asked.turns, asked.max_tokens) == ("Be short.", [("user", "How many?")], 50)
    header = {"openai": "authorization", "anthropic": "x-api-key", "gemini": "x-goog-api-key"}[protocol]
    assert asked.headers[header].endswith("sesame")


def test_tools_are_asked_for_and_their_results_go_back(chat, client):
    chat.behave = lambda asked: (
        Said(text="Twelve.") if len(asked.turns) > 1
        else Said(calls=(("count", {"kind": "mail"}), ("count", {"kind": "watch"})))
    )  # fmt: skip
    request = ChatRequest(system="s", messages=QUESTION.messages, max_tokens=50, tools=(COUNT,))
    first = client.ask(request)
    assert [(c.name, dict(c.arguments)) for c in first.calls] == [
        ("count", {"kind": "mail"}), ("count", {"kind": "watch"})
    ]  # fmt: skip
    assert chat.asked[0].tools == ["count"]
    results = tuple(Message(role="tool", text='{"count": 12}', call_id=c.id, name=c.name) for c in first.calls)
    said = Message(role="assistant", text=first.text, calls=first.calls)
    messages = (*request.messages, said, *results)
    again = client.ask(ChatRequest(system="s", messages=messages, max_tokens=50, tools=(COUNT,)))
    assert again.text == "Twelve."
    assert '"count": 12' in chat.asked[1].turns[-1][1]


def test_an_answer_that_ends_at_its_bound_says_so(chat, client):
    chat.behave = lambda asked: Said(text="Twel", truncated=True)
    assert client.ask(QUESTION).truncated


@pytest.mark.parametrize(
    ("status", "kind", "sqlstate"),
    [
        (401, wrong.KeyRefused, "DP002"), (403, wrong.KeyRefused, "DP002"), (404, wrong.ModelUnknown, "DP020"),
        (402, wrong.LimitReached, "53400"), (500, wrong.ModelUnavailable, "DP001"),
        (529, wrong.ModelUnavailable, "DP001"),
        (504, wrong.TimedOut, "57P05"), (413, wrong.ContextTooLong, "54000"), (422, wrong.AnswerUnusable, "DP032"),
        (301, wrong.AnswerUnusable, "DP032"),
    ],
)  # fmt: skip
def test_failures_are_told_apart(chat, protocol, status, kind, sqlstate, monkeypatch):
    monkeypatch.setattr("datapunk.inference.chat.client._FIRST_PAUSE_S", 0.01)
    chat.behave = refusing(status, {"error": {"message": "no"}}, {"Location": "http://127.0.0.1:1/"})
    with pytest.raises(kind) as caught:
        client_of(chat, protocol).ask(QUESTION)
    assert caught.value.sqlstate == sqlstate
    assert caught.value.hint
    assert "sesame" not in f"{caught.value} {caught.value.hint}"
    # Only what may succeed is tried again.
    assert len(chat.asked) == (3 if kind is wrong.ModelUnavailable else 1)


@pytest.mark.parametrize(
    ("protocol", "body", "kind"),
    [
        ("openai", {"error": {"message": "This model's maximum context length is 4096 tokens", "code": None}},
         wrong.ContextTooLong),
        ("openai", {"error": {"message": "x", "code": "context_length_exceeded"}}, wrong.ContextTooLong),
        ("openai", {"error": {"message": "x", "type": "exceed_context_size_error"}}, wrong.ContextTooLong),
        ("openai", {"error": {"message": "x", "code": "content_filter"}}, wrong.ContentRefused),
        ("openai", {"error": "model is busy"}, wrong.AnswerUnusable),
        ("anthropic", {"error": {"type": "invalid_request_error", "message": "prompt is too long: 9 > 5"}},
         wrong.ContextTooLong),
        ("anthropic", {"error": {"type": "billing_error", "message": "no credit"}}, wrong.LimitReached),
        ("gemini", {"error": {"message": "key", "details": [{"reason": "API_KEY_INVALID"}]}}, wrong.KeyRefused),
        ("gemini", {"error": {"message": "The input token count (9) exceeds the maximum number of tokens allowed (5)"}},
         wrong.ContextTooLong),
    ],
)  # fmt: skip
def test_a_bad_request_is_told_by_what_the_provider_says(chat, protocol, body, kind):
    chat.behave = refusing(400, body)
    with pytest.raises(kind):
        client_of(chat, protocol).ask(QUESTION)


@pytest.mark.parametrize(
    ("protocol", "body"),
    [
        ("openai", {"choices": [{"message": {"refusal": "I will not"}, "finish_reason": "stop"}]}),
        ("openai", {"choices": [{"message": {"content": ""}, "finish_reason": "content_filter"}]}),
        ("anthropic", {"content": [], "stop_reason": "refusal"}),
        ("gemini", {"promptFeedback": {"blockReason": "SAFETY"}}),
        ("gemini", {"candidates": [{"finishReason": "SAFETY"}]}),
    ],
)
def test_a_refusal_to_answer_is_an_error_of_its_own(chat, protocol, body):
    chat.behave = refusing(200, body)
    with pytest.raises(wrong.ContentRefused):
        client_of(chat, protocol).ask(QUESTION)


@pytest.mark.parametrize("body", [[], {}, {"choices": {}}, {"choices": [{"message": {"content": 5}}]}, b"<html>"])
def test_an_answer_of_another_form_is_unusable(chat, body):
    chat.behave = refusing(200, body)
    with pytest.raises(wrong.AnswerUnusable):
        client_of(chat).ask(QUESTION)


def test_a_short_pause_is_waited_for_and_a_long_one_is_told(chat):
    answers = iter([(429, {"Retry-After": "0.2"}, {}), Said(text="Twelve.")])
    chat.behave = lambda asked: next(answers)
    began = time.monotonic()
    assert client_of(chat).ask(QUESTION).text == "Twelve."
    assert time.monotonic() - began >= 0.2
    chat.behave = refusing(429, {"error": {"message": "slow down"}}, {"Retry-After": "600"})
    with pytest.raises(wrong.LimitReached) as caught:
        client_of(chat).ask(QUESTION)
    assert "600 s" in caught.value.hint
    assert len(chat.asked) == 3


def test_gemini_says_in_the_body_how_long_to_wait(chat):
    chat.behave = refusing(429, {"error": {"message": "quota", "details": [{"retryDelay": "41s"}]}})
    with pytest.raises(wrong.LimitReached) as caught:
        client_of(chat, "gemini").ask(QUESTION)
    assert caught.value.retry_after == 41


def test_a_model_that_takes_too_long_is_given_up_once(chat):
    ended = threading.Event()
    chat.behave = slowly(10, ended)
    model = ChatModel(name="wise", protocol="openai", base_url=chat.url("openai"), model="wise-1", timeout_s=0.5)
    with pytest.raises(wrong.TimedOut):
        ChatClient(model, stop=threading.Event()).ask(QUESTION)
    ended.set()
    assert len(chat.asked) == 1


def test_who_cancels_does_not_wait_and_the_connection_is_closed(chat):
    ended, stop = threading.Event(), threading.Event()
    chat.behave = slowly(10, ended)
    threading.Timer(0.3, stop.set).start()
    began = time.monotonic()
    with pytest.raises(wrong.CallCancelled):
        client_of(chat, stop=stop).ask(QUESTION)
    assert time.monotonic() - began < 3
    ended.set()
    until = time.monotonic() + 5
    while not chat.abandoned:
        assert time.monotonic() < until
        time.sleep(0.02)


def test_a_provider_that_is_away_is_tried_again_and_told(monkeypatch):
    monkeypatch.setattr("datapunk.inference.chat.client._FIRST_PAUSE_S", 0.01)
    model = ChatModel(name="wise", protocol="openai", base_url="http://127.0.0.1:9/v1", model="m", timeout_s=2)
    with pytest.raises(wrong.ModelUnavailable):
        ChatClient(model, stop=threading.Event()).ask(QUESTION)


SCHEMA = {
    "type": "object", "properties": {"steps": {"type": "array", "items": {"type": "string"}, "minItems": 1}},
    "required": ["steps"], "additionalProperties": False,
}  # fmt: skip


def test_json_is_asked_for_by_schema_and_checked(chat, client):
    chat.behave = lambda asked: Said(text=json.dumps({"steps": ["count"]}))
    done = complete_json(client.ask, QUESTION, SCHEMA, dict)
    assert (done.value, done.answers, done.form) == ({"steps": ["count"]}, 1, "schema")
    assert chat.asked[0].schema == SCHEMA


def test_json_that_does_not_fit_goes_back_once_with_the_reason(chat, client):
    answers = iter(['{"steps": []}', '```json\n{"steps": ["count"]}\n```'])
    chat.behave = lambda asked: Said(text=next(answers))
    done = complete_json(client.ask, QUESTION, SCHEMA, dict)
    assert (done.value, len(done.refused)) == ({"steps": ["count"]}, 1)
    assert "does not fit" in chat.asked[1].turns[-1][1]


def test_what_the_schema_cannot_tell_goes_back_too(chat, client):
    def read(value):
        if value["steps"] == ["forget"]:
            raise InvalidArgument("forget is not offered", hint="There is: count.")
        return value["steps"]

    answers = iter(['{"steps": ["forget"]}', '{"steps": ["count"]}'])
    chat.behave = lambda asked: Said(text=next(answers))
    assert complete_json(client.ask, QUESTION, SCHEMA, read).value == ["count"]
    assert "forget is not offered. There is: count." in chat.asked[1].turns[-1][1]


@pytest.mark.parametrize("text", ["no JSON", "[1]", '{"steps": "count"}', '{"steps": ["a"], "more": 1}', "[" * 100_000])
def test_json_that_never_fits_is_an_error(chat, text):
    chat.behave = lambda asked: Said(text=text)
    with pytest.raises(Unfit) as caught:
        complete_json(client_of(chat).ask, QUESTION, SCHEMA, dict)
    assert (len(chat.asked), len(caught.value.refused)) == (2, 2)


def refuses_schemas(asked):
    """A server that does not know how to hold a model to a schema."""
    if asked.schema:
        return 400, {}, {"error": {"message": "unknown field", "type": "invalid_request_error"}}
    if asked.tools:
        return Said(calls=((asked.tools[0], {"steps": ["count"]}),))
    return Said(text='<think>Hm. {}</think>{"steps": ["count"]}')


def test_a_server_that_takes_no_schema_is_asked_for_json_and_reads_the_schema(chat, client, protocol):
    chat.behave = refuses_schemas
    done = complete_json(client.ask, QUESTION, SCHEMA, dict)
    assert (done.value, done.answers, done.form) == ({"steps": ["count"]}, 1, "json")
    body, text = chat.asked[1].body, chat.asked[1].text
    assert json.dumps(SCHEMA) in text
    form = {
        "openai": body.get("response_format") == {"type": "json_object"},
        "anthropic": body.get("tool_choice") == {"type": "tool", "name": "answer"},
        "gemini": body.get("generationConfig", {}).get("responseMimeType") == "application/json",
    }
    assert form[protocol]


def test_a_server_that_knows_no_forms_at_all_is_asked_in_words(chat):
    def behave(asked):
        if "response_format" in asked.body:
            return 422, {}, {"error": {"message": "unknown field response_format"}}
        return Said(text='{"steps": ["count"]}')

    chat.behave = behave
    assert complete_json(client_of(chat).ask, QUESTION, SCHEMA, dict).form == "text"
    assert len(chat.asked) == 3


def test_a_request_that_is_refused_in_any_form_is_an_error(chat, client):
    chat.behave = refusing(400, {"error": {"message": "no"}})
    with pytest.raises(wrong.RequestRefused):
        complete_json(client.ask, QUESTION, SCHEMA, dict)


@pytest.mark.parametrize("schema", [{"type": "nothing"}, {"$ref": "http://127.0.0.1:1/x"}])
def test_a_schema_that_is_none_or_lies_elsewhere_is_refused(chat, schema):
    with pytest.raises(InvalidArgument):
        complete_json(client_of(chat).ask, QUESTION, schema, dict)
    assert chat.asked == []


def test_a_call_knows_its_arguments_as_text_or_object():
    from datapunk.inference.chat.openai import OpenAIChat

    function = {"name": "count", "arguments": {"kind": "mail"}}
    answer = {"choices": [{"message": {"tool_calls": [{"id": "1", "function": function}]}}]}
    assert OpenAIChat().reply(answer).calls == (ToolCall(id="1", name="count", arguments={"kind": "mail"}),)
