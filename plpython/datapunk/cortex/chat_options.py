"""The options of a provider of a language model, checked."""

from collections.abc import Mapping
from typing import Any

from datapunk.errors import InvalidArgument

ALLOWED = (
    "protocol", "base_url", "model", "secret", "timeout_s", "max_tokens", "context_tokens", "price_in", "price_out",
    "options", "structured",
)  # fmt: skip
_FORMS = ("schema", "json", "text")
# Where the protocols of one vendor are spoken; OpenAI's is spoken by many.
ADDRESSES = {
    "openai": None,
    "anthropic": "https://api.anthropic.com/v1",
    "gemini": "https://generativelanguage.googleapis.com/v1beta",
}
_RANGES = {"timeout_s": (1, 600), "max_tokens": (16, 100_000), "context_tokens": (512, 10_000_000)}
# What the client says by itself; an option of that name would get in its way.
_OURS = frozenset({
    "model", "messages", "system", "contents", "tools", "tool_choice", "toolConfig", "response_format", "output_config",
    "stream", "n", "maxOutputTokens", "responseMimeType", "responseJsonSchema", "max_tokens", "candidateCount",
})  # fmt: skip


def chat_options(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is kept of a language model's options beside its address, model and secret.

    Raises InvalidArgument.
    """
    protocol = given.get("protocol", "openai")
    if protocol not in ADDRESSES:
        raise InvalidArgument(f"protocol is {protocol!r}", hint=f"Allowed: {', '.join(ADDRESSES)}.")
    kept: dict[str, Any] = {"protocol": protocol}
    for name, (least, most) in _RANGES.items():
        if (value := given.get(name)) is not None:
            if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
                raise InvalidArgument(f"{name} is {value!r}", hint=f"A whole number from {least} to {most}.")
            kept[name] = value
    for name in ("price_in", "price_out"):
        if (value := given.get(name)) is not None:
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1_000_000:
                raise InvalidArgument(f"{name} is {value!r}", hint="The price of a million tokens, as in 0.5.")
            kept[name] = value
    if (form := given.get("structured")) is not None:
        if form not in _FORMS:
            raise InvalidArgument(f"structured is {form!r}", hint=f"Allowed: {', '.join(_FORMS)}.")
        kept["structured"] = form
    options = given.get("options", {})
    if not isinstance(options, dict) or _OURS & options.keys():
        raise InvalidArgument(
            f"options is {options!r}",
            hint='What the model takes beside the question, as in {"temperature": 0}; '
            f"not {', '.join(sorted(_OURS & set(options))) or 'a list or a text'}.",
        )
    if options.get("output_limit", "max_tokens") not in ("max_tokens", "max_completion_tokens"):
        raise InvalidArgument("output_limit is unknown", hint="Allowed: max_tokens, max_completion_tokens.")
    return kept | {"options": options}
