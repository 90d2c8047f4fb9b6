"""Asking a language model over HTTP: one request, its time-out, its retries, and an end when nobody waits any more."""

import json
import socket
import threading
import time
from collections.abc import Callable
from typing import Any, NoReturn

import urllib3
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt

from datapunk.inference.chat.anthropic import AnthropicChat
from datapunk.inference.chat.errors import (
    AnswerUnusable,
    CallCancelled,
    ContentRefused,
    ContextTooLong,
    KeyRefused,
    LimitReached,
    ModelUnavailable,
    ModelUnknown,
    RequestRefused,
    TimedOut,
)
from datapunk.inference.chat.gemini import GeminiChat
from datapunk.inference.chat.openai import OpenAIChat
from datapunk.inference.chat.types import ChatModel, ChatProtocol, ChatReply, ChatRequest, Fault
from datapunk.inference.remote import seconds_of

PROTOCOLS: dict[str, ChatProtocol] = {"openai": OpenAIChat(), "anthropic": AnthropicChat(), "gemini": GeminiChat()}
_ATTEMPTS = 3
# A provider that asks for a longer pause is not waited for: the error says how long.
_LONGEST_PAUSE_S = 20.0
_FIRST_PAUSE_S = 0.5
_LARGEST_ANSWER = 16 * 1024 * 1024
_LOOK_S = 0.05
# What providers call a request that is longer than the model reads, in their codes and, where those say less, in words.
_TOO_LONG_CODES = frozenset({"context_length_exceeded", "exceed_context_size_error", "request_too_large"})
_TOO_LONG_WORDS = (
    "maximum context length", "context length", "context window", "prompt is too long", "input token count",
    "exceeds the maximum number of tokens", "exceeds the available context size",
)  # fmt: skip
_REFUSED_CODES = frozenset({"content_filter", "content_policy_violation"})
_USED_UP = frozenset({"insufficient_quota", "billing_error"})


class ChatClient:
    """Asks one model. `stop` ends a request that is under way, and the pause before the next attempt, at once."""

    def __init__(self, model: ChatModel, *, stop: threading.Event, attempts: int = _ATTEMPTS) -> None:
        self.model, self._stop, self._attempts = model, stop, attempts
        self._protocol = PROTOCOLS[model.protocol]

    def ask(self, request: ChatRequest) -> ChatReply:
        """Return the model's answer.

        Raises ModelUnavailable, LimitReached (after further attempts, where those may help), KeyRefused, ModelUnknown,
        TimedOut, ContextTooLong, ContentRefused, AnswerUnusable (RequestRefused where its form is not taken),
        CallCancelled.
        """
        content = json.dumps(self._protocol.body(self.model, request)).encode()
        retrying = Retrying(
            stop=stop_after_attempt(self._attempts), wait=_pause, retry=retry_if_exception(_may_succeed),
            sleep=self._sleep, reraise=True,
        )  # fmt: skip
        return retrying(self._once, content)

    def _sleep(self, seconds: float) -> None:
        if self._stop.wait(seconds):
            raise CallCancelled("cancelled")

    def _once(self, content: bytes) -> ChatReply:
        status, said, retry_after = self._exchange(content)
        try:
            answer: Any = json.loads(said)
        except ValueError:
            answer = said[:300].decode(errors="replace")
        if status >= 300:
            self._raise_for(status, self._protocol.fault(answer), seconds_of(retry_after))
        if not isinstance(answer, dict):
            raise AnswerUnusable(
                f"the model {self.model.name} answered something else than a JSON object", hint="Check its address."
            )
        return self._protocol.reply(answer)

    def _exchange(self, content: bytes) -> tuple[int, bytes, str | None]:
        """Send the request in a thread of its own, so that its connection can be closed from here."""
        exchange = _Exchange(self.model, self._protocol, content)
        exchange.start()
        until = time.monotonic() + self.model.timeout_s
        while not exchange.ended.wait(_LOOK_S):
            if self._stop.is_set():
                exchange.abandon()
                raise CallCancelled("cancelled")
            # The time-out of the socket begins anew with each byte; this one is for the whole answer.
            if time.monotonic() > until:
                exchange.abandon()
                self._time_out()
        if isinstance(exchange.error, urllib3.exceptions.ReadTimeoutError):
            self._time_out()
        if exchange.error is not None:
            raise ModelUnavailable(
                f"the model {self.model.name} does not answer: {type(exchange.error).__name__}",
                hint="Look whether its server runs, and at base_url in the view providers.",
            ) from exchange.error
        return exchange.status, exchange.content, exchange.retry_after

    def _time_out(self) -> NoReturn:
        raise TimedOut(
            f"the model {self.model.name} did not answer within {self.model.timeout_s:g} s",
            hint="Give the provider a longer timeout_s, or ask for less (max_tokens).",
        )

    def _raise_for(self, status: int, fault: Fault, retry_after: float | None) -> NoReturn:
        name, words = self.model.name, fault.message.lower()
        text = f"the model {name} answered {status}" + (f": {fault.message[:300]}" if fault.message else "")
        if status in (401, 403, 407) or fault.code == "API_KEY_INVALID":
            raise KeyRefused(text, hint="Set its secret: DATAPUNK_SECRET_NAME for the workers, or cortex_secret_set.")
        if status == 429 or fault.code in _USED_UP or status == 402:
            wait = retry_after if retry_after is not None else fault.retry_after
            hint = f"It asks to wait {wait:.0f} s." if wait else "Ask again later, or look at its quota."
            # What is used up is not there again in seconds.
            gone = fault.code in _USED_UP or status == 402
            raise LimitReached(text, hint=hint, retry_after=float("inf") if gone else wait)
        if status == 404:
            raise ModelUnknown(
                text, hint="Look at model and base_url in the view providers; Ollama pulls models first."
            )
        if status in (408, 504):
            raise TimedOut(text, hint="Ask for less (max_tokens), or use a faster model.")
        if status >= 500:
            raise ModelUnavailable(text, hint="It fails by itself; ask again later.")
        if status == 413 or fault.code in _TOO_LONG_CODES or any(w in words for w in _TOO_LONG_WORDS):
            raise ContextTooLong(text, hint="Give a smaller max_tokens, or a model that reads more.")
        if fault.code in _REFUSED_CODES:
            raise ContentRefused(text, hint="Ask in another way.")
        raise RequestRefused(text, hint="The provider takes no such request: check its protocol, model and options.")


class _Exchange(threading.Thread):
    """One request and what came of it."""

    def __init__(self, model: ChatModel, protocol: ChatProtocol, content: bytes) -> None:
        super().__init__(name=f"request to {model.name}", daemon=True)
        self._model, self._protocol, self._body = model, protocol, content
        self._sockets: list[socket.socket] = []
        self.ended = threading.Event()
        self.error: Exception | None = None
        self.status, self.content, self.retry_after = 0, b"", None  # type: int, bytes, str | None

    def run(self) -> None:
        """Send, read, and say that it is over."""
        try:
            self._send()
        except (urllib3.exceptions.HTTPError, OSError) as exc:
            self.error = exc
        finally:
            self.ended.set()

    def _send(self) -> None:
        model = self._model
        headers = {"Content-Type": "application/json", "Accept": "application/json", **self._protocol.headers(model)}
        timeout = urllib3.Timeout(connect=min(10.0, model.timeout_s), read=model.timeout_s)
        with urllib3.connection_from_url(model.base_url, maxsize=1, timeout=timeout) as pool:
            _note_sockets(pool, self._sockets.append)
            base = urllib3.util.parse_url(model.base_url).path or ""
            reply = pool.urlopen(
                "POST", base.rstrip("/") + self._protocol.target(model), body=self._body, headers=headers,
                # A redirect would carry the secret elsewhere.
                retries=False, redirect=False, preload_content=False,
            )  # fmt: skip
            self.status, self.retry_after = reply.status, reply.headers.get("Retry-After")
            self.content = reply.read(_LARGEST_ANSWER)
            reply.close()

    def abandon(self) -> None:
        """Close the connection, so that the provider stops too."""
        for connected in self._sockets:
            try:
                connected.shutdown(socket.SHUT_RDWR)
            except OSError:
                # It was closed already, which is what is wanted.
                continue


def _note_sockets(pool: urllib3.HTTPConnectionPool, note: Callable[[socket.socket], None]) -> None:
    made = pool.ConnectionCls

    class Noted(made):  # type: ignore[misc, valid-type]
        def connect(self) -> None:
            super().connect()
            note(self.sock)

    pool.ConnectionCls = Noted


def _may_succeed(error: BaseException) -> bool:
    if isinstance(error, LimitReached):
        return (error.retry_after or 0) <= _LONGEST_PAUSE_S
    return isinstance(error, ModelUnavailable)


def _pause(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    asked = getattr(error, "retry_after", None)
    return float(asked) if asked is not None else _FIRST_PAUSE_S * 2.0 ** (state.attempt_number - 1)
