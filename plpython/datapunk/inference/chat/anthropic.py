"""Anthropic's messages."""

from collections.abc import Mapping
from typing import Any

from datapunk.inference.chat.errors import ContentRefused, ContextTooLong
from datapunk.inference.chat.reading import array, count, mapping, text
from datapunk.inference.chat.types import ANSWER, ChatModel, ChatReply, ChatRequest, Fault, Message, ToolCall, Usage

_VERSION = "2023-06-01"


class AnthropicChat:
    """`POST {base_url}/messages`, as in https://api.anthropic.com/v1/messages."""

    def target(self, model: ChatModel) -> str:  # noqa: ARG002
        """See `ChatProtocol.target`."""
        return "/messages"

    def headers(self, model: ChatModel) -> dict[str, str]:
        """See `ChatProtocol.headers`."""
        return {"anthropic-version": _VERSION} | ({"x-api-key": model.secret} if model.secret else {})

    def body(self, model: ChatModel, request: ChatRequest) -> dict[str, Any]:
        """See `ChatProtocol.body`."""
        body: dict[str, Any] = {
            "model": model.model, "max_tokens": request.max_tokens, "system": request.system,
            "messages": _turns(request.messages), **model.options,
        }  # fmt: skip
        if request.tools:
            body["tools"] = [
                {"name": t.name, "description": t.description, "input_schema": dict(t.parameters)}
                for t in request.tools
            ]
            body["tool_choice"] = {"type": "auto"}
        if request.schema is not None and request.form == "json":
            # Models that take no output_config answer in the arguments of a tool that they have to use.
            body["tools"] = [{"name": ANSWER, "description": "Takes the answer.", "input_schema": dict(request.schema)}]
            body["tool_choice"] = {"type": "tool", "name": ANSWER}
        if request.schema is not None and request.form == "schema":
            body["output_config"] = {"format": {"type": "json_schema", "schema": dict(request.schema)}}
        return body

    def reply(self, answer: Mapping[str, Any]) -> ChatReply:
        """See `ChatProtocol.reply`."""
        reason = answer.get("stop_reason")
        if reason == "refusal":
            raise ContentRefused("the model refuses to answer", hint="Ask in another way.")
        if reason == "model_context_window_exceeded":
            raise ContextTooLong(
                "question, passages and answer are longer than the model reads", hint="Give a smaller max_tokens."
            )
        blocks = array(answer, "content")
        calls = tuple(
            ToolCall(id=text(b, "id"), name=text(b, "name"), arguments=mapping(b, "input"))
            for b in blocks
            if b.get("type") == "tool_use"
        )
        usage = mapping(answer, "usage")
        read = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
        return ChatReply(
            text="".join(text(b, "text") for b in blocks if b.get("type") == "text"), model=text(answer, "model"),
            calls=calls, truncated=reason == "max_tokens",
            usage=Usage(
                tokens_in=sum(count(usage, name) for name in read), tokens_out=count(usage, "output_tokens")
            ),
        )  # fmt: skip

    def fault(self, answer: Any) -> Fault:
        """See `ChatProtocol.fault`."""
        error = answer.get("error") if isinstance(answer, dict) else None
        if not isinstance(error, dict):
            return Fault(message=str(answer or ""))
        return Fault(message=str(error.get("message") or ""), code=str(error.get("type") or ""))


def _turns(messages: tuple[Message, ...]) -> list[dict[str, Any]]:
    """Turns of one side in a row are one: results of tools are the user's, all of a turn in one message."""
    turns: list[dict[str, Any]] = []
    for message in messages:
        role = "assistant" if message.role == "assistant" else "user"
        if turns and turns[-1]["role"] == role:
            turns[-1]["content"] += _blocks(message)
        else:
            turns.append({"role": role, "content": _blocks(message)})
    return turns


def _blocks(message: Message) -> list[dict[str, Any]]:
    if message.role == "tool":
        return [{"type": "tool_result", "tool_use_id": message.call_id, "content": message.text}]
    blocks: list[dict[str, Any]] = [{"type": "text", "text": message.text}] if message.text else []
    return blocks + [
        {"type": "tool_use", "id": call.id, "name": call.name, "input": dict(call.arguments)} for call in message.calls
    ]
