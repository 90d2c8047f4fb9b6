"""OpenAI's chat completions, which Ollama, vLLM, llama.cpp and many others speak too."""

import json
from collections.abc import Mapping
from typing import Any

from datapunk.inference.chat.errors import AnswerUnusable, ContentRefused
from datapunk.inference.chat.reading import arguments_of, array, count, mapping, text
from datapunk.inference.chat.types import ChatModel, ChatReply, ChatRequest, Fault, Message, ToolCall, Usage


class OpenAIChat:
    """`POST {base_url}/chat/completions`; the secret goes out as a bearer token."""

    def target(self, model: ChatModel) -> str:  # noqa: ARG002
        """See `ChatProtocol.target`."""
        return "/chat/completions"

    def headers(self, model: ChatModel) -> dict[str, str]:
        """See `ChatProtocol.headers`."""
        return {"Authorization": f"Bearer {model.secret}"} if model.secret else {}

    def body(self, model: ChatModel, request: ChatRequest) -> dict[str, Any]:
        """See `ChatProtocol.body`. The option output_limit names the field of the bound: newer models of OpenAI
        want max_completion_tokens.
        """
        options = dict(model.options)
        limit = str(options.pop("output_limit", "max_tokens"))
        messages = [{"role": "system", "content": request.system}, *map(_message, request.messages)]
        body: dict[str, Any] = {"model": model.model, "messages": messages, limit: request.max_tokens, **options}
        if request.tools:
            body["tools"] = [
                {
                    "type": "function",
                    "function": {"name": t.name, "description": t.description, "parameters": dict(t.parameters)},
                }
                for t in request.tools
            ]
            body["tool_choice"] = "auto"
        if request.schema is not None and request.form == "schema":
            body["response_format"] = {
                "type": "json_schema",
                "json_schema": {"name": "answer", "schema": dict(request.schema), "strict": True},
            }
        elif request.schema is not None and request.form == "json":
            body["response_format"] = {"type": "json_object"}
        return body

    def reply(self, answer: Mapping[str, Any]) -> ChatReply:
        """See `ChatProtocol.reply`."""
        choices = array(answer, "choices")
        if not choices:
            raise AnswerUnusable("the model answered without a choice", hint="Check the provider's address.")
        choice = choices[0]
        message = mapping(choice, "message")
        reason = choice.get("finish_reason")
        if reason == "content_filter" or message.get("refusal"):
            raise ContentRefused(
                f"the model refuses: {text(message, 'refusal') or 'content filter'}", hint="Ask in another way."
            )
        calls = tuple(
            ToolCall(
                id=text(call, "id"), name=text(mapping(call, "function"), "name"),
                arguments=arguments_of(mapping(call, "function").get("arguments")),
            )
            for call in array(message, "tool_calls")
        )  # fmt: skip
        usage = mapping(answer, "usage")
        return ChatReply(
            text=text(message, "content"), model=text(answer, "model"), calls=calls, truncated=reason == "length",
            usage=Usage(tokens_in=count(usage, "prompt_tokens"), tokens_out=count(usage, "completion_tokens")),
        )  # fmt: skip

    def fault(self, answer: Any) -> Fault:
        """See `ChatProtocol.fault`; some servers give the error as a text, or without the object around it."""
        error = answer.get("error", answer) if isinstance(answer, dict) else answer
        if not isinstance(error, dict):
            return Fault(message=str(error or ""))
        code = error.get("code") or error.get("type") or ""
        return Fault(message=str(error.get("message") or error.get("detail") or ""), code=str(code))


def _message(message: Message) -> dict[str, Any]:
    if message.role == "tool":
        return {"role": "tool", "tool_call_id": message.call_id, "content": message.text}
    turn: dict[str, Any] = {"role": message.role, "content": message.text}
    if message.calls:
        turn["content"] = message.text or None
        turn["tool_calls"] = [
            {
                "id": call.id, "type": "function",
                "function": {"name": call.name, "arguments": json.dumps(dict(call.arguments))},
            }
            for call in message.calls
        ]  # fmt: skip
    return turn
