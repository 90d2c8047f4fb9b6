"""Errors on their way out of a PL/Python body, in the words of SQL clients and of PostgREST."""

import json
import re
from dataclasses import dataclass
from typing import Any

# PL/Python puts the exception's type before each message, which nobody reads as part of it.
_TYPE_PREFIX = re.compile(r"^(?:datapunk|plpy\.\w+|spiexceptions\.\w+): ")
_PREFIX = "datapunk"


@dataclass(frozen=True, kw_only=True)
class Failure:
    """An error's SQLSTATE and texts."""

    sqlstate: str
    message: str
    hint: str | None = None
    detail: str | None = None

    @classmethod
    def of_statement(cls, error: Any) -> "Failure":
        """Read the `plpy.SPIError` of a failed statement."""
        code, detail, hint = (*(getattr(error, "spidata", None) or ()), None, None, None)[:3]
        sqlstate = unpack_sqlstate(code) if isinstance(code, int) else str(getattr(error, "sqlstate", "XX000"))
        message = _TYPE_PREFIX.sub("", str(error))
        if sqlstate == "PGRST":
            # ops.fail has made it ready for PostgREST already.
            inner = json.loads(message)
            return cls(sqlstate=inner["code"], message=inner["message"], hint=inner["hint"], detail=inner["details"])
        return cls(sqlstate=sqlstate, message=message, hint=hint, detail=detail)

    def as_exception(self, plpy: Any, http_status: int | None) -> Exception:
        """The exception to raise from the body; with an HTTP status it is one that PostgREST answers with that status.

        PL/Python reports `TYPE: TEXT`, whatever the exception. PostgREST wants JSON as the message, so there the
        first half of the document is the name of the type and the second half its text.
        """
        if http_status is None:
            return _exception(plpy, _PREFIX, self.message, self.sqlstate, self.hint, self.detail)
        document = {"code": self.sqlstate, "details": self.detail, "hint": self.hint, "message": self.message}
        # Escaped to ASCII, colons and spaces stand as json.dumps puts them: the last key's `": ` ends the first half.
        text = json.dumps(document)
        split = text.index('"message": ') + len('"message"')
        status = json.dumps({"status": http_status, "headers": {}})
        return _exception(plpy, text[:split], text[split + 2 :], "PGRST", None, status)


def unpack_sqlstate(code: int) -> str:
    """Decode PostgreSQL's integer form of an SQLSTATE: five characters of six bits each, the first one lowest."""
    return "".join(chr(((code >> 6 * place) & 0x3F) + ord("0")) for place in range(5))


def _exception(plpy: Any, type_name: str, text: str, sqlstate: str, hint: str | None, detail: str | None) -> Exception:
    kind = type(type_name, (plpy.Error,), {"__module__": "builtins"})
    exception: Exception = kind(text)
    for name, value in {"sqlstate": sqlstate, "hint": hint, "detail": detail}.items():
        if value:
            setattr(exception, name, value)
    return exception
