"""A server that speaks the chat of OpenAI, Anthropic and Gemini, and checks requests by their published forms.

It misbehaves when it is told to.
"""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Raw = tuple[int, dict[str, str], Any]


class WrongForm(Exception):
    """A request that the vendor would refuse."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request, whatever its protocol."""

    protocol: str
    system: str
    turns: list[tuple[str, str]]
    tools: list[str]
    schema: dict[str, Any] | None
    max_tokens: int
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def text(self) -> str:
        return "\n".join([self.system, *(text for _, text in self.turns)])


@dataclass(frozen=True, kw_only=True)
class Said:
    """What the model says, and the tools that it asks for."""

    text: str = ""
    calls: tuple[tuple[str, dict[str, Any]], ...] = ()
    tokens: tuple[int, int] = (100, 20)
    truncated: bool = False


@dataclass(kw_only=True)
class ChatServer:
    """`behave` answers; `asked` holds what came; `abandoned` counts the clients that went away while they waited."""

    behave: Callable[[Asked], Said | Raw] = lambda asked: Said(text="Hello.")
    asked: list[Asked] = field(default_factory=list)
    during: Callable[[], None] = lambda: None
    abandoned: int = 0
    root: str = ""

    def url(self, protocol: str) -> str:
        return self.root + {"openai": "/v1", "anthropic": "/v1", "gemini": "/v1beta"}[protocol]

    def options(self, protocol: str = "openai", **more: Any) -> dict[str, Any]:
        return {"protocol": protocol, "base_url": self.url(protocol), "model": "wise-1", **more}


def _require(holds: bool, what: str) -> None:
    if not holds:
        raise WrongForm(what)


def _require_strict(schema: Any, *, is_all_required: bool) -> None:
    """What schemas may say that a model is held to while it writes, by the vendors' documentation."""
    for part in _parts(schema):
        if part.get("type") == "object":
            _require(part.get("additionalProperties") is False, "an object that is open")
            is_listed = set(part.get("required", ())) == set(part.get("properties", ()))
            _require(is_listed or not is_all_required, "a field that is not required")
        wrong = {"oneOf", "prefixItems", "propertyNames", "not", "if", "minLength", "maxLength", "maxItems", "minimum",
                 "maximum", "$ref"} & part.keys()  # fmt: skip
        _require(not wrong, f"keywords {sorted(wrong)}")


def _parts(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        yield schema
        inner = [*schema.get("properties", {}).values(), schema.get("items"), *schema.get("anyOf", ())]
        for part in inner:
            yield from _parts(part)


def _openai(path: str, headers: dict[str, str], body: dict[str, Any]) -> Asked:
    _require(path == "/v1/chat/completions", f"no such path: {path}")
    _require(not body.keys() - {"model", "messages", "max_tokens", "max_completion_tokens", "tools", "tool_choice",
                                "response_format", "temperature"}, f"unknown field in {sorted(body)}")  # fmt: skip
    turns, system = [], ""
    waiting: set[str] = set()
    for message in body["messages"]:
        role = message["role"]
        _require(role in ("system", "user", "assistant", "tool"), f"role {role}")
        if role == "tool":
            _require(message["tool_call_id"] in waiting, "a result without its call")
            waiting.discard(message["tool_call_id"])
        else:
            _require(not waiting, "calls without results")
        for call in message.get("tool_calls", ()):
            _require(call["type"] == "function", "type of a call")
            json.loads(call["function"]["arguments"])
            waiting.add(call["id"])
        if role == "system":
            system = message["content"]
        else:
            turns.append((role, message["content"] or ""))
    for tool in body.get("tools", ()):
        _require(tool["type"] == "function" and tool["function"]["parameters"]["type"] == "object", "form of a tool")
    schema = None
    if form := body.get("response_format"):
        _require(form["type"] in ("json_schema", "json_object"), "response_format")
        if form["type"] == "json_schema":
            schema = form["json_schema"]["schema"]
            _require(form["json_schema"]["name"].isidentifier(), "name of a schema")
            _require_strict(schema, is_all_required=form["json_schema"]["strict"])
        else:
            _require("JSON" in system + str(turns), "the word JSON")
    return Asked(
        protocol="openai", system=system, turns=turns, tools=[t["function"]["name"] for t in body.get("tools", ())],
        schema=schema, max_tokens=body.get("max_tokens") or body["max_completion_tokens"], headers=headers, body=body,
    )  # fmt: skip


def _anthropic(path: str, headers: dict[str, str], body: dict[str, Any]) -> Asked:
    _require(path == "/v1/messages", f"no such path: {path}")
    _require(headers.get("anthropic-version") == "2023-06-01", "no anthropic-version")
    _require(not body.keys() - {"model", "messages", "max_tokens", "system", "tools", "tool_choice", "output_config",
                                "temperature"}, f"unknown field in {sorted(body)}")  # fmt: skip
    turns: list[tuple[str, str]] = []
    waiting: set[str] = set()
    for message in body["messages"]:
        _require(message["role"] in ("user", "assistant"), "role")
        _require(not turns or turns[-1][0] != message["role"], "roles must alternate")
        given = {b["tool_use_id"] for b in message["content"] if b["type"] == "tool_result"}
        _require(given == waiting, "each tool_use needs its tool_result in the next message")
        waiting = {b["id"] for b in message["content"] if b["type"] == "tool_use"}
        turns.append((message["role"], "\n".join(b.get("text") or b.get("content") or "" for b in message["content"])))
    for tool in body.get("tools", ()):
        _require(tool["input_schema"]["type"] == "object", "form of a tool")
    schema = None
    if output := body.get("output_config"):
        _require(output["format"]["type"] == "json_schema", "output_config")
        schema = output["format"]["schema"]
        _require_strict(schema, is_all_required=False)
    return Asked(
        protocol="anthropic", system=body["system"], turns=turns, tools=[t["name"] for t in body.get("tools", ())],
        schema=schema, max_tokens=body["max_tokens"], headers=headers, body=body,
    )  # fmt: skip


def _gemini(path: str, headers: dict[str, str], body: dict[str, Any]) -> Asked:
    _require(path == "/v1beta/models/wise-1:generateContent", f"no such path: {path}")
    _require(
        not body.keys() - {"contents", "systemInstruction", "tools", "toolConfig", "generationConfig"}, "unknown field"
    )
    turns: list[tuple[str, str]] = []
    for content in body["contents"]:
        _require(content["role"] in ("user", "model"), "role")
        _require(
            all(len(p.keys() & {"text", "functionCall", "functionResponse"}) == 1 for p in content["parts"]), "part"
        )
        for part in content["parts"]:
            if call := part.get("functionCall"):
                _require(part.get("thoughtSignature") == f"signed {call['name']}", "a call without its signature")
        turns.append((content["role"], "\n".join(
            p.get("text") or json.dumps(p.get("functionResponse", {}).get("response", {})) for p in content["parts"]
        )))  # fmt: skip
    generation = body["generationConfig"]
    tools = [f["name"] for t in body.get("tools", ()) for f in t["functionDeclarations"]]
    if "responseJsonSchema" in generation:
        _require(generation["responseMimeType"] == "application/json", "responseMimeType")
    return Asked(
        protocol="gemini", system=body["systemInstruction"]["parts"][0]["text"], turns=turns, tools=tools,
        schema=generation.get("responseJsonSchema"), max_tokens=generation["maxOutputTokens"], headers=headers,
        body=body,
    )  # fmt: skip


def _as_openai(said: Said) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": said.text or None}
    if said.calls:
        message["tool_calls"] = [
            {"id": f"call_{n}", "type": "function", "function": {"name": name, "arguments": json.dumps(arguments)}}
            for n, (name, arguments) in enumerate(said.calls)
        ]
    reason = "tool_calls" if said.calls else "length" if said.truncated else "stop"
    return {
        "id": "chatcmpl-1", "object": "chat.completion", "model": "wise-1-0601",
        "choices": [{"index": 0, "message": message, "finish_reason": reason}],
        "usage": {"prompt_tokens": said.tokens[0], "completion_tokens": said.tokens[1]},
    }  # fmt: skip


def _as_anthropic(said: Said) -> dict[str, Any]:
    blocks: list[dict[str, Any]] = [{"type": "text", "text": said.text}] if said.text else []
    blocks += [
        {"type": "tool_use", "id": f"toolu_{n}", "name": name, "input": arguments}
        for n, (name, arguments) in enumerate(said.calls)
    ]
    reason = "tool_use" if said.calls else "max_tokens" if said.truncated else "end_turn"
    return {
        "id": "msg_1", "type": "message", "role": "assistant", "model": "wise-1-0601", "content": blocks,
        "stop_reason": reason, "usage": {"input_tokens": said.tokens[0], "output_tokens": said.tokens[1]},
    }  # fmt: skip


def _as_gemini(said: Said) -> dict[str, Any]:
    parts: list[dict[str, Any]] = [{"text": said.text}] if said.text else []
    parts += [
        {"functionCall": {"name": name, "args": arguments}, "thoughtSignature": f"signed {name}"}
        for name, arguments in said.calls
    ]
    return {
        "candidates": [{
            "content": {"role": "model", "parts": parts}, "finishReason": "MAX_TOKENS" if said.truncated else "STOP",
        }],
        "modelVersion": "wise-1-0601",
        "usageMetadata": {"promptTokenCount": said.tokens[0], "candidatesTokenCount": said.tokens[1]},
    }  # fmt: skip


def _protocol(path: str) -> tuple[Callable[..., Asked], Callable[[Said], dict[str, Any]]]:
    if "generateContent" in path:
        return _gemini, _as_gemini
    return (_anthropic, _as_anthropic) if path.endswith("/messages") else (_openai, _as_openai)


@contextmanager
def chatting(server: ChatServer | None = None) -> Iterator[ChatServer]:
    """Serve on a free port of the loopback interface."""
    chat = server or ChatServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            read, write = _protocol(self.path)
            headers = {name.lower(): value for name, value in self.headers.items()}
            try:
                asked = read(self.path, headers, body)
            except (WrongForm, KeyError, TypeError) as exc:
                self._send(400, {}, {"error": {"message": f"wrong form: {exc!r}", "type": "invalid_request_error"}})
                return
            chat.asked.append(asked)
            chat.during()
            said = chat.behave(asked)
            self._send(*((200, {}, write(said)) if isinstance(said, Said) else said))

        def _is_left(self) -> bool:
            try:
                return self.connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
            except BlockingIOError:
                return False

        def _send(self, status: int, headers: dict[str, str], answer: Any) -> None:
            content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            if self._is_left():
                chat.abandoned += 1
                self.close_connection = True
                return
            try:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
            except OSError:
                chat.abandoned += 1
                self.close_connection = True

        def log_message(self, *_: Any) -> None:
            pass

    served = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.daemon_threads = True
    thread = threading.Thread(target=served.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    chat.root = f"http://127.0.0.1:{served.server_address[1]}"
    try:
        yield chat
    finally:
        served.shutdown()
        served.server_close()
        thread.join()


def slowly(seconds: float, ended: threading.Event) -> Callable[[Asked], Said]:
    """A model that takes its time, unless the test is over."""

    def behave(_: Asked) -> Said:
        until = time.monotonic() + seconds
        while time.monotonic() < until and not ended.is_set():
            time.sleep(0.05)
        return Said(text="At last.")

    return behave
