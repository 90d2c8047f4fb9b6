"""Reading rejects again from a shell: some hundred at a time, each lot committed."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from datapunk.admin.session import Connection

_AT_ONCE = 1_000
_SUMS = ("rejects", "items_new", "items_seen", "still_rejected", "not_kept")
_NAMES = ("import_id", "filename", "member", "source")


def retry_in_steps(
    connection: Connection, options: Mapping[str, Any],
    show: Callable[[int, int, int], object] = lambda _done, _total, _new: None,
) -> dict[str, Any]:  # fmt: skip
    """Call lake_retry for the rejects that meet `options`; return its rows by file and their totals.

    `show` is told how many are done, of how many, and the items that they gave.
    """
    chosen = connection.execute(
        """
        select reject_id
        from api.rejects
        where owner_id = ops.current_owner()
          and (%(import_id)s::uuid is null or import_id = %(import_id)s)
          and (%(source)s::text[] is null or source = any (%(source)s))
          and (%(member)s::text is null or member = %(member)s)
          and (%(reason)s::text is null or position(lower(%(reason)s) in lower(reason)) > 0)
        order by reject_id
        """,
        {name: options.get(name) for name in ("import_id", "source", "member", "reason")},
    ).fetchall()
    keys = [row["reject_id"] for row in chosen]
    files: dict[tuple[Any, ...], dict[str, Any]] = {}
    total = dict.fromkeys(_SUMS, 0)
    for start in range(0, len(keys), _AT_ONCE):
        lot = json.dumps({"reject_ids": keys[start : start + _AT_ONCE]})
        for row in connection.execute("select * from api.lake_retry(%s)", (lot,)).fetchall():
            file = files.setdefault(tuple(row[name] for name in _NAMES), {**row, **dict.fromkeys(_SUMS, 0)})
            file["hint"] = row["hint"] or file["hint"]
            for name in _SUMS:
                file[name] += row[name]
                total[name] += row[name]
        show(min(start + _AT_ONCE, len(keys)), len(keys), total["items_new"])
    return {"files": list(files.values()), "total": total}
