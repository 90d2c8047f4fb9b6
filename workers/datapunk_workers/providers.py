"""Telling the model host of this machine how to reach the providers, so that it can ask them for a backend.

Backends never see a secret: they name a provider by its key, and the host asks.
"""

import json
import logging
from typing import Any

import psycopg

from datapunk.db import load_queries
from datapunk.db.psycopg_db import PsycopgDb
from datapunk.errors import DatapunkError
from datapunk.inference.unix_http import UnixHttpConnection
from datapunk.settings import Settings
from datapunk_workers.embedders import read_provider
from datapunk_workers.queue import Q

log = logging.getLogger(__name__)
_SECONDS = 2.0


class ProviderNews:
    """Remembers what the host was told, and by which process it was heard."""

    def __init__(self) -> None:
        self._told: tuple[Any, ...] = ()
        self._http: UnixHttpConnection | None = None

    def tell(self, connection: psycopg.Connection[Any]) -> bool:
        """Tell the host what has changed, or all of it when it was started anew; False when there was nothing."""
        db = PsycopgDb(connection)
        rows = [row for row in db.rows(Q.provider_of, None) if row["kind"] in ("openai", "rerank")]
        socket = Settings.from_mapping(db.rows(load_queries("datapunk.db").settings)[0]).host_socket
        if not rows or not socket:
            return False
        if self._http is None or self._http.path != socket:
            self._http = UnixHttpConnection(socket)
        try:
            pid = json.loads(self._http.request("GET", "/healthz", b"", timeout=_SECONDS).body)["pid"]
            news = (socket, pid, *((row["key"], row["value"]) for row in rows))
            if news == self._told:
                return False
            for row in rows:
                self._tell_one(self._http, row)
        except (OSError, ValueError, KeyError) as exc:
            log.info("the model host cannot be told of providers now: %s", type(exc).__name__)
            return False
        self._told = news
        return True

    @staticmethod
    def _tell_one(http: UnixHttpConnection, row: dict[str, Any]) -> None:
        try:
            provider = read_provider(row)
        except DatapunkError as exc:
            log.warning("provider %s: %s", row["name"], exc.message)
            return
        body = {
            "name": provider.name, "base_url": provider.base_url, "model": provider.model, "secret": provider.secret,
            "timeout_s": provider.timeout_s, "dimensions": provider.dimensions,
            "asked_dimensions": provider.asked_dimensions,
        }  # fmt: skip
        http.request("PUT", f"/providers/{row['key']}", json.dumps(body).encode(), timeout=_SECONDS)
