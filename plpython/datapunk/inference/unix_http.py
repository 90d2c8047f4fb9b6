"""HTTP/1.1 over a Unix socket with one kept-alive connection.

http.client brings the email package: 6 MB and 30 ms in every backend. The model host answers with a Content-Length and
nothing else, so a reader of that form suffices.
"""

import os
import socket
import time
from dataclasses import dataclass

_LARGEST_HEAD = 65_536


class ConnectionLost(OSError):
    """The peer closed the connection or spoke something else than HTTP/1.1."""


@dataclass(frozen=True, kw_only=True)
class Reply:
    """Status code and body of a response."""

    status: int
    body: bytes


class UnixHttpConnection:
    """A kept-alive connection; reconnects once when the peer closed it, and in a forked child."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._socket: socket.socket | None = None
        self._pid = 0

    def __del__(self) -> None:
        self.close()

    def request(self, method: str, target: str, body: bytes, *, timeout: float) -> Reply:
        """Send a request and return its reply; all of it within `timeout` seconds.

        Raises OSError (TimeoutError among them) when there is no host or it stops answering.
        """
        deadline = time.monotonic() + timeout
        message = _message(method, target, body)
        if self._socket is not None and self._pid == os.getpid():
            try:
                return self._exchange(self._socket, message, deadline)
            except TimeoutError:
                self.close()
                raise
            except OSError:
                self.close()
        fresh = self._open(deadline)
        try:
            return self._exchange(fresh, message, deadline)
        except OSError:
            self.close()
            raise

    def send(self, method: str, target: str, body: bytes, *, timeout: float) -> None:
        """Send a request whose reply `receive` returns; nothing else may be asked in between. Raises OSError."""
        deadline = time.monotonic() + timeout
        try:
            peer = self._socket or self._open(deadline)
            _limit(peer, deadline)
            peer.sendall(_message(method, target, body))
        except OSError:
            self.close()
            raise

    def receive(self, *, timeout: float) -> Reply:
        """Return the reply to what was sent. Raises OSError."""
        if self._socket is None:
            raise ConnectionLost("nothing was sent")
        try:
            return self._reply(self._socket, time.monotonic() + timeout)
        except OSError:
            self.close()
            raise

    def close(self) -> None:
        """Close the connection; the next request opens a new one."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _open(self, deadline: float) -> socket.socket:
        self.close()
        fresh = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            _limit(fresh, deadline)
            fresh.connect(self.path)
        except OSError:
            fresh.close()
            raise
        self._socket, self._pid = fresh, os.getpid()
        return fresh

    def _exchange(self, peer: socket.socket, message: bytes, deadline: float) -> Reply:
        _limit(peer, deadline)
        peer.sendall(message)
        return self._reply(peer, deadline)

    def _reply(self, peer: socket.socket, deadline: float) -> Reply:
        received = bytearray()
        while (end := received.find(b"\r\n\r\n")) < 0:
            if len(received) > _LARGEST_HEAD:
                raise ConnectionLost("the response head is too long")
            received += _receive(peer, deadline)
        status, length, closes = _parse_head(bytes(received[:end]))
        del received[: end + 4]
        while len(received) < length:
            received += _receive(peer, deadline)
        if closes:
            self.close()
        return Reply(status=status, body=bytes(received[:length]))


def _message(method: str, target: str, body: bytes) -> bytes:
    head = (
        f"{method} {target} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _limit(peer: socket.socket, deadline: float) -> None:
    remaining = deadline - time.monotonic()
    if remaining <= 0:
        raise TimeoutError("the model host took too long")
    peer.settimeout(remaining)


def _receive(peer: socket.socket, deadline: float) -> bytes:
    _limit(peer, deadline)
    chunk = peer.recv(262_144)
    if not chunk:
        raise ConnectionLost("the model host closed the connection")
    return chunk


def _parse_head(head: bytes) -> tuple[int, int, bool]:
    """Return status, content length and whether the peer closes after this response."""
    lines = head.split(b"\r\n")
    headers = {}
    for line in lines[1:]:
        name, _, value = line.partition(b":")
        headers[name.strip().lower()] = value.strip()
    try:
        status, length = int(lines[0].split(b" ", 2)[1]), int(headers[b"content-length"])
    except (IndexError, KeyError, ValueError) as exc:
        raise ConnectionLost("the response is not HTTP/1.1 with a Content-Length") from exc
    return status, length, headers.get(b"connection", b"").lower() == b"close"
