"""What the SQL functions of schema ops call."""

import json
from dataclasses import asdict
from typing import Any

from datapunk.db.backend import entry_point, read_settings
from datapunk.db.plpy_db import PlpyDb
from datapunk.ops.health import host_health as ask_host
from datapunk.ops.host_figures import host_figures as ask_figures


@entry_point
def host_health(plpy: Any, cache: dict[str, Any]) -> list[dict[str, str]]:
    """Body of ops.host_health."""
    return [asdict(ask_host(read_settings(PlpyDb(plpy, cache))))]


@entry_point
def host_figures(plpy: Any, cache: dict[str, Any]) -> list[tuple[str, str, float]]:
    """Body of ops.host_figures."""
    return [(f.name, json.dumps(f.labels), f.value) for f in ask_figures(read_settings(PlpyDb(plpy, cache)))]
