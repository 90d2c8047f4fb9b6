"""Forgetting: items go, and with them all that was derived from them."""

import json
from dataclasses import asdict, dataclass

from datapunk.db import Db, load_queries, one
from datapunk.lake.options import ForgetFilter

_Q = load_queries("datapunk.lake")
# Names of all that an owner has: they go whole, and those that are left come back with the next question.
_COLLECTED_ANEW = frozenset({"gaia.name", "gaia.name_state"})


@dataclass(frozen=True, kw_only=True)
class Forgotten:
    """How much went: items (positions and measurements too), chunks, answers with such citations; models marked; and
    how many rows of each table, those that were derived too, as JSON.
    """

    items: int
    chunks: int
    answers: int
    models_marked: int
    by_table: str


def forget(db: Db, wanted: ForgetFilter) -> Forgotten:
    """Delete the items that match, with chunks and answers; positions, measurements and runs too where they match.

    What triggers of lake.item derive (chunks, people, places, conversations) goes with them.

    Models that may have learned from them are marked, trained again or retired, as the owner's policy says, since a
    model cannot unlearn a row. Kept predictions, whose features are what callers gave, go when everything does.
    """
    before = _deleted(db)
    # An import of the same owner would have the rows that go, or wait for them.
    db.execute(_Q.import_hold)
    found = one(
        db.rows(
            _Q.forget_find, wanted.item_ids, wanted.sources, wanted.kinds, wanted.import_id, wanted.since, wanted.until
        )
    )
    ids: list[int] = found["ids"] or []
    chunks = answers = models = 0
    kinds: list[dict[str, object]] = []
    if ids:
        # Counted and looked up first: chunks and citations go with their items.
        chunks = int(one(db.rows(_Q.forget_chunks, ids))["count"])
        answers = int(one(db.rows(_Q.forget_answers, ids))["count"])
        kinds = json.loads(one(db.rows(_Q.forget_kinds, ids))["gone"])
        db.execute(_Q.forget_delete, ids)
        db.execute(_Q.forget_zones)
    gone = len(ids)
    if wanted.item_ids is None and wanted.kinds is None:
        samples = (wanted.sources, wanted.import_id, wanted.since, wanted.until)
        for relation, query in (("lake.position", _Q.forget_positions), ("lake.measurement", _Q.forget_measurements)):
            if count := db.execute(query, *samples):
                gone += count
                period = {"since": wanted.since, "until": wanted.until}
                sources: list[str | None] = [*wanted.sources] if wanted.sources else [None]
                kinds += [{"relation": relation, "source": source, **period} for source in sources]
        if wanted.everything or (wanted.import_id and not (wanted.sources or wanted.since or wanted.until)):
            db.execute(_Q.forget_imports, wanted.import_id)
            db.execute(_Q.forget_listings)
        if not (wanted.since or wanted.until):
            # Their bytes are of the source. When it happened what they tell of, nobody knows.
            db.execute(_Q.forget_rejects, wanted.import_id, wanted.sources)
    if wanted.everything:
        answers += int(one(db.rows(_Q.forget_conversations))["count"])
        db.execute(_Q.forget_corrections)
        db.execute(_Q.forget_uploads)
        db.execute(_Q.forget_predictions)
    if gone or wanted.everything:
        reason = "lake_forget removed everything" if wanted.everything else f"lake_forget removed {gone} items"
        told = None if wanted.everything else json.dumps(kinds)
        models = int(one(db.rows(_Q.forget_models, reason, told))["count"])
    by_table = {
        name: count - before.get(name, 0)
        for name, count in _deleted(db).items()
        if count > before.get(name, 0) and (wanted.everything or name not in _COLLECTED_ANEW)
    }
    result = Forgotten(
        items=gone, chunks=chunks, answers=answers, models_marked=models, by_table=json.dumps(by_table, sort_keys=True)
    )  # fmt: skip
    given = {k: v for k, v in asdict(wanted).items() if v is not None and v is not False and k != "item_ids"}
    if wanted.item_ids is not None:
        given["item_ids"] = wanted.item_ids[:100]
    db.execute(_Q.audit, "lake.forget", json.dumps({"filter": given, **asdict(result), "by_table": by_table}))
    return result


def _deleted(db: Db) -> dict[str, int]:
    return {str(row["relation"]): int(row["count"]) for row in db.rows(_Q.deleted_rows)}
