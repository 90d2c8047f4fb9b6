"""Artefacts are encrypted at rest by the worker, and opened where the key is."""

import hashlib
import json
from base64 import b64encode
from typing import Any

import psycopg
import pytest

from datapunk.db import one
from datapunk.db.psycopg_db import PsycopgDb
from datapunk.errors import NotReady
from datapunk.inference import StoredArtifacts
from datapunk.inference.sealing import opened
from datapunk_forge.codec import encode
from datapunk_forge.trained import Metric, Trained
from datapunk_workers.host.errors import RequestRefused
from datapunk_workers.host.metrics import Metrics
from datapunk_workers.host.models import ModelStore
from datapunk_workers.queue import Q, Queue
from datapunk_workers.resealing import reseal
from datapunk_workers.versions import Claim, write_version
from harness import Database
from tabular_models import COMPILED

Connection = psycopg.Connection[Any]
FIRST, SECOND = (b64encode(bytes([n]) * 32).decode() for n in (1, 2))
DATASET = {"fingerprint": "f", "columns": [], "row_count": 4, "read_at": "2025-01-01Z"}
ROW = json.dumps({"x1": 0.5, "x2": -1.0, "x3": None, "x4": 2.0})


@pytest.fixture
def person(database: Database) -> Any:
    with database.connect() as connection:
        yield connection


@pytest.fixture
def worker(database: Database, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("DATAPUNK_SEAL_WITH", "first")
    monkeypatch.setenv("DATAPUNK_KEY_FIRST", FIRST)
    with database.connect("datapunk_worker", owner="local") as connection:
        yield connection


def trained(person: Connection, worker: Connection) -> bytes:
    """Write a version as a worker does; returns its graph."""
    model = COMPILED["linear_regressor"]()
    query = "select 1.0::float8 as x1, 2.0::float8 as y"
    row = person.execute("select api.forge_train('m', 'regressor', %s, '{\"target\": \"y\"}')", (query,)).fetchone()
    assert row is not None
    held = one(PsycopgDb(worker).rows(Q.claim_job, row[0], "tester", 60))
    learned = Trained(
        metrics=(Metric(name="r2", value=1.0),), primary_metric="r2", parameters={}, signature=model.signature,
        artifacts={"model.onnx": model.graph, "plots.json": b"{}", **model.artifacts},
    )  # fmt: skip
    write_version(
        worker, Claim(job_id=row[0], token=held["token"]), encode(learned), DATASET, 0,
        {"cpu_s": 1.0, "peak_memory_mb": 9.0},
    )  # fmt: skip
    return model.graph


def keys(person: Connection) -> dict[str, str | None]:
    return dict(person.execute("select name, key from api.artifacts where model = 'm'").fetchall())


def test_they_are_kept_sealed_under_the_hash_of_the_plain(person: Connection, worker: Connection) -> None:
    graph = trained(person, worker)
    assert keys(person) == {"model.onnx": "first", "native.json": "first", "plots.json": None}
    row = person.execute("select sha256 from api.artifacts where name = 'model.onnx' and model = 'm'").fetchone()
    assert row == (hashlib.sha256(graph).hexdigest(),)
    kept = StoredArtifacts(PsycopgDb(worker)).read(row[0])
    assert graph[:50] not in kept
    assert opened(kept) == graph


def test_the_model_host_opens_what_it_has_the_key_of(
    person: Connection, worker: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    graph = trained(person, worker)
    sha = hashlib.sha256(graph).hexdigest()
    kept = StoredArtifacts(PsycopgDb(worker)).read(sha)
    store = ModelStore(threads=1, capacity=10**8, metrics=Metrics())
    store.put_artifact(sha, kept)
    monkeypatch.delenv("DATAPUNK_KEY_FIRST")
    with pytest.raises(RequestRefused) as caught:
        store.put_artifact(sha, kept)
    assert caught.value.code == "artifact_sealed"


@pytest.mark.parametrize(
    "call", ["api.forge_predict('m', %s)", "api.forge_explain('m', %s)", "api.forge_compile('m'), %s"]
)
def test_without_the_key_it_is_not_ready(person: Connection, worker: Connection, call: str) -> None:
    trained(person, worker)
    person.execute("set datapunk.inference = 'in_process'")
    with pytest.raises(psycopg.Error) as caught:
        person.execute(f"select {call}", (ROW,))
    assert caught.value.sqlstate == "DP002"
    assert caught.value.diag.message_hint


def test_it_travels_sealed_and_is_opened_by_the_same_key(person: Connection, worker: Connection) -> None:
    graph = trained(person, worker)
    (package,) = person.execute("select api.forge_export('m')").fetchone()  # type: ignore[misc]
    assert graph[:50] not in package
    (signer,) = person.execute("select signer from api.signing_keys").fetchone()  # type: ignore[misc]
    options = json.dumps({"signer": signer, "model": "copy"})
    person.execute("select api.forge_import(%s, %s)", (package, options))
    row = person.execute(
        "select sha256, key from api.artifacts where model = 'copy' and name = 'model.onnx'"
    ).fetchone()
    assert row == (hashlib.sha256(graph).hexdigest(), "first")


def test_a_key_is_rotated_by_a_worker(person: Connection, worker: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    graph = trained(person, worker)
    with person.transaction():
        # As over HTTP.
        person.execute("set local role datapunk_user")
        row = person.execute(
            "select api.forge_rotate_key(), (select count(*) from api.artifacts where model = 'm')"
        ).fetchone()
        assert row == (3, 3)
    queue = Queue(worker, "training")
    messages = [dict(m) for _ in range(2) for m in queue.receive(60)]
    assert {"reseal": True, "owner_id": "local"} in messages
    monkeypatch.setenv("DATAPUNK_SEAL_WITH", "second")
    monkeypatch.setenv("DATAPUNK_KEY_SECOND", SECOND)
    db = PsycopgDb(worker)
    assert (reseal(db), reseal(db)) == (2, 0)
    assert keys(person) == {"model.onnx": "second", "native.json": "second", "plots.json": None}
    monkeypatch.delenv("DATAPUNK_KEY_FIRST")
    assert opened(StoredArtifacts(db).read(hashlib.sha256(graph).hexdigest())) == graph
    monkeypatch.delenv("DATAPUNK_SEAL_WITH")
    assert reseal(db) == 2
    assert set(keys(person).values()) == {None}


def test_a_key_that_is_gone_stops_the_rotation(
    person: Connection, worker: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained(person, worker)
    monkeypatch.setenv("DATAPUNK_SEAL_WITH", "second")
    monkeypatch.setenv("DATAPUNK_KEY_SECOND", SECOND)
    monkeypatch.delenv("DATAPUNK_KEY_FIRST")
    with pytest.raises(NotReady, match="first"):
        reseal(PsycopgDb(worker))
    assert keys(person)["model.onnx"] == "first"


def test_people_cannot_replace_artefacts(person: Connection, worker: Connection) -> None:
    trained(person, worker)
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        person.execute("select forge.reseal_artifact(1, 'model.onnx', 'x')")
