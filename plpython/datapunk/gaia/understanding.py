"""From a question to the parameters of its subroutine: times, events that times hang on, names, and the rest."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from datapunk.clock import zone as named_zone
from datapunk.db import Db, Row
from datapunk.gaia import doubts
from datapunk.gaia.birthdays import born, next_birthday, whose
from datapunk.gaia.languages import ENGLISH
from datapunk.gaia.languages.reading import Reading
from datapunk.gaia.masking import masked
from datapunk.gaia.mentions import Name, name_words, quotations, tokens
from datapunk.gaia.names import near_names
from datapunk.gaia.parameters import bounded, understand
from datapunk.gaia.router import Q, unpacked
from datapunk.gaia.times import times_of
from datapunk.gaia.unread import unread
from datapunk.gaia.vocabulary import KIND_NOUNS, KIND_VERBS
from datapunk.inference import InferenceClient
from datapunk.settings import Settings

# Subroutines whose times may hang on an event: the others look for the event itself.
_ANCHORED = ("count", "top", "timeline", "compare", "trend", "people", "places", "summarize")
_TYPED = (*_ANCHORED, "when")
# What a time that hangs on an event is told by.
_MAY_HANG = re.compile(
    r"\b(?:before|after|following|preceding|prior|leading|during|throughout|while|when|since|until|till|up to"
    r"|between|from|birthday|(?:time|course|days|weeks|length|duration|span) of"
    r"|trip|journey|tour|holidays?|vacation|stay|conference|festival|wedding|party|workshop|course|marathon|tournament|move"
    r"|honeymoon|cruise|camp|retreat|exam|interview|concert|visit|weekend|hike|exhibition|fair)\b",
    re.IGNORECASE,
)
# Subroutines that narrow their figures to a topic, whatever it is: for them a word in doubt is a wrong figure.
_NARROWED = ("count", "top", "timeline", "compare", "trend", "places")


def understand_question(
    db: Db,
    inference: InferenceClient,
    settings: Settings,
    reading: Reading,
    context: Row,
    route: str,
    names: Sequence[Name],
) -> dict[str, Any]:
    """Return the parameters as the subroutine receives them; `lost` holds times that no event explains."""
    whole = reading.text
    limits = bounded(whole, route, names)
    if limits.spans:
        reading = replace(reading, text=limits.text)
    question = reading.text
    spans = times_of(inference, settings, question, context)
    if route == "compare" and len(spans) == 1 and (apart := _apart(question, spans[0])):
        spans = times_of(inference, settings, apart, context)
    lost: list[str] = []
    unknown: str | None = None
    if route in _ANCHORED and _MAY_HANG.search(question):
        # Most times are dates: their questions do not load what finds events.
        from datapunk.gaia.anchors import resolve_anchors

        zone = named_zone(settings.timezone)
        today = datetime.fromisoformat(str(context["now"])).astimezone(zone).date()
        spans, lost = resolve_anchors(db, reading, spans, zone, today)
        # A name within what names an event is no limit beside its time: "while in Tokyo on the trip", a birthday's.
        held = [tuple(s["span"]) for s in spans if "event" in s]
        names = [n for n in names if not any(a <= n.start and n.end <= b for a, b in held)]
    found = understand(question, spans, names, route, limits)
    if found.topic and not found.quoted and route in _TYPED and (near := near_names(db, question, found.topic)):
        found = understand(question, spans, [*names, *near], route, limits)
    if route == "when" and (who := whose(question, found.topic, names)) is not None:
        read = found.as_json() | {"birthday": _birthday(db, settings, context, who)}
        return read if reading.language == ENGLISH else _in_its_words(db, read, reading)
    if reading.language == ENGLISH and found.topic and not found.quoted and route in (*_TYPED, "search", "similar"):
        unknown = _unknown_name(db, question, found.topic)
    if route in ("remember", "forget", "help", "explain"):
        found = replace(found, topic="", kind=None)
    read = found.as_json()
    if route in _TYPED and found.topic and not found.quoted:
        read = (
            _without_doubts(inference, question, read, route, names, str(context["model"]))
            if reading.language == ENGLISH
            else _without_unknown(db, reading, question, read)
        )
    covered = [tuple(s["span"]) for s in spans] + [(n.start, n.end) for n in names] + quotations(question)
    if not lost and "unread" not in read:
        # So many of what is not said.
        loose = whole[slice(*limits.spans[-1])] if limits.times and not found.kind else None
        read |= {"unread": word} if (word := loose or unread(question, read, route, covered)) else {}
    read |= ({"lost": lost} if lost else {}) | ({"unknown": unknown} if unknown else {})
    if event := next((s["event"] for s in spans if "event" in s), None):
        read["event"] = event
    return read if reading.language == ENGLISH else _in_its_words(db, read, reading)


def _without_unknown(db: Db, reading: Reading, question: str, read: dict[str, Any]) -> dict[str, Any]:
    """The parameters; `unread` holds a word that is no topic by its place, and that none of the owner's texts has."""
    words = doubts.unplaced(question, str(read["topic"]))
    said = [reading.worded(word).lower() for word in words]
    forms = list(dict.fromkeys(form for word in words for form in (word.lower(), reading.worded(word).lower())))
    held = {str(row["word"]) for row in db.rows(Q.word_frequencies, forms) if row["found"]} if forms else set()
    unknown = next((word for word, own in zip(words, said, strict=True) if not {word.lower(), own} & held), None)
    return read | {"unread": unknown} if unknown else read


def _birthday(db: Db, settings: Settings, context: Row, who: str) -> dict[str, Any]:
    """The next birthday of somebody, of the owner where no name is given, and what tells it; missing where unknown.

    A name may have the ending of one that owns something.
    """
    own: dict[str, Any] = {"own": True} if not who else {}
    today = datetime.fromisoformat(str(context["now"])).astimezone(named_zone(settings.timezone)).date()
    for name in (None,) if not who else dict.fromkeys((who, who.removesuffix("s"))):
        for row in db.rows(Q.birthday, name):
            day, written = next_birthday(str(row["birthday"]), today), born(str(row["birthday"]))
            if day and written:
                # A calendar repeats a birthday; only an address book knows the year.
                year, *of_year = written if row["written"] else (None, *written[1:])
                return own | {
                    "item_id": row["id"], "name": row["name"], "next": day.isoformat(), "days": (today - day).days,
                    "born": "-".join([f"{year:04d}" if year else "-", *(f"{part:02d}" for part in of_year)]),
                    "entry": not row["written"],
                }  # fmt: skip
    return own


def _in_its_words(db: Db, read: dict[str, Any], reading: Reading) -> dict[str, Any]:
    """The parameters with what they quote of the question as the question words it."""
    for name in ("phrase", "note", "unread"):
        if name in read:
            read[name] = reading.worded(read[name])
    if "topic" in read and not read.get("quoted"):
        read["topic"] = " ".join(_as_written(db, reading, read["topic"].split()))
    if "lost" in read:
        read["lost"] = [reading.worded(phrase) for phrase in read["lost"]]
    if "sides" in read:
        read["sides"] = [{**side, "label": reading.worded(side["label"])} for side in read["sides"]]
    return read


def _as_written(db: Db, reading: Reading, read: Sequence[str]) -> list[str]:
    """Each word of a topic as the question has it, or in English where the owner's texts hold only that."""
    said = {word: reading.worded(word) for word in read}
    both = sorted({form.lower() for pair in said.items() for form in pair if pair[0] != pair[1]})
    rows = db.rows(Q.word_frequencies, both) if both else []
    held = {str(row["word"]) for row in rows if row["found"]}
    return [word if word.lower() in held and said[word].lower() not in held else said[word] for word in read]


def _unknown_name(db: Db, question: str, topic: str) -> str | None:
    """The first word of a topic that is written as a name and that neither a text nor a name of the owner has."""
    written = [
        token for token in tokens(question)[1:]
        if token.text[0].isupper() and not token.text.isupper() and token.text.rstrip(".'’-") in topic.split()
    ]  # fmt: skip
    if not written:
        return None
    found = {str(row["word"]) for row in db.rows(Q.word_frequencies, [t.key for t in written]) if row["found"]}
    left = [token for token in written if token.key not in found]
    if not left:
        return None
    known = {word for row in db.rows(Q.names_of, [t.key for t in left]) for word in name_words(str(row["value"]))}
    return next((t.text for t in left if t.key not in known and not near_names(db, question, t.text)), None)


def _without_doubts(
    inference: InferenceClient, question: str, read: dict[str, Any], route: str, names: Sequence[Name], model: str
) -> dict[str, Any]:
    """The parameters without the words of the topic that say nothing (`passed_over`); `unread` holds the unknown."""
    topic = str(read["topic"])
    words = doubts.unplaced(question, topic)
    if not words:
        return read
    whole = masked(question, names)
    one, other = unpacked(inference.embed([whole, doubts.without(whole, words) or whole], model))
    left = doubts.without(topic, words)
    match doubts.weight(sum(a * b for a, b in zip(one, other, strict=True)), beside_topic=bool(left)):
        case doubts.Weight.NOTHING:
            rest = {name: value for name, value in read.items() if name != "topic"}
            return rest | ({"topic": left} if left else {}) | {"passed_over": " ".join(words)}
        case doubts.Weight.UNKNOWN if route in _NARROWED:
            return read | {"unread": " ".join(words)}
        case _:
            return read


def says_kind(question: str) -> bool:
    """Whether a question names a kind of the owner's things: by a noun, or by what the owner does with them."""
    mine = is_mine(question)
    return any(t.key in KIND_NOUNS or (mine and t.key in KIND_VERBS) for t in tokens(question))


def is_mine(question: str) -> bool:
    """Whether a question is about the owner, in so many words."""
    return any(token.key in ("i", "my", "me", "mine", "we", "our", "us") for token in tokens(question))


# What a question must say for a subroutine to have an answer; those that are not here take any.
_NEEDS: dict[str, tuple[str, ...]] = {
    "compare": ("sides",), "trend": ("kind",), "top": ("group_by",), "similar": ("quoted", "topic"),
    "remember": ("note",), "forget": ("note",), "people": ("topic", "since", "until", "quoted"),
    "summarize": ("person", "topic", "since", "until", "kind"), "timeline": ("since", "until", "topic", "person"),
    "count": ("kind", "topic", "since", "until", "person", "channel", "site"),
}  # fmt: skip
# A share or a number of different ones is not what these give.
_COUNTS_ONLY = ("timeline", "people", "places", "summarize")


def can_run(route: str, parameters: dict[str, Any]) -> bool:
    """Whether a question says what a subroutine needs, and asks for what it gives."""
    # What somebody wrote, without a word about what, is no search.
    if route == "search" and parameters.get("person") and parameters.get("kind") in ("mail", "message"):
        return any(parameters.get(name) for name in ("topic", "quoted", "listing", "unknown", "passed_over"))
    if route in _NEEDS and not any(parameters.get(name) for name in _NEEDS[route]):
        return False
    # How long a video or a visit was, nothing says.
    if parameters.get("size") and parameters.get("kind") in ("watch", "visit", "search", "listen"):
        return False
    # Sites are no places.
    if route == "places" and parameters.get("kind") in ("watch", "visit", "search", "listen"):
        return False
    if route == "count" and parameters.get("stepwise") and not parameters.get("measure"):
        return False
    return not (route in _COUNTS_ONLY and parameters.get("measure") in ("share", "distinct"))


def _apart(question: str, span: dict[str, Any]) -> str | None:
    """The question with the two ends of "between A and B" apart, each at its place; None where there is one time."""
    i, j = span["span"]
    said = question[i:j]
    lower = said.lower()
    for word, pause in ((" and ", "  ,  "), (" to ", "  , ")):
        if lower.startswith(("between ", "from ")) and word in lower:
            k = lower.index(word)
            first = said.index(" ")
            return (
                question[:i] + " " * first + said[first:k] + pause[: len(word)] + said[k + len(word) :] + question[j:]
            )
    return None
