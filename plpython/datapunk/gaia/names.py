"""The channels, sites and people in an owner's items, looked up by the words of a question."""

from datapunk.db import Db, Row, load_queries, one
from datapunk.gaia.parameters import Name, candidate_words, match_names, name_words, site_label, tokens

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
    words: list[str] = []
    fields: list[str] = []
    values: list[str] = []
    for row in db.rows(Q.new_names, max(0, known - _OVERLAP)):
        for word in index_words(row["field"], row["value"]):
            words.append(word)
            fields.append(row["field"])
            values.append(row["value"])
    db.execute(Q.names_insert, words, fields, values, newest)


def near_names(db: Db, question: str, topic: str) -> list[Name]:
    """Return the names that words of the topic are misspelled for: words that no text of the owner holds.

    A word of five letters may differ in one, one of nine in two (Damerau 1964); a name of several words must have all.
    """
    words = [word for word in dict.fromkeys(t.key for t in tokens(topic)) if len(word) > 4]
    known = {str(row["word"]) for row in db.rows(Q.word_frequencies, words) if row["found"]} if words else set()
    unknown = [word for word in words if word not in known]
    if not unknown:
        return []
    rows = db.rows(Q.names_near, sorted({word[0] for word in unknown}))
    meant: dict[str, str] = {}
    for word in unknown:
        near = sorted((distance(word, str(row["token"])), str(row["token"])) for row in rows)
        if near and near[0][0] <= (2 if len(word) > 8 else 1):
            meant[word] = near[0][1]
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


def distance(one: str, other: str) -> int:
    """Return how many letters must be changed, added, dropped or swapped to make one word the other; 9 if many."""
    if abs(len(one) - len(other)) > 2:
        return 9
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        earlier, before, row = before, row, [i]
        for j, b in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, earlier[j - 2] + 1)
            row.append(cost)
    return row[-1]
