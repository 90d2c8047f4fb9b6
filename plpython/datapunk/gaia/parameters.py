"""What a question asks about: kind of thing, ranking, names, topic, limits. Pure: no database, no model."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from datapunk.gaia import vocabulary as words

_TOKEN = re.compile(r"[\w][\w'’.&+#-]*", re.UNICODE)
_QUOTED = re.compile(r"[\"“”„«»]([^\"“”„«»]{2,80})[\"“”„«»]")


@dataclass(frozen=True, kw_only=True)
class Token:
    """A word of a question with its characters [start, end)."""

    text: str
    start: int
    end: int

    @property
    def key(self) -> str:
        """The form in which words are compared."""
        return _key(self.text)


@dataclass(frozen=True, kw_only=True)
class Name:
    """A name of the owner's items that a question mentions: `field` is channel, site or person."""

    field: str
    value: str
    start: int
    end: int


def _key(word: str) -> str:
    lower = word.lower().replace("’", "'").rstrip(".'-")
    return lower[:-2] if lower.endswith("'s") else lower


def tokens(text: str) -> list[Token]:
    """Split a question into words; punctuation inside of a word (guitar-lab.example, AT&T) stays."""
    return [Token(text=m.group(), start=m.start(), end=m.end()) for m in _TOKEN.finditer(text)]


def candidate_words(question: str) -> list[str]:
    """Return the words that may be part of a name, in lower case, each once."""
    found = [t.key for t in tokens(question)]
    return list(dict.fromkeys(key for key in found if len(key) > 1 and key not in words.FUNCTION_WORDS))


def name_words(value: str) -> list[str]:
    """Return the words of a name by which it is looked up, in lower case, each once."""
    return list(dict.fromkeys(key for word in _TOKEN.findall(value) if (key := _key(word))))


def match_names(question: str, candidates: Iterable[tuple[str, str]]) -> list[Name]:
    """Return which of `candidates` (field, value) the question mentions, the longest first, none within another.

    A channel or site must be there word by word; of a person, the first, the last or the whole name; of a site the
    question may say only the middle (guitarlab for www.guitarlab.example) when it asks about sites. Where several
    persons share the first name, each is returned with the same place.
    """
    asked = [(t.key, t) for t in tokens(question)]
    about_sites = any(words.KIND_NOUNS.get(key, words.KIND_VERBS.get(key)) == "visit" for key, _ in asked)
    found: list[Name] = []
    for field, value in candidates:
        parts = name_words(value)
        spans = [_mention(asked, parts)]
        if field == "person" and len(parts) == 2:
            spans += [_mention(asked, parts[:1], alone=True), _mention(asked, parts[1:], alone=True)]
        if field == "site" and about_sites:
            spans.append(_mention(asked, [site_label(value)]))
        best = max((s for s in spans if s), key=lambda s: s[1] - s[0], default=None)
        if best:
            found.append(Name(field=field, value=value, start=best[0], end=best[1]))
    found.sort(key=lambda n: (n.start - n.end, n.field, n.value))
    return [
        name for i, name in enumerate(found)
        if not any(
            (other.start, other.end) != (name.start, name.end) and other.start < name.end and name.start < other.end
            for other in found[:i]
        )
    ]  # fmt: skip


def site_label(host: str) -> str:
    """Return the part of a host that people say: guitarlab of www.guitarlab.example, bbc of news.bbc.co.uk."""
    parts = host.removeprefix("www.").lower().split(".")
    if len(parts) > 2 and len(parts[-2]) <= 3 and len(parts[-1]) == 2:
        parts.pop()
    return parts[-2] if len(parts) > 1 else parts[0]


def _mention(
    asked: Sequence[tuple[str, Token]], parts: Sequence[str], *, alone: bool = False
) -> tuple[int, int] | None:
    """Return where the words `parts` follow each other in the question.

    `alone` takes a word only with a capital and between words without: half of a name is not the half of another.
    """
    if not parts or all(part in words.FUNCTION_WORDS or part in words.KIND_NOUNS for part in parts):
        return None
    for i in range(len(asked) - len(parts) + 1):
        window = asked[i : i + len(parts)]
        if not all(key == part for (key, _), part in zip(window, parts, strict=True)):
            continue
        around = [*asked[max(1, i - 1) : i], *asked[i + len(parts) : i + len(parts) + 1]]
        if alone and (
            not window[0][1].text[0].isupper() or any(t.text[0].isupper() and t.key != "i" for _, t in around)
        ):
            continue
        return window[0][1].start, window[-1][1].end
    return None


@dataclass(frozen=True, kw_only=True)
class Understanding:
    """What a question asks about. Every field may be empty; `phrase` is the time as the question words it."""

    kind: str | None = None
    group_by: str | None = None
    direction: str | None = None
    order: str = "last"
    k: int | None = None
    topic: str = ""
    since: str | None = None
    until: str | None = None
    phrase: str = ""
    names: tuple[Name, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The parameters as a subroutine receives them; what is empty is left out."""
        found: dict[str, Any] = {
            "kind": self.kind, "group_by": self.group_by, "direction": self.direction, "order": self.order,
            "k": self.k, "topic": self.topic, "since": self.since, "until": self.until, "phrase": self.phrase,
        }  # fmt: skip
        for name in self.names:
            found.setdefault(name.field, []).append(name.value)
        return {key: value for key, value in found.items() if value not in (None, "")}


def understand(question: str, spans: Sequence[dict[str, Any]], names: Sequence[Name]) -> Understanding:
    """Read the parameters of a question. `spans` are its time expressions (see time_expressions.resolve)."""
    names = _of_one_kind(names, question)
    covered = [tuple(s["span"]) for s in spans] + [(n.start, n.end) for n in names]
    lower = question.lower()
    free = [t for t in tokens(question) if not any(a <= t.start < b for a, b in covered)]
    keys = [t.key for t in free]
    group = _group(lower, keys)
    kind = _kind(question, keys, names, group)
    since, until = _between(spans)
    return Understanding(
        kind=kind,
        group_by=group or (words.GROUP_OF_KIND.get(kind) if kind else None),
        direction=_direction(lower),
        order=_order(lower),
        k=_limit(question, spans),
        topic=_topic(question, free, kind),
        since=since,
        until=until,
        phrase=" ".join(str(s["text"]) for s in spans[:1]),
        names=tuple(names),
    )


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


def _kind(question: str, keys: Sequence[str], names: Sequence[Name], group: str | None) -> str | None:
    lower = question.lower()
    nouns = [words.KIND_NOUNS[key] for key in keys if key in words.KIND_NOUNS]
    if "search" in keys and re.search(r"\bsearch(?:ed)? (?:my|the|all) (?:mail|mails|inbox|emails)\b", lower):
        nouns = [n for n in nouns if n != "search"]
    if nouns:
        return nouns[0]
    # A capital inside of a sentence is a name's, as in "the Hamburg Open".
    plain = re.sub(r"(?<=[\w,] )[A-Z]\w*", "", question).lower()
    verbs = [(m.start(), kind) for verb, kind in words.KIND_VERBS.items() if (m := re.search(rf"\b{verb}\b", plain))]
    if verbs:
        return min(verbs)[1]
    fields = {name.field for name in names}
    if group in words.KIND_OF_GROUP:
        return words.KIND_OF_GROUP[group]
    return "watch" if "channel" in fields else "visit" if "site" in fields else None


def _group(lower: str, keys: Sequence[str]) -> str | None:
    if re.search(r"\bwho\b|\bwhom\b", lower):
        return "person"
    found = [words.GROUPS[key] for key in keys if key in words.GROUPS]
    # "channels about coffee videos": the more telling group wins over titles.
    return next((g for g in found if g != "title"), found[0] if found else None)


_SENT = (
    r"\b(?:did|have|do) i (?:\w+ )?(?:send|sent|write|written|mail|mailed|email|emailed)\b"
    r"|\bi (?:sent|wrote|mailed|emailed|send)\b|\bfrom me\b"
)
_RECEIVED = (
    r"\b(?:sent|send|sends|write|writes|wrote|written|mail|mails|mailed|email|emails)(?: to)? me\b"
    r"|\b(?:get|got|receive|received|hear|heard) (?:\w+ )?from\b|\bi (?:get|got|receive|received)\b"
    r"|\bsenders?\b|\bfill my inbox\b|\bcame in\b"
)


def _direction(lower: str) -> str | None:
    if re.search(_SENT, lower):
        return "sent"
    return "received" if re.search(_RECEIVED, lower) else None


def _order(lower: str) -> str:
    if re.search(
        r"\bfirst\b|\bearliest\b|\boldest\b|\bbegin\b|\bstart(?:ed)?\b|\bsince when\b|\bdiscover(?:ed)?\b", lower
    ):
        return "first"
    if re.search(r"\bnext\b|\bwill\b|\bupcoming\b", lower):
        return "next"
    return "last"


def _limit(question: str, spans: Sequence[dict[str, Any]]) -> int | None:
    """A number that says how many are wanted: "top 5", "three channels"; not one inside of a time expression."""
    covered = [tuple(s["span"]) for s in spans]
    for match in re.finditer(
        r"\b(\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten)\b", question, re.IGNORECASE
    ):
        if any(a <= match.start() < b for a, b in covered) or match.group().lower() == "one":
            continue
        before = question[: match.start()].lower().rstrip()
        after = question[match.end() :].lower()
        if before.endswith(
            ("top", "best", "first", "me", "my", "the", "which", "what", "list", "recommend", "suggest")
        ) or re.match(
            r"\s+(?:\w+\s+){0,2}(?:channels?|sites?|websites?|people|persons?|searches|videos?|pages?|things|suggestions|mails?|results)\b",
            after,
        ):
            number = words.NUMBERS.get(match.group().lower()) or int(match.group())
            return max(1, min(number, 100))
    return None


def _topic(question: str, free: Sequence[Token], kind: str | None) -> str:
    """The words left when kind, time, names and forms of asking are taken away; a quoted part stands for itself."""
    if quoted := _QUOTED.search(question):
        return quoted.group(1).strip()
    left: list[str] = []
    for token in free:
        key = token.key
        named = words.KIND_NOUNS.get(key) or words.KIND_VERBS.get(key)
        if key in words.FUNCTION_WORDS or named or key in words.NUMBERS or key in words.GROUPS:
            continue
        if key.isdigit() or (kind == "mail" and key in ("subject",)):
            continue
        left.append(token.text.rstrip(".'’-"))
    return " ".join(left)


def _between(spans: Sequence[dict[str, Any]]) -> tuple[str | None, str | None]:
    """Of several time expressions the first counts; a second one bounds an open end ("since May, until July")."""
    if not spans:
        return None, None
    since, until = spans[0]["start"], spans[0]["end"]
    for span in spans[1:]:
        since, until = since or span["start"], until or span["end"]
    return since, until
