"""What may go wrong between here and a language model, told apart by who has to do something about it."""

from typing import ClassVar

from datapunk.errors import Cancelled, DatapunkError, HostUnreachable, NoSuchModel, NotReady


class ModelUnavailable(HostUnreachable):
    """DP001: a provider is away or fails; worth another try."""


class KeyRefused(NotReady):
    """DP002: a provider does not accept the secret, or there is none."""


class ModelUnknown(NoSuchModel):
    """DP020: a provider does not know the model, or its address is wrong."""


class LimitReached(DatapunkError):
    """53400: a provider limits its callers, or a budget is used up. `retry_after` in seconds where one was named."""

    sqlstate: ClassVar[str] = "53400"

    def __init__(self, message: str, *, hint: str, retry_after: float | None = None) -> None:
        super().__init__(message, hint=hint)
        self.retry_after = retry_after


class TimedOut(DatapunkError):
    """57P05: a model took longer than it may."""

    sqlstate: ClassVar[str] = "57P05"


class ContextTooLong(DatapunkError):
    """54000: question and passages are longer than the model reads."""

    sqlstate: ClassVar[str] = "54000"


class ContentRefused(DatapunkError):
    """DP031: the provider or the model refuses to answer this."""

    sqlstate: ClassVar[str] = "DP031"


class AnswerUnusable(DatapunkError):
    """DP032: what came back is not what the protocol or the asked schema says."""

    sqlstate: ClassVar[str] = "DP032"


class RequestRefused(AnswerUnusable):
    """DP032: the provider takes no such request, as one that asks for what its model does not know."""


class CallCancelled(Cancelled):
    """57014: whoever asked does not want the answer any more; the connection was closed."""
