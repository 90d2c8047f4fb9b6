"""The clock: every part asks it for the time, so that a test can fix it by the setting `datapunk.now`."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from datapunk.errors import InvalidArgument

# The longest name of the IANA database has 32 characters.
_LONGEST_ZONE = 64


def parse_now(setting: str | None) -> datetime:
    """Return the instant that `datapunk.now` fixes (ISO 8601, UTC when it has no zone), else the current one.

    Raises InvalidArgument when the setting is not a timestamp.
    """
    if not setting:
        return datetime.now(UTC)
    try:
        instant = datetime.fromisoformat(setting)
    except ValueError as exc:
        raise InvalidArgument(
            f"datapunk.now is not a timestamp: {setting!r}", hint="Use ISO 8601, as in 2025-06-01T12:00:00+00:00."
        ) from exc
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def zone(name: str | None) -> ZoneInfo:
    """Return the IANA time zone `name`, UTC when it is empty. Raises InvalidArgument for an unknown one."""
    hint = "Use an IANA name, as in Europe/Berlin; see pg_timezone_names."
    # zoneinfo opens a file of that name, or imports packages of its parts, however many there are.
    if name and len(name) > _LONGEST_ZONE:
        raise InvalidArgument(f"unknown time zone {name[:_LONGEST_ZONE]!r} ...", hint=hint)
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError) as exc:
        raise InvalidArgument(f"unknown time zone {name!r}", hint=hint) from exc
