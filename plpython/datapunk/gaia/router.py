"""The fitted router as rows: scored in SQL, fitted anew whenever the examples have changed."""

import json
import math
import struct
from collections.abc import Sequence
from typing import Any, Protocol

from datapunk.db import Db, Row, load_queries
from datapunk.gaia.calibration import TRANSLATED
from datapunk.gaia.languages import ENGLISH
from datapunk.gaia.languages.reading import readings
from datapunk.gaia.routing import ClassScore, Fitted, Route, Term, fit, parts, routes, terms

Q = load_queries("datapunk.gaia")
SYSTEM = "system"


class Embedder(Protocol):
    """What embeds examples: one packed unit vector a text."""

    def embed(self, texts: Sequence[str], model: str) -> list[bytes]:
        """Return the vectors in the order of the texts."""
        ...


def route(
    db: Db, embedder: Embedder, *, owner: str, model: str, question: str, own: str | None = None
) -> tuple[Route, ...]:
    """Rank the subroutines for a question.

    `own` is the embedder that the owner's router is thought to have for itself, None where that is `model`.
    """
    asked = [*terms(question), *parts(question)]
    used = own or model

    def scored() -> Row | None:
        rows = db.rows(Q.route, owner, model, literal(embedder.embed([question], used)[0]), asked, used)
        return rows[0] if rows else None

    found = scored()
    if not found or found["fingerprint"] != found["wanted"] or found["is_old"]:
        renew(db, embedder, owner=owner, model=model)
        found = scored()
    if found and found["embedder"] != used:
        used = str(found["embedder"])
        found = scored()
    if not found:
        return tuple(routes([]))
    # The wording's part of the scores: the sum of its terms' weights, by the length of the vector that they make.
    wording = found["wording"] or [0.0] * len(found["scores"])
    length = math.sqrt(float(found["squares"])) if found["squares"] else 1.0
    logits = [
        (name, score + wording[ordinal] / length)
        for name, ordinal, score in zip(found["subroutines"], found["ordinals"], found["scores"], strict=True)
    ]
    nearness = {
        name: near for name, near in zip(found["subroutines"], found["nearness"], strict=True) if near is not None
    }
    return tuple(routes(logits, found["threshold"], found["floor"], nearness))


def handlers(db: Db, owner: str, names: Sequence[str]) -> dict[str, str]:
    """The functions to call for subroutines: name -> quoted name of the handler; without those that have none."""
    return {str(row["name"]): str(row["handler"]) for row in db.rows(Q.handlers, owner, list(names))}


def renew(db: Db, embedder: Embedder, *, owner: str, model: str) -> int:
    """Take over the router that Forge deployed for `owner`, else fit one; return the number of its classes.

    A trained router that lacks a subroutine of the examples is passed over, so that what was registered since is heard.
    """
    deployed = db.rows(Q.deployed_router, owner)
    if not deployed:
        return refit(db, embedder, owner=owner, model=model)
    version = int(deployed[0]["version_id"])
    trained: dict[str, Any] = json.loads(deployed[0]["content"] or "{}")
    needed = {str(row["subroutine"]) for row in db.rows(Q.example_classes, [owner, SYSTEM])}
    own = trained["embedder"] if trained.get("tuned") else None
    known = {str(c["subroutine"]) for c in trained["classes"]}
    if (own is None and trained.get("embedder") != model) or not needed <= known:
        return refit(db, embedder, owner=owner, model=model, version=version)
    fitted = Fitted(
        classes=tuple(
            ClassScore(
                subroutine=c["subroutine"],
                weights=tuple(c["weights"]),
                bias=c["bias"],
                direction=tuple(c["direction"]) if any(c.get("direction", ())) else None,
            )
            for c in trained["classes"]
        ),
        terms=tuple(Term(text=t["text"], idf=t["idf"], weights=tuple(t["weights"])) for t in trained["terms"]),
    )
    keep(
        db, fitted, owner=owner, model=model, owners=[owner, SYSTEM], version=version, threshold=trained["threshold"],
        floor=trained.get("floor"), own=own,
    )  # fmt: skip
    return len(fitted.classes)


def refit(db: Db, embedder: Embedder, *, owner: str, model: str, version: int | None = None) -> int:
    """Embed the examples, as they are read, that have no vector yet, and fit the router of `owner`.

    Returns the number of its classes.

    An owner's router learns from the examples of the installation and from the owner's own; that of the owner `system`
    from the former alone, and serves everybody who has none.
    """
    owners = [SYSTEM] if owner == SYSTEM else [owner, SYSTEM]
    rows = db.rows(Q.examples, owners)
    if not rows:
        return 0
    texts = as_read(rows)
    known = {str(row["text"]): str(row["embedding"]) for row in db.rows(Q.example_vectors, owners, model, texts)}
    missing = [text for text in dict.fromkeys(texts) if text not in known]
    if missing:
        vectors = [literal(raw) for raw in embedder.embed(missing, model)]
        db.execute(Q.example_vectors_insert, owner, model, missing, vectors)
        known |= dict(zip(missing, vectors, strict=True))
    importance = [1.0 if row["language"] == ENGLISH else TRANSLATED for row in rows]
    fitted = fit([str(row["subroutine"]) for row in rows], texts, [parse(known[text]) for text in texts], importance)
    keep(db, fitted, owner=owner, model=model, owners=owners, version=version)
    return len(fitted.classes)


def as_read(rows: Sequence[Row]) -> list[str]:
    """The examples as questions of their languages are read, so that both meet; where nothing is left, as they are."""
    texts = [str(row["text"]) for row in rows]
    read = readings(texts, [str(row["language"]) for row in rows])
    return [found if found.strip() else text for found, text in zip(read, texts, strict=True)]


def keep(
    db: Db, fitted: Fitted, *, owner: str, model: str, owners: Sequence[str], version: int | None = None,
    threshold: float | None = None, floor: float | None = None, own: str | None = None,
) -> None:  # fmt: skip
    """Write a fitted router in place of the one before; `version` is the router that Forge has deployed.

    `own` is the embedder that it has for itself.
    """
    db.execute(
        Q.router_replace, owner, model, [c.subroutine for c in fitted.classes],
        [_text(c.weights) for c in fitted.classes],
        [c.bias for c in fitted.classes], [None if c.direction is None else _text(c.direction) for c in fitted.classes],
        list(owners), version, threshold, floor, own,
    )  # fmt: skip
    db.execute(
        Q.router_terms_replace, owner, model, [t.text for t in fitted.terms], [t.idf for t in fitted.terms],
        [_text(t.weights) for t in fitted.terms],
    )  # fmt: skip


def _text(values: Sequence[float]) -> str:
    return "[" + ",".join(f"{value:.6g}" for value in values) + "]"


def parse(vector: str) -> list[float]:
    """Read pgvector's text form."""
    return [float(part) for part in vector.strip("[]").split(",")]


def unpacked(raws: Sequence[bytes]) -> list[tuple[float, ...]]:
    """The values of packed float32 vectors."""
    return [struct.unpack(f"<{len(raw) // 4}f", raw) for raw in raws]


def literal(raw: bytes) -> str:
    """pgvector's text form of packed float32 values."""
    from datapunk.inference import vector_literal

    return vector_literal(raw)
