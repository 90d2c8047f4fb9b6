"""The channels, sites and people in an owner's items, looked up by the words of a question."""

from datapunk.db import Db, Row, load_queries, one
from datapunk.gaia.parameters import Name, candidate_words, match_names, name_words, site_label

Q = load_queries("datapunk.gaia")
# Items get their ids before their transactions commit: that many are looked at again.
_OVERLAP = 2000
# Items whose names are taken in together, so that memory stays bounded.
_SPAN = 50_000


def known_names(db: Db, question: str, context: Row) -> list[Name]:
    """Return the names that a question mentions; takes in the names of items that came since the last question."""
    if context["newest_item"] > context["named_item"]:
        collect_names(db)
    asked = candidate_words(question)
    if not asked:
        return []
    rows = db.rows(Q.names_of, asked)
    return match_names(question, [(str(row["field"]), str(row["value"])) for row in rows])


def index_words(field: str, value: str) -> list[str]:
    """Return the words under which a name is found; of a site also the part that people say."""
    found = name_words(value)
    if field == "site":
        found.append(site_label(value))
    return list(dict.fromkeys(word for word in found if word))


def collect_names(db: Db) -> None:
    """Take in the names of items that came since the last time."""
    state = one(db.rows(Q.name_state))
    known, newest = int(state["named_item"]), int(state["newest_item"])
    if newest <= known:
        return
    start = max(0, known - _OVERLAP)
    while (last := one(db.rows(Q.name_span, start, _SPAN))["last"]) is not None:
        found: list[tuple[str, str, str]] = []
        for row in db.rows(Q.new_names, start, last):
            field, value = row["field"], row["value"]
            found += [(word, field, value) for word in index_words(field, value)]
        # Sorted, neighbours in the index come together.
        words, fields, values = (list(column) for column in zip(*sorted(found), strict=True)) if found else ([], [], [])
        db.execute(Q.names_insert, words, fields, values, last)
        start = last
