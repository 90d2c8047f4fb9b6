"""BI: simple GROUP BYs over the typed views of an owner with a million items.

Prints JSON. `python tests/bench/bench_bi.py DSN [RUNS]`; DSN is a superuser's connection string to a database with
Datapunk installed, in which the owner `bi` is made and removed again.
"""

import json
import statistics
import sys
import time
from typing import Any

import psycopg

OWNER = "bi"
ITEMS = 1_000_000
# What a person's years in Google hold, about: visits and watches above all.
_FILL = """
insert into lake.item
  (owner_id, kind, source, occurred_at, title, url, attributes, content_hash, precision, sensitivity)
select %(owner)s, k.kind, k.source, timestamptz '2015-01-01' + n * interval '5 minutes',
  'A title of some words, number ' || n,
  case k.kind
    when 'watch' then 'https://www.youtube.com/watch?v=' || left(md5((n %% 90000)::text), 11)
    when 'mail' then null
    else 'https://www.site' || floor(4000 * power(random(), 4)) || '.example/path/' || n %% 20000 || '?page=' || n %% 7
  end,
  case k.kind
    when 'watch' then jsonb_build_object(
      'channel', 'Channel ' || c.number, 'channel_id', 'UC' || left(md5(c.number::text), 22),
      'video_id', left(md5((n %% 90000)::text), 11), 'product', 'YouTube'
    )
    when 'search' then jsonb_build_object('query', 'words to look for ' || n %% 30000, 'product', 'Search')
    when 'mail' then jsonb_build_object(
      'sender', 'Person ' || c.number, 'recipient_names', jsonb_build_array('Me'), 'labels', jsonb_build_array('Inbox')
    )
    else jsonb_build_object('transition', 'link', 'product', 'Chrome')
  end,
  sha256(convert_to('bi ' || n, 'UTF8')), 's', k.sensitivity
from generate_series(1, %(items)s) as n
cross join lateral (
  select
    (array['visit', 'visit', 'visit', 'visit', 'watch', 'watch', 'watch', 'search', 'search', 'mail'])[1 + n %% 10],
    (array['chrome', 'chrome', 'chrome', 'chrome', 'youtube', 'youtube', 'youtube', 'google', 'google', 'gmail']
    )[1 + n %% 10],
    case when n %% 10 = 9 then 'private' else 'personal' end
) as k (kind, source, sensitivity)
cross join lateral (select floor(3000 * power(random() + 0 * n, 3))::integer) as c (number)
"""
QUERIES = {
    "watches_by_channel": "select channel, count(*) from watches group by 1 order by 2 desc limit 20",
    "watches_by_day": "select local_date, count(*) from watches group by 1 order by 1",
    "watches_of_a_year_by_channel": (
        "select channel, count(*) from watches where occurred_at >= '2019-01-01' and occurred_at < '2020-01-01'"
        " group by 1 order by 2 desc limit 20"
    ),
    "visits_by_hour": "select local_hour, count(*) from visits group by 1 order by 1",
    "visits_by_weekday_and_hour": "select local_weekday, local_hour, count(*) from visits group by 1, 2 order by 1, 2",
    "visits_by_domain": "select domain, count(*) from visits group by 1 order by 2 desc limit 20",
    "visits_by_month": "select date_trunc('month', local_date), count(*) from visits group by 1 order by 1",
    "searches_by_query": "select query, count(*) from searches group by 1 order by 2 desc limit 20",
    "items_by_kind": "select kind, count(*) from items group by 1 order by 2 desc",
    "items_by_day": "select local_date, count(*) from items group by 1 order by 1",
}


def fill(connection: psycopg.Connection[Any]) -> float:
    """Insert the items, without the triggers that index them; returns seconds."""
    empty(connection)
    connection.execute("set session_replication_role = replica")
    started = time.perf_counter()
    connection.execute(_FILL, {"owner": OWNER, "items": ITEMS})
    seconds = time.perf_counter() - started
    connection.execute("set session_replication_role = origin")
    connection.execute("vacuum (analyze) lake.item")
    return seconds


def empty(connection: psycopg.Connection[Any]) -> None:
    """Remove the items again."""
    connection.execute("set session_replication_role = replica")
    connection.execute("delete from lake.item where owner_id = %s", (OWNER,))
    connection.execute("set session_replication_role = origin")
    connection.execute("vacuum lake.item")


def measure(connection: psycopg.Connection[Any], runs: int) -> dict[str, float]:
    """Run each query as a person does, under row-level security; returns the median of each in milliseconds."""
    connection.execute("set role datapunk")
    connection.execute("select set_config('datapunk.owner', %s, false)", (OWNER,))
    connection.execute("set datapunk.timezone = 'Europe/Lisbon'")
    connection.execute("set search_path = api, public")
    figures = {}
    for name, query in QUERIES.items():
        times = []
        for _ in range(runs):
            started = time.perf_counter()
            rows = connection.execute(query).fetchall()  # type: ignore[call-overload]
            times.append((time.perf_counter() - started) * 1000)
            assert rows
        figures[name] = round(statistics.median(times), 1)
    connection.execute("reset role")
    return figures


def main(dsn: str, runs: int = 5) -> dict[str, Any]:
    """Fill, measure, remove; returns the figures."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        try:
            seconds = fill(connection)
            row = connection.execute("select pg_relation_size('lake.item'), pg_indexes_size('lake.item')").fetchone()
            assert row is not None
            figures = measure(connection, runs)
            return {
                "items": ITEMS, "fill_seconds": round(seconds, 1), "table_mb": round(row[0] / 2**20),
                "indexes_mb": round(row[1] / 2**20), "slowest_ms": max(figures.values()), "median_ms": figures,
            }  # fmt: skip
        finally:
            empty(connection)


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], *map(int, sys.argv[2:])), indent=2))
