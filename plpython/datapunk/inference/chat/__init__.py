"""Language models behind providers: what is asked and answered, whatever protocol a provider speaks.

The client is for workers: it needs tenacity and jsonschema, and no transaction may be open while it waits.
"""

from datapunk.inference.chat.client import PROTOCOLS, ChatClient
from datapunk.inference.chat.structured import Structured, Unfit, complete_json, unfit, validator_of
from datapunk.inference.chat.types import ChatModel, ChatReply, ChatRequest, Message, ToolCall, ToolSpec, Usage

__all__ = [
    "PROTOCOLS",
    "ChatClient",
    "ChatModel",
    "ChatReply",
    "ChatRequest",
    "Message",
    "Structured",
    "ToolCall",
    "ToolSpec",
    "Unfit",
    "Usage",
    "complete_json",
    "unfit",
    "validator_of",
]
