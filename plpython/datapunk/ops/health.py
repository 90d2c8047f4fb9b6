"""Whether the model host answers."""

import json
import socket
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import Literal

from datapunk.settings import Settings

Status = Literal["ok", "warning", "down"]
_TIMEOUT_S = 2.0


@dataclass(frozen=True, kw_only=True)
class Health:
    """The state of one component, as a row of ops_health."""

    component: str
    status: Status
    detail: str


class _SocketConnection(HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=_TIMEOUT_S)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def host_health(settings: Settings) -> Health:
    """Ask the model host that the settings name. Without one, `auto` still answers in process: a warning."""
    if settings.inference == "in_process":
        return Health(component="model host", status="ok", detail="not used: datapunk.inference is in_process")
    without: Status = "warning" if settings.inference == "auto" else "down"
    if not settings.host_socket:
        return Health(component="model host", status=without, detail="datapunk.host_socket is not set")
    connection = _SocketConnection(settings.host_socket)
    try:
        connection.request("GET", "/healthz")
        response = connection.getresponse()
        body = json.loads(response.read())
    except (OSError, HTTPException, ValueError) as error:
        return Health(component="model host", status=without, detail=f"does not answer: {type(error).__name__}")
    finally:
        connection.close()
    if response.status != 200:
        return Health(component="model host", status=without, detail=f"answers with status {response.status}")
    models = body.get("models") if isinstance(body, dict) else None
    loaded = f", {len(models)} models loaded" if isinstance(models, list) else ""
    return Health(component="model host", status="ok", detail=f"answers{loaded}")
