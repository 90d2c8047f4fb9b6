"""Pages whose zone has an abbreviation of several zones: their entries meet those of the data, and nothing else."""

import json
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any, NamedTuple

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lake_archives import zipped

Connection = psycopg.Connection[Any]
START = datetime(2025, 3, 1, 12, tzinfo=UTC)
#: What IST can mean, in minutes.
OFFSETS = (330, 120, 60)


class Act(NamedTuple):
    """A visit, so many half hours after the start: the zones are apart by such ones, so that repeats look alike."""

    half_hours: int
    title: str

    @property
    def at(self) -> datetime:
        return START + timedelta(minutes=30 * self.half_hours)


ACTS = st.lists(st.builds(Act, st.integers(0, 16), st.sampled_from("ab")), min_size=1, max_size=8).map(
    lambda acts: sorted(acts, reverse=True)
)


def data(acts: Sequence[Act]) -> bytes:
    return json.dumps(
        [
            {
                "header": "Chrome", "title": f"Visited {act.title}", "titleUrl": f"https://{act.title}.example/",
                "time": f"{act.at:%Y-%m-%dT%H:%M:%S}.250Z", "products": ["Chrome"],
            }
            for act in acts
        ]
    ).encode()  # fmt: skip


def page(acts: Sequence[Act], minutes: int, zone: str = "IST") -> bytes:
    cards = "".join(
        '<div class="outer-cell"><div class="header-cell"><p class="mdl-typography--title">Chrome<br></p></div>'
        '<div class="content-cell mdl-typography--body-1">'
        f'Visited\u00a0<a href="https://{escape(act.title)}.example/">{act.title}</a><br>'
        f"{act.at + timedelta(minutes=minutes):%b %d, %Y, %I:%M:%S %p} {zone}</div>"
        '<div class="content-cell mdl-typography--caption"><b>Products:</b><br>\u2003Chrome<br></div></div>'
        for act in acts
    )
    return f'<html><body><div class="mdl-grid">{cards}</div></body></html>'.encode()


def load(connection: Connection, content: bytes, name: str) -> int:
    row = connection.execute("select items_new from lake_import(%s, %s)", (content, name)).fetchone()
    assert row is not None
    return int(row[0])


def items(connection: Connection) -> Counter[tuple[str, datetime]]:
    rows = connection.execute("select title, date_trunc('second', occurred_at) from items").fetchall()
    return Counter((str(title), at) for title, at in rows)


def expected(acts: Sequence[Act]) -> Counter[tuple[str, datetime]]:
    return Counter((act.title, act.at) for act in acts)


PROPERTY = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@PROPERTY
@given(acts=ACTS, minutes=st.sampled_from(OFFSETS), data_first=st.booleans())
def test_a_history_as_page_and_as_data_is_the_same_in_any_order(
    connection: Connection, acts: list[Act], minutes: int, data_first: bool
) -> None:
    files = [(data(acts), "MyActivity.json"), (page(acts, minutes), "MyActivity.html")]
    with connection.transaction(force_rollback=True):
        first, second = files if data_first else files[::-1]
        assert load(connection, *first) == len(acts)
        assert load(connection, *second) == 0
        assert items(connection) == expected(acts)
        assert [load(connection, *file) for file in files] == [0, 0]
        assert items(connection) == expected(acts)


@PROPERTY
@given(acts=ACTS, minutes=st.sampled_from(OFFSETS), kept=st.sets(st.integers(0, 7)), data_first=st.booleans())
def test_no_repeat_is_merged_where_the_data_hold_a_part(
    connection: Connection, acts: list[Act], minutes: int, kept: set[int], data_first: bool
) -> None:
    part = [act for number, act in enumerate(acts) if number in kept]
    files = [(data(part), "MyActivity.json"), (page(acts, minutes), "MyActivity.html")]
    with connection.transaction(force_rollback=True):
        for file in files if data_first else files[::-1]:
            load(connection, *file)
        found = items(connection)
        undecided = connection.execute("select count(*) from items where zone_source = 'ambiguous'").fetchone()
        assert expected(part) <= found
        if undecided == (0,):
            assert found == expected(acts)
        else:
            assert found.total() == len(acts) + len(part)


def test_all_that_a_page_has_gets_its_time_from_the_part_that_the_data_have(connection: Connection) -> None:
    acts = [Act(9, "a"), Act(5, "b"), Act(0, "a")]
    load(connection, page(acts, 60), "MyActivity.html")
    load(connection, data(acts[:2]), "MyActivity.json")
    assert items(connection) == expected(acts)
    assert connection.execute("select zone_source from items order by occurred_at").fetchall() == [
        ("abbr",), ("utc",), ("utc",),
    ]  # fmt: skip


def test_without_data_it_stays_open(connection: Connection) -> None:
    load(connection, page([Act(0, "a")], 60), "MyActivity.html")
    assert connection.execute("select zone_source from items").fetchall() == [("ambiguous",)]


def test_where_two_zones_do_as_well_nothing_is_merged(connection: Connection) -> None:
    # One visit of the page could be either of two in the data.
    load(connection, data([Act(9, "a"), Act(7, "a")]), "MyActivity.json")
    load(connection, page([Act(9, "a")], 60), "MyActivity.html")
    assert items(connection).total() == 3


def test_both_in_one_archive_are_one_history(connection: Connection) -> None:
    acts = [Act(3, "b"), Act(0, "a")]
    archive = zipped({"a/MyActivity.html": page(acts, 120), "b/MyActivity.json": data(acts)})
    assert load(connection, archive, "takeout.zip") == 2
    assert load(connection, archive, "takeout.zip") == 0
    assert items(connection) == expected(acts)


@pytest.mark.parametrize("data_first", [True, False])
def test_the_item_knows_both_files_and_answers_go_on_citing_it(connection: Connection, data_first: bool) -> None:
    acts = [Act(0, "a")]
    files = [(data(acts), "MyActivity.json"), (page(acts, 60), "MyActivity.html")]
    first, second = files if data_first else files[::-1]
    load(connection, *first)
    row = connection.execute("select item_id from items").fetchone()
    load(connection, *second)
    assert connection.execute("select item_id from items").fetchone() == row
    names = connection.execute("select filename from lake_sightings(%s)", row).fetchall()
    assert sorted(names) == [("MyActivity.html",), ("MyActivity.json",)]


def test_what_was_forgotten_comes_back_by_either_file(connection: Connection) -> None:
    acts = [Act(2, "b"), Act(0, "a")]
    for content, name in ((page(acts, 60), "MyActivity.html"), (data(acts), "MyActivity.json")):
        load(connection, content, name)
    connection.execute("""select lake_forget('{"source": "google"}')""")
    assert connection.execute("select count(*) from lake.zone_candidate").fetchone() == (0,)
    assert load(connection, page(acts, 60), "MyActivity.html") == 2
    assert load(connection, data(acts), "MyActivity.json") == 0
    assert items(connection) == expected(acts)
