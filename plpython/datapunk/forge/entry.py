"""What the SQL functions of Forge call; plpy arrives as an argument."""

import json
import random
from collections.abc import Iterator
from typing import Any

from datapunk.db import Row, one
from datapunk.db.backend import entry_point, entry_stream, read_settings
from datapunk.db.failure import Failure
from datapunk.db.plpy_db import PlpyDb
from datapunk.db.queries import load_queries
from datapunk.errors import DatapunkError, DatasetUnusable, Duplicate, InvalidArgument, NotAllowed
from datapunk.forge.card import card_text
from datapunk.forge.dataset import Column, check_columns, checked_query, head_query, is_name
from datapunk.forge.explaining import Explainer, Learned, keep
from datapunk.forge.feature_view import parse_view, view_query
from datapunk.forge.features import to_render, with_rendered
from datapunk.forge.native import NATIVE_BYTES, has_sql_form, is_quicker_in_sql
from datapunk.forge.options import Option, checked_options, parse_options
from datapunk.forge.predict import Served, predict_more, predict_row, recognised
from datapunk.forge.scoring import batches, check_query, packing_of
from datapunk.forge.series import BATCH_ROWS, WINDOW_FILE, SeriesModel, is_series
from datapunk.inference import PIPELINE, InferenceClient, StoredArtifacts, connect
from datapunk.inference.sealing import opened

Q = load_queries("datapunk.forge")
_PREDICT_OPTIONS = (
    Option(name="version", type="integer", minimum=1, maximum=2147483647),
    Option(name="log", type="boolean", default=False),
    Option(name="key", type="text"),
)
_SCORE_OPTIONS = (
    Option(name="version", type="integer", minimum=1, maximum=2147483647),
    Option(name="engine", type="text", default="auto", allowed=("auto", "host", "sql")),
)
_EXPLAIN_OPTIONS = (
    Option(name="version", type="integer", minimum=1, maximum=2147483647),
    Option(name="label", type="text"),
    Option(name="samples", type="integer", default=20, minimum=1, maximum=1000),
    Option(name="seed", type="integer", default=0, minimum=0, maximum=2147483647),
)
_KEPT_VERSIONS = 16
_CURSORS = "forge.cursors"
_MAX_NAME = 63
# Where names in a caller's query are looked up.
_SEARCH_PATH = "set local search_path = pg_catalog, api, public"
ScoredBatch = tuple[
    list[str | None] | None, str | None, str | None, str | None, str | None, list[str] | None, list[str | None] | None
]  # fmt: skip


@entry_point
def train(plpy: Any, cache: dict[str, Any], model: str, recipe: str, dataset: str, options: str) -> int:
    """Check what a training needs and ask for it; returns the job's id."""
    db = PlpyDb(plpy, cache)
    if not (model or "").strip() or len(model) > _MAX_NAME:
        raise InvalidArgument("the model's name is empty or too long", hint=f"Use 1 to {_MAX_NAME} characters.")
    found = db.rows(Q.recipe, recipe)
    if not found:
        names = one(db.rows(Q.recipe_names))["names"]
        raise InvalidArgument(f"unknown recipe {recipe!r}", hint=f"Recipes: {names}.")
    checked = checked_options(parse_options(json.loads(found[0]["options"])), json.loads(options or "null"))
    if "as_of" in checked and "retrain" in checked:
        raise InvalidArgument("what was known at one time is always the same", hint="Give retrain or as_of, not both.")
    present = db.rows(Q.model_recipe, model)
    if present and present[0]["built_in"]:
        # A model of one's own would take its place, and whatever asks for it by name would meet the other one.
        raise Duplicate(f"the model {model!r} came with the installation", hint="Choose another name.")
    if present and present[0]["recipe"] != recipe:
        raise Duplicate(
            f"the model {model!r} is a {present[0]['recipe']}", hint="Choose another name, or forge_drop it first."
        )
    query, columns = _readable(plpy, db, dataset or "")
    check_columns(recipe, columns, checked)
    return int(one(db.rows(Q.enqueue_job, model, recipe, dataset, query, json.dumps(checked)))["job_id"])


def _readable(plpy: Any, db: PlpyDb, dataset: str) -> tuple[str, list[Column]]:
    """Return the statement that reads the dataset, and its columns, without reading a row.

    Parsed alone and as a subquery, it is one statement that returns rows and writes nothing at its top level.
    """
    try:
        with plpy.subtransaction():
            # As the worker does; the function's own setting comes back when it ends.
            plpy.execute(_SEARCH_PATH)
            query = _statement(db, dataset)
            plpy.prepare(query)
            head = plpy.execute(plpy.prepare(head_query(query)))
            names, types = head.colnames(), head.coltypes()
    except plpy.SPIError as exc:
        if exc.sqlstate == "57014":
            raise
        reason = str(exc.args[0])
        if exc.sqlstate == "42501":
            raise NotAllowed(f"the dataset may not be read: {reason}", hint="Select what you may read.") from None
        raise DatasetUnusable(
            f"the dataset cannot be read: {reason}",
            hint="It must run as it is in psql; names are looked up in the schemas api and public.",
        ) from None
    type_names = [row["name"] for row in db.rows(Q.type_names, types)]
    return query, [Column(name=n, type=t) for n, t in zip(names, type_names, strict=True)]


@entry_point
def feature_view(plpy: Any, cache: dict[str, Any], name: str, spec: str) -> str:
    """Check and write a feature view; returns its name."""
    db = PlpyDb(plpy, cache)
    if not (name or "").strip() or len(name) > _MAX_NAME or not is_name(name):
        raise InvalidArgument(f"{name!r} is no name", hint="Use letters, digits and underscores.")
    if db.rows(Q.relation, f"api.{name.strip()}"):
        raise Duplicate(f"{name} is a view of the schema api", hint="Choose another name for the feature view.")
    given = json.loads(spec or "null")
    view = parse_view(given)

    def columns(query: str) -> dict[str, str]:
        return {c.name: c.type for c in _readable(plpy, db, query)[1]}

    query = view_query(view, lambda text: _readable(plpy, db, text)[0], columns)
    _readable(plpy, db, query)
    return str(
        one(db.rows(Q.define_feature_view, name, view.description, json.dumps(given), query, view.ttl_s))["name"]
    )


def _statement(db: PlpyDb, dataset: str) -> str:
    if not is_name(dataset):
        return checked_query(dataset)
    views = db.rows(Q.feature_view, dataset.strip())
    if views:
        return str(views[0]["query"])
    found = db.rows(Q.relation, dataset.strip())
    if not found:
        raise DatasetUnusable(
            f"there is no view {dataset.strip()!r}",
            hint="Name a view of the schema api or of feature_views, or give one SELECT.",
        )
    if not found[0]["readable"]:
        raise NotAllowed(f"you may not read {dataset.strip()}", hint="Name a view of the schema api.")
    return str(found[0]["query"])


@entry_point
def predict(plpy: Any, cache: dict[str, Any], model: str, features: str, options: str) -> str:
    """Answer with the version that the key meets; JSON text in and out."""
    db = PlpyDb(plpy, cache)
    checked = checked_options(_PREDICT_OPTIONS, json.loads(options or "null"))
    key = checked.get("key")
    route = one(db.rows(Q.serving, model, key, checked.get("version")))
    asked = json.loads(features or "null")
    client = connect(read_settings(db), cache, StoredArtifacts(db))
    answer, kept = _answer(db, cache, client, route, asked, features)
    # Asked to keep it, a transaction that may not write says so; unasked, it answers alone.
    if checked["log"] or (route["log"] and not route["read_only"] and random.random() < route["log"]):
        logged = one(db.rows(Q.log_prediction, route["id"], json.dumps(kept), json.dumps(answer), key, False))
        answer["prediction_id"] = logged["id"]
    if route["shadow_id"] is not None and not route["read_only"]:
        shadow = one(db.rows(Q.serving_version, route["owner_id"], route["shadow_id"]))
        unseen: object
        kept = asked
        try:
            unseen, kept = _answer(db, cache, client, shadow, asked, features)
        except DatapunkError as exc:
            # The caller has an answer; that the shadow has none is what its log is for.
            unseen = {"error": exc.message, "sqlstate": exc.sqlstate}
        db.rows(Q.log_prediction, shadow["id"], json.dumps(kept), json.dumps(unseen), key, True)
    return json.dumps(answer)


def _answer(
    db: PlpyDb, cache: dict[str, Any], client: InferenceClient, route: Row, asked: object, text: str
) -> tuple[dict[str, object], object]:
    """Predict with a version from what is asked, which is also given as JSON text.

    Returns the answer, and what was asked as the version reads it. What is known of a version is kept for the session:
    it never changes.
    """
    kept: dict[tuple[str, int, str], Served] = cache.setdefault("forge.served", {})
    identity = (route["owner_id"], int(route["id"]), route["sha256"] or "")
    served = kept.get(identity)
    if served is None:
        while len(kept) >= _KEPT_VERSIONS:
            del kept[next(iter(kept))]
        served = kept[identity] = Served.from_row(one(db.rows(Q.version_by_id, route["owner_id"], route["id"])))
    if served.recipe == "entity_recognizer":
        return recognised(client, served, _file(db, served, PIPELINE), asked), asked
    asked = _rendered(db, served, asked, text)
    if is_series(served):
        return _series(db, cache, served).predicted(asked), asked
    row = served.checked_row(client, asked)
    answer = predict_row(client, served, identity[2], row)
    if served.recipe == "next_event":
        graphs = {g["name"]: g["sha256"] for g in db.rows(Q.further_graphs, served.owner_id, served.version_id)}
        answer |= predict_more(client, served, graphs, asked, row)
    return answer, asked


def _rendered(db: PlpyDb, served: Served, asked: Any, text: str) -> Any:
    """Return what is asked with values of types that JSON has otherwise in the form that they were learned in."""
    if not (features := to_render(served.features, asked)):
        return asked
    entries = json.dumps([f.to_json() for f in features])
    found = json.loads(one(db.rows(Q.rendered, text, entries))["features"])
    return with_rendered(features, asked, found)


def _series(db: PlpyDb, cache: dict[str, Any], served: Served) -> SeriesModel:
    """Return the version with its newest rows, which are kept for the session as it is."""
    kept: dict[tuple[str, int], SeriesModel] = cache.setdefault("forge.series", {})
    identity = (served.owner_id, served.version_id)
    if identity not in kept:
        while len(kept) >= _KEPT_VERSIONS:
            del kept[next(iter(kept))]
        window = one(db.rows(Q.artifact_content, *identity, WINDOW_FILE))["content"]
        kept[identity] = SeriesModel.of(served, opened(window))
    return kept[identity]


@entry_point
def score_statement(plpy: Any, cache: dict[str, Any], model: str, query: str, options: str) -> str | None:
    """Return the statement that scores in SQL; None where the model host is to."""
    db = PlpyDb(plpy, cache)
    served, engine = _scoring(db, model, options)
    # Checked whatever scores it, before any row is read.
    statement, columns = _readable(plpy, db, query or "")
    check_query(served.features, columns)
    if engine == "host" or (native := _native_form(db, served, engine == "sql")) is None:
        return None
    given = (json.dumps(served.signature), json.dumps({c.name: c.type for c in columns}))
    compiled = db.rows(Q.compiled, served.owner_id, served.version_id)
    if compiled:
        # The text of the function is there already, where that of a large form would have to be made.
        function = compiled[0]
        found = db.rows(Q.compiled_query, statement, columns[0].name, function["name"], *given, function["types"])
    else:
        found = db.rows(Q.native_query, statement, columns[0].name, native, *given)
    return str(one(found)["statement"])


def _native_form(db: PlpyDb, served: Served, always: bool) -> str | None:
    """Return the version's native form as JSON; None where it has none, or, unless `always`, the host is quicker."""
    found = db.rows(Q.native_form, served.owner_id, served.version_id, None if always else NATIVE_BYTES)
    if found and has_sql_form(served.signature):
        labels = len(served.signature.get("labels") or ())
        if always or is_quicker_in_sql(json.loads(found[0]["native"]), labels):
            return str(found[0]["native"])
    if always:
        reason = one(db.rows(Q.sql_form, served.owner_id, served.version_id))["reason"]
        known = "Linear models and trees over numbers, booleans, categories and times have one"
        having = f"The reason: {reason}" if reason else known
        raise InvalidArgument(
            f"version {served.version} has no form in SQL, or is encrypted", hint=f"{having}; leave engine out."
        )
    return None


def _scoring(db: PlpyDb, model: str, options: str) -> tuple[Served, str]:
    """Return the version that scores, and the engine that is asked for."""
    checked = checked_options(_SCORE_OPTIONS, json.loads(options or "null"))
    return Served.from_row(one(db.rows(Q.version, model, checked.get("version")))), str(checked["engine"])


def _failed(failure: Failure) -> ScoredBatch:
    """Return the batch that SQL raises as an error."""
    return None, None, None, None, None, None, [failure.sqlstate, failure.message, failure.hint, failure.detail]


@entry_stream(_failed)
def score(plpy: Any, cache: dict[str, Any], model: str, query: str, options: str) -> Iterator[ScoredBatch]:
    """Score the rows of a query; yields keys and arrays as texts, some thousand rows at a time.

    Nothing where SQL is to score them.
    """
    db = PlpyDb(plpy, cache)
    served, engine = _scoring(db, model, options)
    if engine != "host" and _native_form(db, served, engine == "sql") is not None:
        return
    statement, columns = _readable(plpy, db, query or "")
    check_query(served.features, columns)
    if is_series(served):
        yield from _series_scores(plpy, cache, _series(db, cache, served), statement, columns)
        return
    packing = packing_of(served.features, served.signature, columns[0].type)
    client = connect(read_settings(db), cache, StoredArtifacts(db))
    text = one(
        db.rows(
            Q.scoring_query, statement, columns[0].name, json.dumps([f.to_json() for f in served.features]),
            json.dumps({c.name: c.type for c in columns}),
        )
    )["statement"]  # fmt: skip
    packed = batches(_fetched(plpy, cache, text, packing.batch_rows), packing, client.embed)
    names = served.signature.get("labels")
    for keys, scores in client.score(_graph(db, served), packed, packing.form):
        yield keys, scores.keys, scores.values, scores.labels, scores.probabilities, names, None


def _series_scores(
    plpy: Any, cache: dict[str, Any], series: SeriesModel, statement: str, columns: list[Column]
) -> Iterator[ScoredBatch]:
    """Score the rows of a statement in the order of time."""
    types = json.dumps({c.name: c.type for c in columns})
    named = (columns[0].name, series.time.name, series.number.name)
    text = one(PlpyDb(plpy, cache).rows(Q.series_query, statement, *named, types))["statement"]
    for keys, values in series.scored(_fetched(plpy, cache, text, BATCH_ROWS)):
        yield keys, None, values, None, None, None, None


def _fetched(plpy: Any, cache: dict[str, Any], statement: str, rows: int) -> Iterator[Any]:
    """Yield the rows of a statement, so many at a time; what they call may write nothing.

    The cursor is SQL's and not plpy's: an open one of those keeps a transaction from being committed, as after a LIMIT.
    """
    number = cache[_CURSORS] = cache.get(_CURSORS, 0) + 1
    cursor = plpy.quote_ident(f"datapunk scores {number}")
    # What is executed at once is a subtransaction, and at its end PostgreSQL gives the transaction's own mode back. The
    # function's own search_path comes back between two batches.
    mode = f"set local transaction_read_only = on; {_SEARCH_PATH}"
    plpy.execute(f"{mode}; declare {cursor} no scroll cursor for {statement}")
    while (fetched := plpy.execute(f"{mode}; fetch {rows} from {cursor}")).nrows():
        yield fetched
    plpy.execute(f"close {cursor}")


@entry_point
def explain(
    plpy: Any, cache: dict[str, Any], model: str, features: str, options: str
) -> list[tuple[str, str | None, float]]:
    """Return the contributions of the features to a prediction."""
    db = PlpyDb(plpy, cache)
    checked = checked_options(_EXPLAIN_OPTIONS, json.loads(options or "null"))
    served = Served.from_row(one(db.rows(Q.version, model, checked.get("version"))))
    served.check_features()
    asked = _rendered(db, served, json.loads(features or "null"), features)
    if is_series(served):
        return list(_series(db, cache, served).explained(asked))
    explainer = Explainer(
        client=connect(read_settings(db), cache, StoredArtifacts(db)),
        served=served,
        sha256=_graph(db, served),
        learned=_learned(db, cache, served),
        samples=int(str(checked["samples"])),
        seed=int(str(checked["seed"])),
    )
    label = checked.get("label")
    return list(explainer.explain(asked, None if label is None else str(label)))


def _learned(db: PlpyDb, cache: dict[str, Any], served: Served) -> Learned:
    """Return what the version's training left for explanations, which is kept for the session."""
    kept: dict[tuple[str, int], Learned] = cache.setdefault("forge.learned", {})
    identity = (served.owner_id, served.version_id)
    if identity not in kept:
        native, background = (
            opened(rows[0]["content"]) if (rows := db.rows(Q.artifact_content, *identity, name)) else None
            for name in ("native.json", "background.f4")
        )
        keep(kept, identity, Learned.read(native, background, int(served.signature.get("width", 0))))
    return kept[identity]


def _graph(db: PlpyDb, served: Served) -> str:
    """Return the SHA-256 of the version's graph."""
    return _file(db, served, "model.onnx")


def _file(db: PlpyDb, served: Served, name: str) -> str:
    """Return the SHA-256 of a file of the version."""
    return str(one(db.rows(Q.artifact_sha256, served.owner_id, served.version_id, name))["sha256"])


@entry_point
def card(plpy: Any, cache: dict[str, Any], model: str, version: int | None) -> str:
    """Return the Markdown card of a version."""
    db = PlpyDb(plpy, cache)
    row = one(db.rows(Q.any_version, model, version))
    datasets = db.rows(Q.dataset, row["owner_id"], row["dataset_id"]) if row["dataset_id"] else []
    metrics = db.rows(Q.metrics, row["owner_id"], row["id"])
    key = (row["owner_id"], row["id"])
    compared, runs = db.rows(Q.comparison, *key), db.rows(Q.version_run, *key)
    return card_text(
        model, row, datasets[0] if datasets else None, metrics,
        pictures=[r["kind"] for r in db.rows(Q.pictures, *key)], importances=db.rows(Q.importances, *key),
        comparison=compared[0]["reason"] if compared else None, run=runs[0] if runs else None,
        slices=db.rows(Q.slices, *key), lineage=db.rows(Q.lineage, *key), watts=read_settings(db).watts_a_core,
    )  # fmt: skip


@entry_point
def export_version(plpy: Any, cache: dict[str, Any], model: str, version: int | None) -> bytes:
    """Run api.forge_export."""
    from datapunk.forge import packages

    return packages.export_version(PlpyDb(plpy, cache), model, version)


@entry_point
def import_version(plpy: Any, cache: dict[str, Any], content: bytes, options: str | None) -> int:
    """Run api.forge_import."""
    from datapunk.forge import packages

    return packages.import_version(PlpyDb(plpy, cache), content, options)
