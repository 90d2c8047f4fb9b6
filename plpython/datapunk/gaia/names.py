"""The channels, sites and people in an owner's items, looked up by the words of a question."""

from datapunk.db import Db, Row, load_queries, one
from datapunk.gaia.mentions import Name, candidate_words, match_names, name_words, site_label, tokens

Q = load_queries("datapunk.gaia")
# Items get their ids before their transactions commit: that many are looked at again.
_OVERLAP = 2000
# Items whose names are taken in together, so that memory stays bounded.
_SPAN = 50_000


def known_names(db: Db, question: str, context: Row, plain: str | None = None, genitive: str = "") -> list[Name]:
    """Return the names that a question mentions; takes in the names of items that came since the last question.

    `plain` is the question as Gaia reads it without knowing any names, where that differs; `genitive` the ending of
    names that own something.
    """
    if context["newest_item"] > context["named_item"]:
        collect_names(db)
    asked = candidate_words(question, genitive)
    if not asked:
        return []
    rows = db.rows(Q.names_of, asked)
    return match_names(question, [(str(row["field"]), str(row["value"])) for row in rows], plain, genitive)


def index_words(field: str, value: str) -> list[str]:
    """Return the words under which a name is found; of a site also the part that people say.

    The owner's own names, which no question is to find, lie under the empty word.
    """
    if field == "self":
        return [""]
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


def near_names(db: Db, question: str, topic: str) -> list[Name]:
    """Return the names that words of the topic are misspelled for: words that no text of the owner holds.

    A word of five letters may differ in one, one of nine in two (Damerau 1964); a name of several words must have all.
    """
    words = [word for word in dict.fromkeys(t.key for t in tokens(topic)) if len(word) > 4]
    known = {str(row["word"]) for row in db.rows(Q.word_frequencies, words) if row["found"]} if words else set()
    unknown = [word for word in words if word not in known]
    if not unknown:
        return []
    from rapidfuzz.distance import OSA

    rows = db.rows(Q.names_near, sorted({word[0] for word in unknown}))
    meant: dict[str, str] = {}
    for word in unknown:
        most = 2 if len(word) > 8 else 1
        near = [(OSA.distance(word, token, score_cutoff=most), token) for token in {str(row["token"]) for row in rows}]
        if near and (best := min(near))[0] <= most:
            meant[word] = best[1]
    if not meant:
        return []
    found: list[Name] = []
    for row in rows:
        if row["token"] not in meant.values():
            continue
        spelled = {token: word for word, token in meant.items()}
        parts = [spelled.get(part, part) for part in name_words(str(row["value"]))]
        asked = [(t.key, t) for t in tokens(question)]
        capitals = {t.key for t in tokens(question) if t.text[0].isupper()}
        keys = [key for key, _ in asked]
        wanted = [parts] + (
            [[spelled[str(row["token"])]]]
            if row["field"] == "person" and len(parts) == 2 and spelled[str(row["token"])] in capitals
            else []
        )
        for form in wanted:
            places = [i for i in range(len(keys) - len(form) + 1) if keys[i : i + len(form)] == form]
            if places:
                start, end = asked[places[0]][1].start, asked[places[0] + len(form) - 1][1].end
                found.append(Name(field=str(row["field"]), value=str(row["value"]), start=start, end=end))
                break
    longest = max((n.end - n.start for n in found), default=0)
    return [n for n in dict.fromkeys(found) if n.end - n.start == longest]
