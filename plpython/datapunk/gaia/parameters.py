"""What a question asks about: kind of thing, ranking, names, topic, limits. Pure: no database, no model."""

import re
from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import Any

from datapunk.gaia import aspects
from datapunk.gaia import vocabulary as words
from datapunk.gaia.bounds import Bounds, bounds
from datapunk.gaia.mentions import QUOTED, Name, Token, tokens


@dataclass(frozen=True, kw_only=True)
class Understanding:
    """What a question asks about. Every field may be empty; `phrase` is the time as the question words it."""

    kind: str | None = None
    group_by: str | None = None
    direction: str | None = None
    order: str | None = None
    measure: str = "count"
    unit: str | None = None
    k: int | None = None
    topic: str = ""
    quoted: str = ""
    note: str = ""
    since: str | None = None
    until: str | None = None
    phrase: str = ""
    weekday: tuple[int, ...] = ()
    hours: tuple[int, int] | None = None
    times: tuple[int | None, int | None] | None = None
    present: bool = False
    names: tuple[Name, ...] = ()
    left_out: tuple[Name, ...] = ()
    sides: tuple[dict[str, Any], ...] = ()
    stepwise: bool = False
    size: str | None = None
    listing: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The parameters as a subroutine receives them; what is empty is left out."""
        found: dict[str, Any] = {
            "kind": self.kind, "group_by": self.group_by, "direction": self.direction, "order": self.order,
            "measure": None if self.measure == "count" else self.measure, "unit": self.unit,
            "k": self.k, "topic": self.topic, "quoted": self.quoted, "note": self.note, "since": self.since,
            "until": self.until, "phrase": self.phrase, "weekday": list(self.weekday) or None,
            "present": self.present or None, "sides": list(self.sides) or None,
            "stepwise": self.stepwise or None, "size": self.size, "listing": self.listing,
        }  # fmt: skip
        if self.hours:
            found |= {"from_hour": self.hours[0], "to_hour": self.hours[1]}
        if self.times:
            found |= {"at_least": self.times[0], "at_most": self.times[1]}
        for name in self.names:
            found.setdefault(name.field, []).append(name.value)
        for name in self.left_out:
            found.setdefault("not", {}).setdefault(name.field, []).append(name.value)
        return {key: value for key, value in found.items() if value not in (None, "")}


# How many are listed of those that come up so many times.
_MOST_BOUNDED = 10
_WITHIN_HOURS = ("count", "top", "timeline", "compare", "trend", "people", "places", "summarize", "when")


def bounded(question: str, route: str, names: Sequence[Name]) -> Bounds:
    """The bounds that a subroutine can keep to, and the question without them; none within names."""
    lower = question.lower()
    often = route == "top" or (
        route == "count"
        and (
            aspects.measure(lower) == "days" or _WHICH_DAYS.search(lower) or _group(lower, _keys(question)) is not None
        )
    )
    found = bounds(question, hours=route in _WITHIN_HOURS, times=bool(often))
    if any(n.start < end and start < n.end for start, end in found.spans for n in names):
        return Bounds(text=question)
    return found


_WHICH_DAYS = re.compile(r"\b(?:which|what) days\b")


def _keys(question: str) -> list[str]:
    return [t.key for t in tokens(question)]


def understand(
    question: str, spans: Sequence[dict[str, Any]], names: Sequence[Name], route: str | None = None,
    limits: Bounds | None = None,
) -> Understanding:  # fmt: skip
    """Read the parameters of a question. `spans` are its time expressions (see time_expressions.resolve).

    `route` is the subroutine that is to get them: what a trend or a comparison is over depends on it. `limits` are the
    bounds of the question, without which it is given.
    """
    times = limits.times if limits else None
    names = _places_meant(_of_one_kind(names, question), question, route)
    weekday, spans = aspects.weekdays(question, spans)
    covered = [tuple(s["span"]) for s in spans] + [(n.start, n.end) for n in names]
    lower = question.lower()
    free = [t for t in tokens(question) if not any(a <= t.start < b for a, b in covered)]
    keys = [t.key for t in free]
    measure = aspects.measure(lower)
    if times and route == "count" and measure == "count":
        measure = "days" if _WHICH_DAYS.search(lower) else "distinct"
    group = (aspects.time_group(question, bounded=times is not None) if route == "top" else None) or _group(lower, keys)
    kind = _kind(question, keys, names, group, route)
    if measure in ("average", "share") and group != "person":
        group = None
    # "Who makes the videos that I watched": what videos have for a person is a channel.
    if group == "person" and kind in ("watch", "visit", "search"):
        group = words.GROUP_OF_KIND[kind]
    sides, of_sides = _sides(spans, names) if route == "compare" else ((), False)
    since, until = (None, None) if of_sides else _between(spans)
    left_out = tuple(n for n in names if aspects.is_left_out(question, n.start, n.end))
    kept = tuple(n for n in names if n not in left_out and not (sides and not of_sides))
    quoted = QUOTED.search(question)
    note = ""
    if route in ("remember", "forget"):
        from datapunk.gaia.notes import noted

        note = noted(question)
    return Understanding(
        kind=None
        if route == "people" and (_is_presence(lower, spans) or kind not in ("mail", "message", "event"))
        else kind,
        group_by=group or (words.GROUP_OF_KIND.get(kind) if kind else None),
        direction=_side_of_mail(question, kind, names, route),
        order=_order(" ".join(keys)) or ("first" if route == "when" and _EVER.match(lower) else None),
        measure=_measure(route, lower, measure),
        unit=aspects.trend_unit(question, spans) if route == "trend" else aspects.unit(question),
        k=aspects.limit(question, spans) or (_MOST_BOUNDED if times and route == "top" else None),
        topic=_topic(question, free, kind),
        quoted=quoted.group(1).strip() if quoted else "",
        note=note,
        since=since,
        until=until,
        phrase="" if of_sides else " ".join(str(s["text"]).strip() for s in spans[:1]),
        weekday=tuple(weekday),
        hours=(limits.hours if limits else None) or aspects.hours(lower),
        times=times,
        present=route == "people" and _is_presence(lower, spans),
        names=kept,
        left_out=left_out,
        sides=sides,
        stepwise=aspects.is_stepwise(question),
        size=aspects.size(lower),
        listing=aspects.listing(lower) if route == "search" else None,
    )


_AT = re.compile(r"\b(?:at|in|from)(?: the)?$")
_WITH_PLACES = ("count", "top", "timeline", "compare", "trend", "people", "places")
# "When was I in Porto", "when did I go to Tokyo", "when did I visit Rome": of a place it is no page that is visited.
_STAYED = re.compile(
    r"\b(?:(?:was|were|been|stay(?:ed)?|spend|spent|go|went|gone|travel(?:led|ed)?|fly|flew|flown|drive|drove|arrived?"
    r"|got?)\b.*\b(?:in|to|at)|visit(?:ed)?)(?: the)?$"
)


def _places_meant(names: Sequence[Name], question: str, route: str | None) -> list[Name]:
    """Names without those of places where a question speaks of something else: places are of events alone."""
    keys = [t.key for t in tokens(question)]
    kinds = {words.KIND_NOUNS.get(key) or words.KIND_VERBS.get(key) for key in keys} - {None, "event"}
    meant = route in _WITH_PLACES and not kinds
    return [
        n for n in names
        if n.field != "place" or _is_stay(n, question, route)
        or (meant and _AT.search(question[: n.start].lower().rstrip()))
    ]  # fmt: skip


def _is_stay(name: Name, question: str, route: str | None) -> bool:
    """Whether a question asks when the owner was at a place."""
    asks = route == "when" and name.field == "place" and re.search(r"\b(?:i|we)\b", question[: name.start].lower())
    return bool(asks) and _STAYED.search(question[: name.start].lower().rstrip()) is not None


def _sides(spans: Sequence[dict[str, Any]], names: Sequence[Name]) -> tuple[tuple[dict[str, Any], ...], bool]:
    """What a comparison is between: names at two places, else two times; and whether it is times."""
    by_place: dict[tuple[int, int], list[Name]] = {}
    for name in names:
        by_place.setdefault((name.start, name.end), []).append(name)
    fields = [n.field for n in names]
    common = max(set(fields), key=fields.count) if fields else ""
    placed = [found for _, found in sorted(by_place.items()) if found[0].field == common]
    if len(placed) > 1:
        return tuple({"label": of[0].value, common: [n.value for n in of]} for of in placed), False
    if len(spans) > 1:
        return tuple({"label": _bare(s["text"]), "since": s["start"], "until": s["end"]} for s in spans), True
    return (), False


def _bare(phrase: str) -> str:
    return re.sub(
        r"^(?:in|on|during|of|for|from|to|than|the year|year|over|at)\s+", "", phrase.strip(), flags=re.IGNORECASE
    )


# "Did I ever watch", "has Anna ever written to me": whether, and since when.
_EVER = re.compile(r"^\W*(?:(?:and|so|but|or)\s+)?(?:did|have|has|had|was|were)\s+(?:\S+\s+){1,3}?ever\b")


def _measure(route: str | None, lower: str, measure: str) -> str:
    if route == "when" and _EVER.match(lower):
        return "ever"
    if route == "when":
        return "elapsed" if re.search(r"\bhow (?:long|many|much)\b", lower) else "count"
    return "count" if route in ("top", "trend") else measure


_PRESENT = re.compile(
    r"\b(?:with me|with us|was there|were there|come|came|comes|along|join|joined|accompan\w+|attend\w*"
    r"|travel\w*|took part"
    r"|meet|met|see|saw|(?:go|went|gone)\b.*\bwith|companions?|was at|were at|was on|were on|guests?|company|present)\b"
)


def _is_presence(lower: str, spans: Sequence[dict[str, Any]]) -> bool:
    """Whether a question asks who was there, not who wrote: by its words, or as it is about an event."""
    present = _PRESENT.search(lower) is not None or any("event" in span for span in spans)
    return present and not re.search(r"\bmail\w*|\bemail\w*|\bwr[io]te\w*|\bwritten\b", lower)


def _of_one_kind(names: Sequence[Name], question: str) -> list[Name]:
    """Where a word names several things, keep the field that the words around it ask for."""
    lower = question.lower()
    kept: list[Name] = []
    for name in names:
        rivals = {n.field for n in names if n.start < name.end and name.start < n.end}
        if len(rivals) > 1:
            wanted = "channel" if re.search(r"watch|video|channel|saw|seen", lower) else "site"
            if re.search(r"mail|write|wrote|written|meet|met\b|sent|message|with |from ", lower):
                wanted = "person"
            if wanted in rivals and name.field != wanted:
                continue
        kept.append(name)
    return kept


def _kind(
    question: str, keys: Sequence[str], names: Sequence[Name], group: str | None, route: str | None
) -> str | None:
    lower = question.lower()
    if route == "when" and any(name.field == "place" for name in names):
        # When somebody was at a place, the calendar tells.
        return "event"
    if _SECURITY.search(lower):
        return "security_event"
    nouns = [words.KIND_NOUNS[key] for key in keys if key in words.KIND_NOUNS]
    if "search" in keys and re.search(r"\bsearch(?:ed)? (?:my|the|all) (?:mail|mails|inbox|emails)\b", lower):
        nouns = [n for n in nouns if n != "search"]
    if "web" in keys and re.search(r"\b(?:search|searched|look|looked|looking|google|googled)\b", lower):
        nouns = [n for n in nouns if n != "visit"]
    if nouns:
        return "mail" if nouns[0] == "message" and re.search(r"\be?-?mail", lower) else nouns[0]
    fields = {name.field for name in names}
    if done := _kind_of_verbs(question, fields):
        return done
    if group in words.KIND_OF_GROUP:
        return words.KIND_OF_GROUP[group]
    return "watch" if "channel" in fields else "visit" if "site" in fields else None


def _kind_of_verbs(question: str, fields: Set[str]) -> str | None:
    """The kind of what the owner did, as its verb says; `fields` are those of the names."""
    # A capital inside of a sentence is a name's, as in "the Hamburg Open".
    plain = re.sub(r"(?<=[\w,] )[A-Z]\w*", "", question).lower()
    verbs = [(m.start(), kind) for verb, kind in words.KIND_VERBS.items() if (m := re.search(rf"\b{verb}\b", plain))]
    if verbs:
        # A person is not watched but met.
        found = min(verbs)[1]
        return "event" if found == "watch" and "person" in fields and "channel" not in fields else found
    if "person" in fields and _TOGETHER.search(question.lower()):
        return "event"
    return "event" if _BEEN.search(question.lower()) else None


# Where somebody has been, the calendar tells.
_BEEN = re.compile(
    r"\bhow (?:often|many times) (?:(?:have|had|was|were) (?:i|we) (?:been |in |to |at )"
    r"|(?:did|do|have) (?:i|we) (?:go|gone|travel(?:led)?|fly|flown) )"
)
_TOGETHER = re.compile(
    r"\b(?:(?:was|were|been|am|are) (?:i|we)\b.*\b(?:with|together)|(?:do|did|will|have|can) (?:i|we) (?:\w+ )?see)\b"
)


def _group(lower: str, keys: Sequence[str]) -> str | None:
    if re.search(r"\bwho\b|\bwhom\b|\bwhose\b", lower):
        return "person"
    if lower.lstrip(" ¿").startswith("where "):
        return "place"
    found = [words.GROUPS[key] for key in keys if key in words.GROUPS]
    # "channels about coffee videos": the more telling group wins over titles.
    return next((g for g in found if g != "title"), found[0] if found else None)


_SENT = (
    r"\b(?:did|have|do) i (?:\w+ )?(?:send|sent|write|written|mail|mailed|email|emailed)\b(?! with\b)"
    r"|\bi (?:have |had )?(?:sent|wrote|written|mailed|emailed|send)\b|\bfrom me\b"
)
_RECEIVED = (
    r"\b(?:sent|send|sends|write|writes|writing|wrote|written|mail|mails|mailed|email|emails|emailed)(?: to)? me\b"
    r"|\b(?:get|got|receive|received|hear|heard) (?:\w+ ){0,3}(?:from|by)\b|\bi (?:\w+ )?(?:get|got|receive|received)\b"
    r"|\bsenders?\b|\b(?:my|the) inbox\b|\bcame in\b|\b(?:mails?|emails?|letters?|messages?) to me\b"
    r"|\b(?:mails?|emails?|letters?|messages?) (?:\w+ )?(?:arrive|arrived|came|come)\b"
    r"|\bwr[io]tt?e?n? (?:\w+ )?(?:mails|emails) to me\b"
    r"|\b(?:send|sends|sent|mail|mailed|email|emailed) (?:it |them )?to me\b|\bwhose (?:mails|emails)\b"
)


_WRITES = re.compile(
    r"\s*(?:ever |also |just |even |really |last |first )?"
    r"(?:write|wrote|writes|mail|mails|mailed|send|sends|sent|email|emails|emailed|say|said|tell|told)\b"
)


def _side_of_mail(question: str, kind: str | None, names: Sequence[Name], route: str | None) -> str | None:
    """Sent or received; who is in touch about something may have done either."""
    if route == "people" and not re.search(
        r"\bto me\b|\b(?:send|sent|wrote|mailed|emailed) me\b"
        r"|\bi (?:\w+ )?(?:write|wrote|written|mail|send|sent)\b.*\bto\b",
        question, re.IGNORECASE,
    ):  # fmt: skip
        return None
    return _direction(question, kind, names) or ("received" if route == "people" else None)


def _direction(question: str, kind: str | None, names: Sequence[Name]) -> str | None:
    lower = question.lower()
    if re.search(_SENT, lower):
        return "sent"
    if re.search(_RECEIVED, lower) or (kind in ("mail", "message") and re.search(r"\bfrom whom?\b", lower)):
        return "received"
    if kind in ("mail", "message"):
        sides = [side for name in names if name.field == "person" and (side := _side_of_name(question, name))]
        return sides[0] if sides else None
    return None


def _side_of_name(question: str, name: Name) -> str | None:
    """Whether the words around a person say that they wrote, or were written to."""
    before = question[: name.start].lower().rstrip()
    wrote = _WRITES.match(question[name.end :]) or re.search(r"\b(?:from|by|of)(?: (?:the|my|our))?$", before)
    if wrote or question[: name.end].endswith(("'s", "’s")) or re.match(r"s\b", question[name.end :]):
        return "received"
    return "sent" if before.endswith(" to") else None


def _order(lower: str) -> str | None:
    if re.search(
        r"\bfirst\b|\bearliest\b|\boldest\b|\bbegin\b|\bstart(?:ed)?\b|\bsince when\b|\bdiscover(?:ed)?\b", lower
    ):
        return "first"
    if re.search(r"\bnext\b|\bwill\b|\bupcoming\b|\b(?:do|am|shall) (?:i|we)\b.*\bagain\b", lower):
        return "next"
    return "last" if re.search(r"\blast\b|\blatest\b|\bmost recent(?:ly)?\b|\bnewest\b", lower) else None


_SUBJECTS = frozenset(["birthday", "birthdays"])
_SECURITY = re.compile(r"\bsecurity (?:events?|alerts?|logs?|entries)\b|\b(?:sign|log)-?ins?\b")


def _topic(question: str, free: Sequence[Token], kind: str | None) -> str:
    """The words left when kind, time, names and forms of asking are taken away; a quoted part stands for itself."""
    if quoted := QUOTED.search(question):
        return quoted.group(1).strip()
    left: list[str] = []
    for token in free:
        key = token.key
        named = words.KIND_NOUNS.get(key) or words.KIND_VERBS.get(key)
        if key in _SUBJECTS:
            # A birthday is an event, and which one.
            left.append(token.text.rstrip(".'’-"))
            continue
        if key in words.ASKING_WORDS or named or key in words.NUMBERS or key in words.GROUPS:
            continue
        if kind == "security_event" and key in ("security", "alert", "alerts", "log-ins", "sign-ins"):
            continue
        if key.isdigit() or (kind == "mail" and key in ("subject",)):
            continue
        left.append(token.text.rstrip(".'’-"))
    return " ".join(left)


def _between(spans: Sequence[dict[str, Any]]) -> tuple[str | None, str | None]:
    """Of several time expressions the first counts; a second bounds its open end or goes on with it."""
    if not spans:
        return None, None
    since, until = spans[0]["start"], spans[0]["end"]
    for span in spans[1:]:
        if until and span["start"] == until:
            until = span["end"]
        since, until = since or span["start"], until or span["end"]
    return since, until
