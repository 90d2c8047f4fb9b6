"""A version leaves one database and answers the same in another."""

import json
import zipfile
from io import BytesIO
from typing import Any

import psycopg
import pytest

from harness import Database, Server, clone
from tabular_models import COMPILED, store

Connection = psycopg.Connection[Any]
ROW = json.dumps({"x1": 0.5, "x2": -1.0, "x3": None, "x4": 2.0})


@pytest.fixture
def elsewhere(server: Server, template: str) -> Any:
    for found in clone(server, template):
        with found.connect(owner="bob") as connection:
            yield connection


def exported(database: Database) -> tuple[bytes, str]:
    store(database, COMPILED["trees"](), name="m", owner="ada")
    with database.connect(owner="ada") as ada:
        content = ada.execute("select api.forge_export('m')").fetchone()
        signer = ada.execute("select signer from api.signing_keys").fetchone()
        assert ada.execute("select api.forge_export('m')").fetchone() == content
    assert content is not None
    assert signer is not None
    return bytes(content[0]), str(signer[0])  # type: ignore[arg-type]


def imported(connection: Connection, content: bytes, **options: object) -> int:
    row = connection.execute("select api.forge_import(%s, %s)", (content, json.dumps(options))).fetchone()
    assert row is not None
    return int(row[0])


def changed(content: bytes, name: str, data: bytes) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(buffer, "w") as new:
        for entry in old.namelist():
            new.writestr(entry, data if entry == name else old.read(entry))
    return buffer.getvalue()


def test_it_answers_as_it_did(database: Database, elsewhere: Connection) -> None:
    content, signer = exported(database)
    assert imported(elsewhere, content, signer=signer, model="theirs") == 1
    elsewhere.execute("select api.forge_deploy('theirs', 1)")
    with database.connect(owner="ada") as ada:
        before = ada.execute("select api.forge_predict('m', %s)", (ROW,)).fetchone()
        rows = "select v.sha256, v.signature, v.parameters from api.model_versions as v where v.model = %s"
        kept = ada.execute(rows, ("m",)).fetchone()
    assert elsewhere.execute("select api.forge_predict('theirs', %s)", (ROW,)).fetchone() == before
    assert elsewhere.execute(rows, ("theirs",)).fetchone() == kept
    assert imported(elsewhere, content, signer=signer, model="theirs") == 2


def test_an_unknown_signer_is_refused_by_name(database: Database, elsewhere: Connection) -> None:
    content, signer = exported(database)
    with pytest.raises(psycopg.errors.InsufficientPrivilege) as caught:
        imported(elsewhere, content)
    assert signer in (caught.value.diag.message_hint or "")


@pytest.mark.parametrize("name", ["manifest.json", "files/model.onnx", "signature.json"])
def test_what_was_changed_on_the_way_is_refused(database: Database, elsewhere: Connection, name: str) -> None:
    content, signer = exported(database)
    for broken in (changed(content, name, b'{"model": "m"}'), content[: len(content) // 2]):
        with pytest.raises(psycopg.Error) as caught:
            imported(elsewhere, broken, signer=signer)
        assert caught.value.sqlstate == "DP010"
    assert elsewhere.execute("select count(*) from api.model_versions where model = 'm'").fetchone() == (0,)


def test_a_key_that_is_none_is_refused(elsewhere: Connection) -> None:
    with pytest.raises(psycopg.errors.InvalidParameterValue):
        imported(elsewhere, b"x", signer="abc")
