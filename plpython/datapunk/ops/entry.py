"""What the SQL functions of schema ops call."""

from dataclasses import asdict
from typing import Any

from datapunk.db.backend import entry_point, read_settings
from datapunk.db.plpy_db import PlpyDb
from datapunk.ops.health import host_health as ask_host


@entry_point
def host_health(plpy: Any, cache: dict[str, Any]) -> list[dict[str, str]]:
    """Body of ops.host_health."""
    return [asdict(ask_host(read_settings(PlpyDb(plpy, cache))))]
