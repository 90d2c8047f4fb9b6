"""The channels, sites and people in an owner's items, looked up by the words of a question."""

from datapunk.db import Db, Row, load_queries, one
from datapunk.gaia.parameters import Name, candidate_words, match_names, name_words, site_label

Q = load_queries("datapunk.gaia")
# Items get their ids before their transactions commit: that many are looked at again.
_OVERLAP = 2000


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
    words: list[str] = []
    fields: list[str] = []
    values: list[str] = []
    for row in db.rows(Q.new_names, max(0, known - _OVERLAP)):
        for word in index_words(row["field"], row["value"]):
            words.append(word)
            fields.append(row["field"])
            values.append(row["value"])
    db.execute(Q.names_insert, words, fields, values, newest)
