"""The subroutine search: from the parameters of a question to passages, a quotation and its citations."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from datapunk.db import Db, Row
from datapunk.gaia.quoting import (
    Judged,
    Passage,
    Sought,
    answers_kind,
    content_words,
    is_evident,
    quote,
    rank,
    stem,
    stems,
    weights,
)
from datapunk.gaia.router import Q, literal
from datapunk.gaia.vocabulary import KIND_NOUNS, KIND_VERBS
from datapunk.inference import InferenceClient

# Visits and searches repeat the words of a question; what answers it is written in mails, events and notes.
WRITTEN = ("mail", "message", "event", "note", "document", "highlight")
_DEPTH = 30
_DEEP = 120
_CITED = 5
_LISTED = 10
_LONGEST = 4000
# The share of a question's words that a note to Gaia holds which answers it.
_TOLD = 0.8
# A bare day of the week, or a word like today, says when something is to be, not when it was written down.
_VAGUE = re.compile(
    r"(?:on |this |in the |at )?(?:(?:mon|tues|wednes|thurs|fri|satur|sun)days?|weekend|today|tonight|tomorrow|morning"
    r"|evening)",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """A search among some kinds and times; `relaxed` names what the question says and the search leaves out."""

    kinds: tuple[str, ...] | None
    since: str | None
    until: str | None
    relaxed: tuple[str, ...]


def attempts(parameters: dict[str, Any]) -> Iterator[Attempt]:
    """Yield the searches to try, narrowest first."""
    kind, since, until = parameters.get("kind"), parameters.get("since"), parameters.get("until")
    if _VAGUE.fullmatch(str(parameters.get("phrase", ""))):
        since = until = None
    narrow = WRITTEN if kind is None else ("mail", "message") if kind in ("mail", "message") else (str(kind),)
    timed = since is not None or until is not None
    left = ("time",) if timed else ()
    yield Attempt(kinds=narrow, since=since, until=until, relaxed=())
    if timed:
        yield Attempt(kinds=narrow, since=None, until=None, relaxed=left)
    if kind in WRITTEN:
        # What is in no note may be in a mail, and that is said.
        yield Attempt(kinds=WRITTEN, since=since, until=until, relaxed=("kind",))
    yield Attempt(kinds=None, since=None, until=None, relaxed=(*left, "written" if narrow is WRITTEN else "kind"))


def search(db: Db, inference: InferenceClient, parameters: dict[str, Any]) -> dict[str, Any]:
    """Return the result of the subroutine: data (found, passages, quote, relaxed) and citations.

    Where no passage holds enough of the question, or none has the figure or date that it asks for, found is 0 and
    nothing is cited. With the parameter doubtful a passage needs the evidence that the owner's data answer at all.
    """
    question = str(parameters["question"])
    context = db.rows(Q.context)[0]
    vector = literal(inference.embed([question], str(context["model"]), "query")[0])
    sought = _sought(db, question, parameters)
    if note := _told(db, sought):
        return {"data": {"found": 1, "note": note, "passages": []}, "citations": []}
    listing = str(parameters.get("listing") or "")
    most = int(parameters.get("k") or (_LISTED if listing else _CITED))
    for attempt in attempts(parameters):
        kinds = list(attempt.kinds) if attempt.kinds else None
        asked = (kinds, attempt.since, attempt.until, parameters.get("kind"))
        rows = db.rows(Q.passages, question, vector, max(_DEPTH, most), *asked)
        if sum(bool(row["is_bulk"]) for row in rows) * 2 > len(rows):
            # Newsletters on a subject must not crowd out the letter that answers.
            rows = db.rows(Q.passages, question, vector, max(_DEEP, most), *asked)
        judged = rank(sought, [_passage(row) for row in rows])
        doubtful = bool(parameters.get("doubtful"))
        fitting = [j for j in judged if (tells(j.passage) and is_evident(sought, j) if doubtful else j.fits)]
        fitting = in_order(fitting, listing)[:most]
        if fitting and answers_kind(sought, " ".join(f"{j.passage.title} {j.passage.text}" for j in fitting)):
            return _result(sought, fitting, attempt)
    return {"data": {"found": 0, "passages": []}, "citations": []}


def tells(passage: Passage) -> bool:
    """Whether a passage is more than the title of what was visited or looked for, which repeats words of questions."""
    return passage.kind in WRITTEN or passage.text.strip() != passage.title


def in_order(judged: list[Judged], listing: str) -> list[Judged]:
    """Put passages into the order that a list is wanted in; those without a time come last."""
    if listing not in ("newest", "oldest"):
        return judged
    dated = [j for j in judged if j.passage.at]
    dated.sort(key=lambda j: j.passage.at, reverse=listing == "newest")
    return [*dated, *(j for j in judged if not j.passage.at)]


def _told(db: Db, sought: Sought) -> str | None:
    """The newest of the owner's notes to Gaia that holds nearly all of what a question is about."""
    wanted = {stem(word): weight for word, weight in sought.weights.items()}
    total = sum(wanted.values())
    if not total:
        return None
    notes = [str(row["text"]) for row in db.rows(Q.notes_kept)]
    shares = [sum(wanted[word] for word in stems(note) & wanted.keys()) / total for note in notes]
    best = max(shares, default=0.0)
    return notes[shares.index(best)] if best >= _TOLD else None


def _sought(db: Db, question: str, parameters: dict[str, Any]) -> Sought:
    kind = parameters.get("kind")
    # The word that tells the kind of thing filters by it; the things themselves seldom hold it.
    read = str(parameters.get("reading") or question)
    words = [
        word
        for word in content_words(read, str(parameters.get("phrase", "")))
        if kind is None or kind not in (KIND_NOUNS.get(word), KIND_VERBS.get(word))
    ]
    rows = db.rows(Q.word_frequencies, words)
    texts = int(rows[0]["texts"]) if rows else 0
    return Sought(
        question=read,
        weights=weights({str(row["word"]): int(row["found"]) for row in rows}, texts),
        people=tuple(parameters.get("person") or ()),
        kind=kind,
    )


def _passage(row: Row) -> Passage:
    return Passage(
        item_id=row["item_id"], kind=row["kind"], title=row["title"] or "", text=row["body"] or "",
        similarity=row["similarity"] or 0.0, sender=row["sender"] or "", people=row["people"] or "",
        thread=row["thread"], is_bulk=row["is_bulk"],
        at=str(row["occurred_at"] or ""),
    )  # fmt: skip


def _result(sought: Sought, judged: list[Judged], attempt: Attempt) -> dict[str, Any]:
    found = quote(sought, judged)
    return {
        "data": {
            "found": len(judged),
            "quote": {"item_id": judged[found.place].passage.item_id, "text": found.text},
            "relaxed": list(attempt.relaxed),
            "passages": [
                {"item_id": j.passage.item_id, "score": round(j.score, 4), "text": j.passage.text[:_LONGEST]}
                for j in judged
            ],
        },
        "citations": [{"item_id": j.passage.item_id, "snippet": _snippet(j, found.text, sought)} for j in judged],
    }


def _snippet(judged: Judged, quoted: str, sought: Sought) -> str:
    return quoted if quoted in judged.passage.text else quote(sought, [judged]).text
