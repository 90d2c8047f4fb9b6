"""What goes to a language model and what comes back, whatever protocol its provider speaks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

Role = Literal["user", "assistant", "tool"]
#: How an answer in JSON is asked for, from the strictest way to the plainest: by its schema, as any JSON, in words.
Form = Literal["schema", "json", "text"]
#: The tool in whose arguments an answer comes where a protocol has no other way to ask for JSON.
ANSWER = "answer"


@dataclass(frozen=True, kw_only=True)
class ToolSpec:
    """A tool that a model may ask for. `parameters` is the JSON Schema of its arguments, an object."""

    name: str
    description: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class ToolCall:
    """A tool that a model asks for. `opaque` is what its protocol wants back with the result, unread."""

    id: str
    name: str
    arguments: Mapping[str, Any]
    opaque: str | None = None


@dataclass(frozen=True, kw_only=True)
class Message:
    """One turn. `calls` belong to the assistant's turns; `call_id` and `name` to those of a tool."""

    role: Role
    text: str
    calls: tuple[ToolCall, ...] = ()
    call_id: str = ""
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class ChatRequest:
    """What a model is asked. `schema` is the JSON Schema that its answer has to fit, asked for in the `form` that its
    provider takes; `max_tokens` bounds the answer.
    """

    system: str
    messages: tuple[Message, ...]
    max_tokens: int
    tools: tuple[ToolSpec, ...] = ()
    schema: Mapping[str, Any] | None = None
    form: Form = "schema"


@dataclass(frozen=True, kw_only=True)
class Usage:
    """Tokens that were read and written, as the provider counts them."""

    tokens_in: int
    tokens_out: int


@dataclass(frozen=True, kw_only=True)
class ChatReply:
    """What a model answered. `truncated` where its answer ended at the bound."""

    text: str
    model: str
    usage: Usage
    calls: tuple[ToolCall, ...] = ()
    truncated: bool = False


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What a provider says of a failure: its words, its own code for it, and how long it asks to wait."""

    message: str
    code: str = ""
    retry_after: float | None = None


@dataclass(frozen=True, kw_only=True)
class ChatModel:
    """A language model behind a provider.

    Prices are per million tokens; `options` is sent along as it is, for what only one model knows; `structured` is the
    form in which it takes schemas.
    """

    name: str
    protocol: str
    base_url: str
    model: str
    secret: str | None = field(default=None, repr=False)
    timeout_s: float = 120.0
    max_tokens: int = 1024
    context_tokens: int | None = None
    price_in: float | None = None
    price_out: float | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    structured: Form = "schema"


class ChatProtocol(Protocol):
    """How one kind of provider is asked. Pure: bytes and sockets are the client's."""

    def target(self, model: ChatModel) -> str:
        """The path below the base URL."""
        ...

    def headers(self, model: ChatModel) -> dict[str, str]:
        """The headers that carry the secret and the version."""
        ...

    def body(self, model: ChatModel, request: ChatRequest) -> dict[str, Any]:
        """The request's JSON document."""
        ...

    def reply(self, answer: Mapping[str, Any]) -> ChatReply:
        """Read an answer. Raises ContentRefused, ContextTooLong, AnswerUnusable."""
        ...

    def fault(self, answer: Any) -> Fault:
        """Read what a provider says of a failure."""
        ...
