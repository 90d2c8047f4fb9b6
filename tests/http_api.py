"""A client of the HTTP interface, for tests."""

import json
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

import jwt

_BYTES = "application/octet-stream"


@dataclass(frozen=True, kw_only=True)
class Reply:
    """Status and parsed body of one response."""

    status: int
    body: Any
    text: str


@dataclass(frozen=True, kw_only=True)
class Api:
    """A running PostgREST and the secret that signs its tokens."""

    port: int
    admin_port: int
    secret: bytes

    def token(self, owner: str | None = "alice", role: str | None = "datapunk_user", **claims: object) -> str:
        """A token; None leaves the claim out."""
        named = {"sub": owner, "role": role, "exp": int(time.time()) + 600, **claims}
        return jwt.encode({k: v for k, v in named.items() if v is not None}, self.secret, algorithm="HS256")

    def call(self, function: str, arguments: object = None, *, owner: str = "alice", token: str | None = None) -> Reply:
        """POST to /rpc/FUNCTION; an empty token sends none. Bytes are sent as they are, other values as JSON."""
        body = arguments if isinstance(arguments, bytes) else json.dumps(arguments or {}).encode()
        return self._send(f"/rpc/{function}", self.token(owner) if token is None else token, body)

    def get(self, path: str, *, owner: str = "alice", token: str | None = None, **headers: str) -> Reply:
        """GET a path; an empty token sends none."""
        return self._send(path, self.token(owner) if token is None else token, None, headers)

    def upload(self, content: bytes, *, owner: str = "alice", to: str = "lake_upload", **headers: str) -> Reply:
        """POST bytes as they are to /rpc/TO."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._send(f"/rpc/{to}", self.token(owner), content, {"Content-Type": _BYTES, **sent})

    def is_ready(self) -> bool:
        """Whether PostgREST serves and reaches its database."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.admin_port}/ready", timeout=5) as response:
                return bool(response.status == 200)
        except OSError:
            return False

    def _send(self, path: str, token: str, body: bytes | None, headers: dict[str, str] | None = None) -> Reply:
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data=body, headers=headers or {})
        if body is not None and not request.has_header("Content-type"):
            request.add_header("Content-Type", "application/json")
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                status, raw = response.status, response.read()
        except urllib.error.HTTPError as error:
            with error:
                status, raw = error.code, error.read()
        text = raw.decode()
        try:
            return Reply(status=status, body=json.loads(text), text=text)
        except ValueError:
            return Reply(status=status, body=None, text=text)
