"""What a training measured of a column is what the version makes of that column, whatever its type and who asks it."""

import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from datapunk_forge import classifier
from datapunk_forge.dataset import read_dataset
from datapunk_forge.personal import protect
from datapunk_forge.serving import prepared
from harness import Database, Server, clone
from tabular_models import TabularModel, store
from unit.forge.tabular.tables import OPTIONS, embed, silent

Connection = psycopg.Connection[Any]
OTHER_TYPES = """
create type public.mood as enum ('calm', 'glad', 'sad', 'Angry!');
create type public.place as (street text, number int);
create domain public.word as text check (value <> '');
create domain public.moment as timestamptz;
create schema other;
grant usage on schema other to public;
create type other.mood as enum ('a', 'b', 'c', 'd');
create domain other.flag as bool;
"""
#: Four values of each type, of which the first two go with one label.
TYPES: dict[str, tuple[str, tuple[str, str, str, str]]] = {
    "texts": ("text[]", ("{red,big}", '{"a b",NULL}', "{}", '{"quo\\"te",""}')),
    "tables": ("text[]", ("{{a,b},{c,d}}", "{{a,b},{c,e}}", "{{a}}", "{a}")),
    "booleans": ("bool[]", ("{t}", "{t,f}", "{f}", "{f,f}")),
    "days": ("date[]", ("{2024-01-01}", "{2024-12-31}", "{2025-01-01,infinity}", "{}")),
    "instants": ("timestamptz[]", ("{2024-01-01 00:00Z}", "{2024-01-01 12:00:00.5Z}", "{-infinity}", "{}")),
    "interval": ("interval", ("-1 day", "00:10:00", "2 days 03:00", "3 days 0.25 s")),
    "money": ("money", ("-1", "0.5", "12.5", "13.25")),
    "jsonb": ("jsonb", ('{"b": 1.50, "a": [1, {}]}', '"{}"', '"é"', "[]")),
    "json": ("json", ('{"b":  1.50, "a": [1,2]}', "[ ]", '"x"', "12.0")),
    "integers": ("int4range", ("[0,3)", "[0,4)", "empty", "(,4)")),
    "span": ("daterange", ("[2024-01-01,2024-02-01)", "[2024-01-01,)", "empty", "[2025-01-02,2025-02-03)")),
    "period": ("tstzrange", ("[2024-01-01 00:00Z,)", "[2024-01-01 01:00Z,2025-01-01 01:00Z]", "empty", "(,)")),
    "periods": ("tstzmultirange", ("{[2024-01-01 00:00Z,)}", "{(,2024-01-01 01:00Z]}", "{}", "{(,)}")),
    "time": ("time", ("10:00", "10:00:00.5", "23:59:59.999999", "24:00")),
    "timetz": ("timetz", ("10:00+00", "10:00:00.5+02", "11:00+01", "24:00-03:30")),
    "uuid": ("uuid", tuple(f"A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A1{n}" for n in range(4))),  # type: ignore[dict-item]
    "bytea": ("bytea", ("\\x00ff", "\\x", "\\x41", "\\x5c")),
    "inet": ("inet", ("10.0.0.1", "10.0.0.1/8", "::1", "::ffff:1.2.3.4")),
    "cidr": ("cidr", ("10.0.0.0/8", "10.1.0.0/16", "::/0", "::1/128")),
    "macaddr": ("macaddr", ("08002b010203", "08002b010204", "08002b010205", "08002b010206")),
    "bit": ("bit(3)", ("101", "111", "000", "010")),
    "varbit": ("varbit", ("1", "11", "", "0")),
    "char": ("char(5)", ("a", "b", "", "abcde")),
    "letter": ('"char"', ("a", "b", "c", "d")),
    "varchar": ("varchar(5)", ("a", "a ", "", "null")),
    "name": ("name", ("a", "b", "A", "null")),
    "enum": ("public.mood", ("calm", "glad", "sad", "Angry!")),
    "enums": ("public.mood[]", ("{calm}", "{calm,glad}", "{}", "{Angry!}")),
    "other enum": ("other.mood", ("a", "b", "c", "d")),
    "composite": ("public.place", ("(a,1)", '("b c",)', "(,)", '("",2)')),
    "composites": ("public.place[]", ('{"(a,1)"}', '{"(\\"b c\\",)"}', "{}", '{"(a,2)"}')),
    "domain": ("public.word", ("a", "b", "c", "d")),
    "domain of times": ("public.moment", ("2024-01-01Z", "2024-01-02Z", "2030-01-01Z", "2030-01-02Z")),
    "domain of booleans": ("other.flag", ("t", "t", "f", "f")),
    "point": ("point", ("(1,2)", "(0.1,2)", "(1e300,2)", "(NaN,-0)")),
    "tsvector": ("tsvector", ("a:1", "b:1 c:2", "", "'d e':3A")),
    "xml": ("xml", ("<a/>", "<b>1</b>", "<c/>", "x")),
    "oid": ("oid", ("1", "2", "3", "4294967295")),
    "float4": ("float4", ("-0.1", "0.1", "2.5", "4")),
    "numeric": ("numeric", ("-1.50", "0.1", "2.50", "4")),
    "bool": ("bool", ("t", "t", "f", "f")),
    "date": ("date", ("2024-01-01", "2024-01-02", "2030-01-02", "2030-01-03")),
    "timestamp": ("timestamp", ("2024-01-01", "2024-01-02", "2030-01-02", "2030-01-03")),
    "vector": ("public.vector", ("[0,1]", "[1,1]", "[5,1]", "[6,1]")),
    "numbers": ("int[]", ("{0,1}", "{1,1}", "{5,1}", "{6,1}")),
}  # fmt: skip


@pytest.fixture(scope="module")
def typed(server: Server, template: str) -> Iterator[Database]:
    for database in clone(server, template):
        with database.connect("postgres") as root:
            root.execute(OTHER_TYPES)
        yield database


@pytest.fixture
def person(typed: Database) -> Any:
    """Somebody whose session writes everything otherwise than a worker's."""
    with typed.connect() as connection:
        connection.execute("set datapunk.inference = 'in_process'")
        for setting in ("timezone = 'Asia/Tokyo'", "datestyle = 'German'", "intervalstyle = 'iso_8601'",
                        "bytea_output = 'escape'", "extra_float_digits = -3"):  # fmt: skip
            connection.execute(f"set {setting}")
        yield connection


def trained(database: Database, query: str, name: str, **options: object) -> TabularModel:
    with psycopg.connect(database.dsn("datapunk_worker"), autocommit=True) as worker:
        dataset = read_dataset(
            worker, query, role="datapunk", timeout_s=60, memory_mb=1024, progress=lambda *_, **__: None
        )
    given = {**OPTIONS, "leakage": "keep", **options}
    dataset, _ = protect(dataset, given)
    learned = prepared(classifier.train(dataset, given, silent, embed))
    assert {m.value for m in learned.metrics if m.name == "accuracy" and m.scored == "model"} == {1.0}
    artifacts = dict(learned.artifacts)
    model = TabularModel(
        recipe="classifier", pipeline=None, graph=artifacts.pop("model.onnx"), signature=dict(learned.signature),
        artifacts=artifacts,
    )  # fmt: skip
    store(database, model, name=name)
    return model


def scored(connection: Connection, query: str, **options: object) -> list[bool]:
    rows = connection.execute(
        "select s.label = q.y from api.forge_score('m', %s, %s) as s join public.given as q on q.id = s.key::int",
        (query, json.dumps(options)),
    ).fetchall()
    return [right for (right,) in rows]


def given(connection: Connection, type_name: str, values: tuple[str, ...]) -> None:
    """Make a table whose column says what the label is."""
    connection.execute("drop table if exists public.given; select api.forge_drop('m'); set datestyle = 'ISO'")
    connection.execute(
        f"create table public.given as select g as id, ((%s::text[])[1 + g %% 4])::{type_name} as x,"
        " case when g %% 4 < 2 then 'one' else 'other' end as y from generate_series(1, 80) as g",
        (list(values),),
    )
    connection.execute("set datestyle = 'German'")


@pytest.mark.parametrize(("type_name", "values"), TYPES.values(), ids=TYPES)
def test_what_is_measured_is_served(
    typed: Database, person: Connection, type_name: str, values: tuple[str, ...]
) -> None:
    given(person, type_name, values)
    model = trained(typed, "select x, y from public.given", "m")
    query = "select id, x from public.given"
    assert scored(person, query, engine="host") == [True] * 80
    if model.signature["features"][0]["kind"] != "vector":
        assert scored(person, query, engine="sql") == [True] * 80
        person.execute("select api.forge_compile('m')")
        assert scored(person, query, engine="sql") == [True] * 80
    is_text_taken = model.signature["features"][0]["kind"] not in ("vector", "time") and "json" not in type_name
    for form in ("x", "x::text") if is_text_taken else ("x",):
        rows = person.execute(
            f"select y, api.forge_predict('m', jsonb_build_object('x', {form})) ->> 'label'"
            " from public.given where id <= 4"
        ).fetchall()
        assert len(rows) == 4
        assert all(y == label for y, label in rows), (form, rows)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("texts", "red"), ("integers", "[3"), ("integers", [0, 3]), ("interval", "soon"), ("interval", {"days": 1}),
        ("uuid", "a"), ("enum", "merry"), ("varchar", ["a"]), ("jsonb", '{"a":  1}'),
    ],
)  # fmt: skip
def test_a_value_that_is_none_of_its_type_is_refused(
    typed: Database, person: Connection, name: str, value: Any
) -> None:
    given(person, *TYPES[name])
    trained(typed, "select x, y from public.given", "m")
    for function in ("forge_predict", "forge_explain"):
        with pytest.raises(psycopg.errors.InvalidParameterValue, match="'x' is") as caught:
            person.execute(f"select * from api.{function}('m', %s)", (json.dumps({"x": value}),))
        assert "Give" in (caught.value.diag.message_hint or "")


def test_a_type_that_is_gone_takes_its_text_alone(typed: Database, person: Connection) -> None:
    person.execute("create type public.gone as (a text, b int)")
    given(person, "public.gone", ("(a,1)", "(b,2)", "(c,3)", "(d,4)"))
    trained(typed, "select x, y from public.given", "m")
    person.execute("drop table public.given; drop type public.gone")
    row = person.execute("select api.forge_predict('m', %s) ->> 'label'", (json.dumps({"x": "(d,4)"}),)).fetchone()
    assert row == ("other",)
    with pytest.raises(psycopg.errors.InvalidParameterValue):
        person.execute("select api.forge_predict('m', %s)", (json.dumps({"x": {"a": "d", "b": 4}}),))


def test_seconds_stand_for_an_interval(typed: Database, person: Connection) -> None:
    given(person, *TYPES["interval"])
    trained(typed, "select x, y from public.given", "m")
    query = "select id, extract(epoch from x) as x from public.given"
    for engine in ("host", "sql"):
        assert scored(person, query, engine=engine) == [True] * 80
    row = person.execute("select api.forge_predict('m', %s) ->> 'label'", (json.dumps({"x": 3 * 86400}),)).fetchone()
    assert row == ("other",)


def test_a_prediction_is_kept_as_what_was_learned(typed: Database, person: Connection) -> None:
    """Or the view drift would take it for a new value."""
    for name, drifted in (("texts", "psi < 0.1"), ("interval", "missing = 0")):
        given(person, *TYPES[name])
        trained(typed, "select x, y from public.given", "m")
        person.execute(
            "select api.forge_predict('m', jsonb_build_object('x', x), '{\"log\": true}')"
            " from public.given, generate_series(1, 2)"
        )
        row = person.execute(f"select {drifted} from api.drift where model = 'm' and feature = 'x'").fetchone()
        assert row == (True,)


def test_what_is_masked_is_served_as_it_was_measured(typed: Database, person: Connection) -> None:
    given(person, "text", ("ann@example.org", "ben@example.org", "form", "shop"))
    model = trained(typed, "select x, y from public.given", "m", pii="mask")
    assert model.signature["features"][0]["values"] == ["form", "shop"]
    for engine in ("host", "sql"):
        assert scored(person, "select id, x from public.given", engine=engine) == [True] * 80
    row = person.execute("select api.forge_predict('m', %s) ->> 'label'", (json.dumps({"x": "ann@example.org"}),))
    assert row.fetchone() == ("one",)
