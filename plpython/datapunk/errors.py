"""Every error a caller can meet: one class per SQLSTATE of the public contract.

The SQLSTATE is what clients key on; the message says what was wrong and the hint what to do about it.
"""

from typing import ClassVar


class DatapunkError(Exception):
    """Base of all errors raised on purpose. Attributes: `message`, `hint`, `detail` (texts or None)."""

    sqlstate: ClassVar[str] = "XX000"

    def __init__(self, message: str, *, hint: str | None = None, detail: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.detail = detail


class InvalidArgument(DatapunkError):
    """22023: an argument or option has a wrong value, type or name."""

    sqlstate = "22023"


class Duplicate(DatapunkError):
    """23505: a thing of that name exists already."""

    sqlstate = "23505"


class NotAllowed(DatapunkError):
    """42501: the caller may not do this."""

    sqlstate = "42501"


class Cancelled(DatapunkError):
    """57014: cancelled by the user or timed out."""

    sqlstate = "57014"


class NotFound(DatapunkError):
    """P0002: no such row."""

    sqlstate = "P0002"


class HostUnreachable(DatapunkError):
    """DP001: the model host does not answer."""

    sqlstate = "DP001"


class NotReady(DatapunkError):
    """DP002: something is missing or still being built."""

    sqlstate = "DP002"


class UnsupportedFile(DatapunkError):
    """DP010: a file is damaged or of no known kind."""

    sqlstate = "DP010"


class LimitExceeded(DatapunkError):
    """DP011: an archive exceeds a limit."""

    sqlstate = "DP011"


class NoSuchModel(DatapunkError):
    """DP020: no model or version of that name."""

    sqlstate = "DP020"


class DatasetUnusable(DatapunkError):
    """DP021: a training dataset cannot be used; the message names the column and why."""

    sqlstate = "DP021"


class TrainingFailed(DatapunkError):
    """DP022: a training ended in an error."""

    sqlstate = "DP022"


class NoRoute(DatapunkError):
    """DP030: no subroutine fits a question."""

    sqlstate = "DP030"
