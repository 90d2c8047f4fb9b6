"""The host process: its socket, its log, its life.

Environment: DATAPUNK_HOST_THREADS (inferences at a time, default: one a core), DATAPUNK_HOST_CACHE_MB (room for
models, default 2048), DATAPUNK_HOST_ANSWERS_S (seconds for which a prediction is given again, 0 for never, default
300).
"""

import errno
import fcntl
import logging
import os
import signal
import socket
import sys
from pathlib import Path
from types import FrameType
from typing import TextIO

import uvicorn
from pythonjsonlogger.json import JsonFormatter

from datapunk.errors import Duplicate, InvalidArgument
from datapunk_workers.host.answers import AnswerCache
from datapunk_workers.host.app import create_app
from datapunk_workers.host.metrics import Metrics
from datapunk_workers.host.models import ModelStore

_log = logging.getLogger("datapunk.host")
_LONGEST_PATH = 107


def main(socket_path: str, preload: str | None = None) -> None:
    """Serve on `socket_path` until SIGTERM or SIGINT; `preload` is a folder with an exported embedder.

    Raises Duplicate when another host serves there, InvalidArgument for an unusable path or setting.
    """
    _log_as_json(sys.stderr)
    metrics = Metrics()
    store = ModelStore(
        threads=_positive("DATAPUNK_HOST_THREADS", os.cpu_count() or 1),
        capacity=_positive("DATAPUNK_HOST_CACHE_MB", 2048) * 1024 * 1024,
        metrics=metrics,
    )
    with _lock(socket_path):
        if preload:
            store.preload(Path(preload))
        listener = _listen(socket_path)
        config = uvicorn.Config(
            create_app(store, metrics, AnswerCache(ttl_s=_positive("DATAPUNK_HOST_ANSWERS_S", 300, least=0))),
            loop="uvloop",
            http="httptools",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            date_header=False,
            timeout_keep_alive=3600,
            timeout_graceful_shutdown=10,
        )
        _log.info("the model host is ready", extra={"socket": socket_path, "pid": os.getpid(), "models": store.names()})
        # uvicorn raises the signal again once it has shut down; without a handler it would end the process here.
        signal.signal(signal.SIGTERM, _leave)
        signal.signal(signal.SIGINT, _leave)
        try:
            uvicorn.Server(config).run(sockets=[listener])
        finally:
            Path(socket_path).unlink(missing_ok=True)
            _log.info("the model host has stopped")


def _leave(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
    raise SystemExit(0)


def _lock(socket_path: str) -> TextIO:
    """Return a locked file beside the socket; the lock ends with the process, however it ends."""
    if len(os.fsencode(socket_path)) > _LONGEST_PATH:
        raise InvalidArgument(
            f"the socket path exceeds {_LONGEST_PATH} bytes: {socket_path}", hint="Choose a shorter folder."
        )
    folder = Path(socket_path).parent
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = open(f"{socket_path}.lock", "w", encoding="ascii")  # noqa: SIM115
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as exc:
        lock.close()
        raise Duplicate(f"another model host serves {socket_path}", hint="Stop it first: datapunk down.") from exc
    return lock


def _listen(socket_path: str) -> socket.socket:
    """Bind the socket with mode 0660, in place of a dead one; called with the lock held."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        answer = probe.connect_ex(socket_path)
    if answer == 0:
        raise Duplicate(f"something serves {socket_path} already", hint="Stop it, or choose another socket path.")
    if answer == errno.ECONNREFUSED:
        Path(socket_path).unlink()
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    former = os.umask(0o117)
    try:
        listener.bind(socket_path)
    finally:
        os.umask(former)
    listener.listen(512)
    return listener


def _log_as_json(stream: TextIO) -> None:
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)


def _positive(variable: str, default: int, *, least: int = 1) -> int:
    value = os.environ.get(variable, "")
    if value and not (value.isdecimal() and int(value) >= least):
        raise InvalidArgument(f"{variable} is {value!r}", hint=f"Give a whole number from {least} on.")
    return int(value or default)
