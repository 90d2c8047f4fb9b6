"""Session settings of the database (`datapunk.*`) as one typed value.

Each is a PostgreSQL setting, so `set datapunk.timezone = 'Europe/Berlin'` or `alter database ... set` changes it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Literal

from datapunk.errors import InvalidArgument

InferenceMode = Literal["auto", "resident", "in_process"]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings that the backend reads; an empty text means unset.

    `host_socket` is a file system path; `now` an ISO timestamp that fixes the clock; `timezone` an IANA name;
    `phone_region` an ISO 3166 country, empty for that of the time zone;
    `watts_a_core` what a busy core of this machine is taken to draw.
    """

    inference: InferenceMode = "auto"
    host_socket: str = ""
    timezone: str = "UTC"
    language: str = "en"
    now: str = ""
    import_dirs: str = ""
    phone_region: str = ""
    watts_a_core: float = 10.0

    @classmethod
    def from_mapping(cls, values: Mapping[str, str | None]) -> "Settings":
        """Build from setting names without their prefix; unknown names are ignored, empty ones keep the default."""
        known = {f.name for f in fields(cls)}
        given = {name: value for name, value in values.items() if name in known and value}
        mode = given.get("inference", "auto")
        if mode not in ("auto", "resident", "in_process"):
            raise InvalidArgument(f"datapunk.inference is {mode!r}", hint="Allowed: auto, resident, in_process.")
        given["inference"] = mode
        watts = given.pop("watts_a_core", "10")
        try:
            return cls(**given, watts_a_core=float(watts))  # type: ignore[arg-type]
        except ValueError:
            raise InvalidArgument(f"datapunk.watts_a_core is {watts!r}", hint="Give watts, as in 7.5.") from None
