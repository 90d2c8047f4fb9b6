"""One GET request, over TCP or a Unix socket, to ask whether a program answers."""

import http.client
import socket
from pathlib import Path
from urllib.parse import urlsplit


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


def get(target: str | Path, path: str, timeout: float = 2.0) -> tuple[int, str]:
    """Status and body of GET `path` at a base URL or a socket. Errors: OSError, http.client.HTTPException."""
    connection: http.client.HTTPConnection
    if isinstance(target, Path):
        connection = _UnixConnection(target, timeout)
    else:
        connection = http.client.HTTPConnection(urlsplit(target).netloc, timeout=timeout)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read().decode("utf-8", "replace")
    finally:
        connection.close()


def answers(target: str | Path, path: str) -> bool:
    """Whether GET `path` gives a 2xx status."""
    try:
        status, _ = get(target, path)
    except (OSError, http.client.HTTPException):
        return False
    return http.client.OK <= status < http.client.MULTIPLE_CHOICES
