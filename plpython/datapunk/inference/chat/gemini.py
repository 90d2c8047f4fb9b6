"""Gemini's generateContent."""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from datapunk.inference.chat.errors import AnswerUnusable, ContentRefused
from datapunk.inference.chat.reading import array, count, mapping, text
from datapunk.inference.chat.types import ChatModel, ChatReply, ChatRequest, Fault, Message, ToolCall, Usage

_REFUSING = frozenset({"SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "LANGUAGE"})
_DELAY = re.compile(r"(\d+(?:\.\d+)?)s")


class GeminiChat:
    """`POST {base_url}/models/MODEL:generateContent`, below https://generativelanguage.googleapis.com/v1beta."""

    def target(self, model: ChatModel) -> str:
        """See `ChatProtocol.target`."""
        return f"/models/{quote(model.model.removeprefix('models/'), safe='')}:generateContent"

    def headers(self, model: ChatModel) -> dict[str, str]:
        """See `ChatProtocol.headers`."""
        return {"x-goog-api-key": model.secret} if model.secret else {}

    def body(self, model: ChatModel, request: ChatRequest) -> dict[str, Any]:
        """See `ChatProtocol.body`; a model's options are those of generationConfig."""
        generation: dict[str, Any] = {"maxOutputTokens": request.max_tokens, **model.options}
        body: dict[str, Any] = {
            "systemInstruction": {"parts": [{"text": request.system}]},
            "contents": _contents(request.messages),
            "generationConfig": generation,
        }
        if request.tools:
            body["tools"] = [{
                "functionDeclarations": [
                    {"name": t.name, "description": t.description, "parametersJsonSchema": dict(t.parameters)}
                    for t in request.tools
                ]
            }]  # fmt: skip
            body["toolConfig"] = {"functionCallingConfig": {"mode": "AUTO"}}
        if request.schema is not None and request.form != "text":
            generation["responseMimeType"] = "application/json"
        if request.schema is not None and request.form == "schema":
            generation["responseJsonSchema"] = dict(request.schema)
        return body

    def reply(self, answer: Mapping[str, Any]) -> ChatReply:
        """See `ChatProtocol.reply`."""
        if blocked := mapping(answer, "promptFeedback").get("blockReason"):
            raise ContentRefused(f"the provider refuses the request: {blocked}", hint="Ask in another way.")
        candidates = array(answer, "candidates")
        if not candidates:
            raise AnswerUnusable("the model answered without a candidate", hint="Check the provider's address.")
        reason = candidates[0].get("finishReason")
        if reason in _REFUSING:
            raise ContentRefused(f"the model refuses to answer: {reason}", hint="Ask in another way.")
        if reason == "MALFORMED_FUNCTION_CALL":
            raise AnswerUnusable("the model asked for a tool in a form that nobody reads", hint="Ask again.")
        parts = array(mapping(candidates[0], "content"), "parts")
        calls = tuple(
            ToolCall(
                id=text(mapping(part, "functionCall"), "id") or f"call-{place}",
                name=text(mapping(part, "functionCall"), "name"),
                arguments=mapping(mapping(part, "functionCall"), "args"),
                opaque=text(part, "thoughtSignature") or None,
            )
            for place, part in enumerate(parts)
            if "functionCall" in part
        )  # fmt: skip
        usage = mapping(answer, "usageMetadata")
        return ChatReply(
            text="".join(text(part, "text") for part in parts if not part.get("thought")),
            model=text(answer, "modelVersion"), calls=calls, truncated=reason == "MAX_TOKENS",
            usage=Usage(
                tokens_in=count(usage, "promptTokenCount") + count(usage, "toolUsePromptTokenCount"),
                # What a model thinks is paid for as what it says.
                tokens_out=count(usage, "candidatesTokenCount") + count(usage, "thoughtsTokenCount"),
            ),
        )  # fmt: skip

    def fault(self, answer: Any) -> Fault:
        """See `ChatProtocol.fault`; the time to wait is among the details."""
        error = answer.get("error") if isinstance(answer, dict) else None
        if not isinstance(error, dict):
            return Fault(message=str(answer or ""))
        wait, code = None, str(error.get("status") or "")
        for detail in array(error, "details"):
            if found := _DELAY.fullmatch(str(detail.get("retryDelay", ""))):
                wait = float(found[1])
            if detail.get("reason") == "API_KEY_INVALID":
                code = "API_KEY_INVALID"
        return Fault(message=str(error.get("message") or ""), code=code, retry_after=wait)


def _contents(messages: tuple[Message, ...]) -> list[dict[str, Any]]:
    """Turns of one side in a row are one: results of tools are the user's."""
    contents: list[dict[str, Any]] = []
    for message in messages:
        role = "model" if message.role == "assistant" else "user"
        if contents and contents[-1]["role"] == role:
            contents[-1]["parts"] += _parts(message)
        else:
            contents.append({"role": role, "parts": _parts(message)})
    return contents


def _parts(message: Message) -> list[dict[str, Any]]:
    if message.role == "tool":
        result = json.loads(message.text)
        response = result if isinstance(result, dict) else {"result": result}
        return [{"functionResponse": {"id": message.call_id, "name": message.name, "response": response}}]
    parts: list[dict[str, Any]] = [{"text": message.text}] if message.text else []
    for call in message.calls:
        part: dict[str, Any] = {"functionCall": {"id": call.id, "name": call.name, "args": dict(call.arguments)}}
        parts.append(part | ({"thoughtSignature": call.opaque} if call.opaque else {}))
    return parts
