"""What the model host counts, as rows: its page /metrics is on a Unix socket, where Prometheus does not read."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from datapunk.inference.unix_http import UnixHttpConnection
from datapunk.settings import Settings

_TIMEOUT_S = 1.0
_SAMPLE = re.compile(r"(datapunk_host_\w+)(?:\{(.*)\})? (\S+)")
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
_ESCAPED = re.compile(r"\\(.)")
# Of histograms sum and count; when each figure began is nobody's question.
_LEFT_OUT = ("_bucket", "_created", "_pid")


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One figure, named and labelled as Prometheus does."""

    name: str
    labels: Mapping[str, str]
    value: float


def host_figures(settings: Settings) -> list[Figure]:
    """Return the figures of the model host that the settings name; none where none answers."""
    if settings.inference == "in_process" or not settings.host_socket:
        return []
    connection = UnixHttpConnection(settings.host_socket)
    try:
        reply = connection.request("GET", "/metrics", b"", timeout=_TIMEOUT_S)
    except OSError:
        return []
    finally:
        connection.close()
    return list(read_figures(reply.body.decode())) if reply.status == 200 else []


def read_figures(text: str) -> Iterator[Figure]:
    """Yield the host's own figures of a page in Prometheus's text format."""
    for line in text.splitlines():
        found = _SAMPLE.fullmatch(line)
        if found and not found[1].endswith(_LEFT_OUT):
            labels = {name: _ESCAPED.sub(_unescaped, value) for name, value in _LABEL.findall(found[2] or "")}
            yield Figure(name=found[1], labels=labels, value=float(found[3]))


def _unescaped(found: re.Match[str]) -> str:
    return "\n" if found[1] == "n" else found[1]
