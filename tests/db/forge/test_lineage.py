"""From the rows that a dataset read to what forgetting marks."""

import json
from dataclasses import asdict
from typing import Any

import psycopg
import pytest

from datapunk.db import one
from datapunk.db.psycopg_db import PsycopgDb
from datapunk_forge.codec import encode
from datapunk_forge.dataset import read_dataset
from datapunk_forge.trained import Metric, Trained
from datapunk_workers.queue import Q
from datapunk_workers.versions import Claim, write_version
from harness import Database

Connection = psycopg.Connection[Any]
RECORDS = [
    {"kind": "note", "source": "pad", "title": "old", "occurred_at": "2020-01-01T00:00:00Z"},
    {"kind": "note", "source": "pad", "title": "new", "occurred_at": "2025-01-01T00:00:00Z"},
    {"kind": "visit", "source": "chrome", "title": "seen", "occurred_at": "2025-02-01T00:00:00Z"},
]
NOTES = ("lake.item", "local", "note", "pad", 2)
VISITS = ("lake.item", "local", "visit", "chrome", 1)


@pytest.fixture
def person(database: Database) -> Any:
    with database.connect() as connection:
        connection.execute("select lake_append(%s)", (json.dumps(RECORDS),))
        connection.execute("create table public.trip as select 'old'::text as title, 3 as km")
        connection.execute("grant select on public.trip to datapunk_user")
        yield connection


def read(database: Database, query: str) -> Any:
    with database.connect("datapunk_worker", owner="local") as worker:
        return read_dataset(
            worker, query, role="datapunk_user", timeout_s=30, memory_mb=100, progress=lambda *_, **__: None
        )


def found(database: Database, query: str) -> tuple[list[tuple[Any, ...]], set[str]]:
    made = read(database, query).origins
    return [(o.relation, o.owner, o.kind, o.source, o.rows) for o in made], {o.basis for o in made}


@pytest.mark.parametrize(
    ("query", "expected", "basis"),
    [
        ("select title from api.items", [NOTES, VISITS], "plan"),
        ("select title from api.notes", [NOTES], "plan"),
        ("select title from api.items where kind in ('note', 'mail')", [NOTES], "plan"),
        ("select title from api.items where kind = 'note' or title = 'seen'", [NOTES, VISITS], "plan"),
        ("select item_id, title from api.items where title = 'seen'", [VISITS], "items"),
        ("select n.title, t.km from api.notes as n join public.trip as t using (title)",
         [NOTES, ("public.trip", None, None, None, None)], "plan"),
        ("select km from public.trip", [("public.trip", None, None, None, None)], "plan"),
    ],
)  # fmt: skip
def test_a_dataset_tells_where_its_rows_come_from(
    database: Database, person: Connection, query: str, expected: list[Any], basis: str
) -> None:
    assert found(database, query) == (expected, {basis})


def test_what_may_not_be_learned_from_is_not_among_them(database: Database, person: Connection) -> None:
    person.execute('select api.forge_policy(\'{"since": "2024-01-01"}\')')
    assert found(database, "select title from api.notes")[0] == [("lake.item", "local", "note", "pad", 1)]


def test_the_time_of_the_rows_is_told(database: Database, person: Connection) -> None:
    (origin,) = read(database, "select title from api.notes").origins
    assert (origin.since, origin.until) == ("2020-01-01T00:00:00+00:00", "2025-01-01T00:00:00+00:00")


def trained(database: Database, person: Connection, model: str, query: str, *, told: bool = True) -> None:
    row = person.execute("select api.forge_train(%s, 'recommender', 'select 1 as a, 2 as b')", (model,)).fetchone()
    assert row is not None
    origins = [asdict(o) for o in read(database, query).origins] if told else []
    dataset = {"fingerprint": model, "columns": [], "row_count": 1, "read_at": "2025-01-01Z", "origins": origins}
    learned = Trained(metrics=(Metric(name="m", value=1.0),), primary_metric="m", parameters={}, signature={})
    with database.connect("datapunk_worker", owner="local") as worker:
        held = one(PsycopgDb(worker).rows(Q.claim_job, row[0], "tester", 60))
        write_version(
            worker, Claim(job_id=row[0], token=held["token"]), encode(learned), dataset, 0,
            {"cpu_s": 1.0, "peak_memory_mb": 9.0},
        )  # fmt: skip


def stale(person: Connection) -> set[str]:
    rows = person.execute("select model from api.model_versions where stale_reason is not null").fetchall()
    return {row[0] for row in rows}


@pytest.mark.parametrize(
    ("what", "marked"),
    [
        ({"kind": "note"}, {"notes", "trips", "unknown", "everything"}),
        ({"kind": "visit"}, {"trips", "unknown", "everything"}),
        ({"kind": "note", "until": "2021-01-01"}, {"notes", "trips", "unknown", "everything"}),
        ({"kind": "note", "since": "2030-01-01"}, set()),
        ({"source": "chrome"}, {"trips", "unknown", "everything"}),
    ],
)
def test_forgetting_marks_what_learned_from_it(
    database: Database, person: Connection, what: dict[str, str], marked: set[str]
) -> None:
    trained(database, person, "notes", "select title from api.notes")
    trained(database, person, "everything", "select title from api.items")
    # A table of one's own may have been made from anything.
    trained(database, person, "trips", "select km from public.trip")
    trained(database, person, "unknown", "select 1", told=False)
    row = person.execute("select models_marked from lake_forget(%s)", (json.dumps(what),)).fetchone()
    assert (row, stale(person)) == ((len(marked),), marked)


def test_rows_that_came_later_mark_nothing(database: Database, person: Connection) -> None:
    trained(database, person, "notes", "select title from api.notes")
    later = [{"kind": "note", "source": "pad", "title": "later", "occurred_at": "2026-01-01T00:00:00Z"}]
    person.execute("select lake_append(%s)", (json.dumps(later),))
    person.execute('select lake_forget(\'{"kind": "note", "since": "2025-06-01"}\')')
    assert stale(person) == set()


def test_forgetting_everything_marks_everything(database: Database, person: Connection) -> None:
    trained(database, person, "notes", "select title from api.notes")
    person.execute("select lake_forget('{\"owner_all\": true}')")
    assert stale(person) == {"notes"}


def test_lineage_is_in_view_card_and_export(database: Database, person: Connection) -> None:
    trained(database, person, "notes", "select title from api.notes")
    row = person.execute("select relation, source_owner, kind, source, rows, basis from api.lineage").fetchone()
    assert row == (*NOTES, "plan")
    card = person.execute("select api.forge_card('notes')").fetchone()
    assert card is not None
    assert "note from pad of local: 2 rows, 2020-01-01 to 2025-01-01" in card[0]
    (package,) = person.execute("select api.forge_export('notes')").fetchone()  # type: ignore[misc]
    (signer,) = person.execute("select signer from api.signing_keys").fetchone()  # type: ignore[misc]
    options = json.dumps({"signer": signer, "model": "copy"})
    person.execute("select api.forge_import(%s, %s)", (package, options))
    row = person.execute("select source_owner, kind, source, rows from api.lineage where model = 'copy'").fetchone()
    assert row == NOTES[1:]


def test_another_owner_sees_none_of_it(database: Database, person: Connection) -> None:
    trained(database, person, "notes", "select title from api.notes")
    with database.connect(owner="eve") as eve:
        eve.execute("set role datapunk_user")
        assert eve.execute("select count(*) from api.lineage").fetchone() == (0,)
