"""How much a backend grows by asking, and how many models fifty connections load."""

import re
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg

from harness import Database

QUESTIONS = 100
CONNECTIONS = 50


def private_kilobytes(pid: int) -> int:
    """Memory that a process shares with nobody."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    return sum(int(n) for n in re.findall(r"^Private_(?:Clean|Dirty):\s+(\d+) kB", text, re.MULTILINE))


def main(database: Database, host_metrics: Any) -> dict[str, float]:
    """Return the growth in MB of a backend over its questions, and the models that the host holds for many backends.

    `host_metrics` returns the text of the host's /metrics.
    """
    with database.connect() as connection:
        connection.execute("select count(*) from items").fetchone()
        before = private_kilobytes(connection.info.backend_pid)
        for number in range(QUESTIONS):
            ask(connection, number)
        growth = private_kilobytes(connection.info.backend_pid) - before
    with ExitStack() as stack:
        for number in range(CONNECTIONS):
            ask(stack.enter_context(database.connect()), number)
        found = re.search(r"^datapunk_host_models(?:\{[^}]*\})? ([\d.]+)", host_metrics(), re.MULTILINE)
    if found is None:
        raise SystemExit("the host reports no number of models")
    return {
        "backend_growth_mb_after_100_questions": round(growth / 1024, 1),
        "models_held_for_50_connections": float(found[1]),
    }


def ask(connection: "psycopg.Connection[tuple[object, ...]]", number: int) -> None:
    connection.execute(
        "select gaia_ask(%s)", (f"how many videos did I watch in the first {number + 2} weeks of 2024?",)
    )


def read_metrics(socket_path: str) -> str:
    """The text of /metrics behind a Unix socket."""
    import http.client
    import socket

    class UnixConnection(http.client.HTTPConnection):
        def connect(self) -> None:
            self.sock = socket.socket(socket.AF_UNIX)
            self.sock.connect(socket_path)

    connection = UnixConnection("localhost")
    connection.request("GET", "/metrics")
    return connection.getresponse().read().decode()
