"""Errors of the host as HTTP answers in the form that OpenAI's clients read."""

import json

from starlette.responses import Response


class RequestRefused(Exception):
    """A request that cannot be answered: HTTP status, machine-readable code and message."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


def refusal(error: RequestRefused) -> Response:
    """Return the error object with its status."""
    kind = "invalid_request_error" if error.status < 500 else "server_error"
    body = {"error": {"message": error.message, "type": kind, "code": error.code, "param": None}}
    return Response(json.dumps(body), status_code=error.status, media_type="application/json")
