"""Which passage answers a question, which of its sentences says so, and whether any does. Pure.

Words count by how rare they are among the owner's texts (inverse document frequency, Sparck Jones 1972); a sentence
also by the kind of thing that the question asks for: a sum, a number, a date, a name.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from datapunk.gaia.vocabulary import FUNCTION_WORDS, KIND_NOUNS, KIND_VERBS, NUMBERS

LONGEST_QUOTE = 300
_WORD = re.compile(r"[^\W_]+(?:[.,:]\d+)*", re.UNICODE)
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
_SUFFIX = re.compile(r"(?:at(?:ions?|ing|e[ds]?|ors?)|ings?|ments?|edly|iest?|ied|ies|ers?|ed|es|ly|al|s|e|y)$")

_SPELLED = "|".join(NUMBERS)
_FIGURE = re.compile(rf"\d(?:[\d.,:]*\d)?|\b(?:{_SPELLED}|half|dozen|hundred|thousand)\b", re.IGNORECASE)
_DIGITS = re.compile(r"\d(?:[\d.,:-]*\d)?")
_MONEY = re.compile(
    r"[$€£¥]\s?\d|\d[\d.,]*\s?(?:[$€£¥]|euros?|eur\b|dollars?|usd\b|pounds?|gbp\b|francs?|chf\b|yen|kron|cents?)",
    re.IGNORECASE,
)
_SPAN = re.compile(r"\b\d{1,2}:\d\d:\d\d\b|\b\d+(?:[.,]\d+)?\s?(?:seconds?|minutes?|hours?|min\b|h\b)")
_DATE = re.compile(
    r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b|\b(?:january|february|march|april|may|june|july|august|september"
    r"|october|november|december)\b|\b\d{1,2}:\d\d\b|\b(?:19|20)\d\d\b|\b(?:tomorrow|tonight|today)\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?<![.!?]\s)(?<!^)\b[A-Z][\w’'-]+")
_PLACE = re.compile(
    r"\b(?:at|in|near|behind|opposite|from|to|into|on|under|next to)\s+(?:the\s+)?(?:\w+\s+){0,2}[A-Z0-9]\w*"
)
# What a question asks for, by its words, and what a sentence then has to hold.
_ASKED = tuple(
    (re.compile(words, re.IGNORECASE), sign)
    for words, sign in (
        (r"\bhow much\b|\b(?:price|cost|costs|fee|rent|deposit|charge|charged|pay|paid)\b", _MONEY),
        (r"\bhow (?:many|high|long|fast|heavy|tall|far|old|big)\b|\b(?:score|result|results|grade"
         r"|weight|size|height|length|setting|settings|percent|amount)\b", _FIGURE),
        (r"\b(?:number|code|pin|reference)\b", _DIGITS),
        (r"\bmy (?:\w+ )?times?\b|\btime (?:of|for|in) my\b|\bhow (?:long|fast)\b", _SPAN),
        (r"\bwhen\b|\bwhat time\b|\b(?:date|day|month|year)\b", _DATE),
        (r"\bwhere\b|\b(?:address|place)\b", _PLACE),
        (r"\bwhom?\b|\bwhose\b|\bname\b", _NAME),
    )
)  # fmt: skip

# Words of asking that a text may hold too: they count a little.
_SOFT_WORDS = """
start started begin began stop stopped recommend recommended recommends suggest suggested mention mentioned ask asked
asks happen happened spend spent bring long
"""
_SOFT = KIND_NOUNS.keys() | KIND_VERBS.keys() | frozenset(_SOFT_WORDS.split())
_SOFTLY = 0.4
# Weights of what speaks for a sentence, beside the share of the question's words that it holds (0 to 1).
_SIGN = 0.3
_NEAR = 0.35
_BESIDE = 0.35
_HEADED = 0.4
_QUESTION = 0.5
_SCRAP = 0.4
_PASSAGE = 0.6
# Weights of what speaks for a passage, beside that share.
_MEANING = 0.8
_SENDER = 0.25
_PARTY = 0.1
_ASKED_FOR = 0.1
_THREAD = 0.6
_BULK = 0.5
# Words that begin alike may be the same in another language.
_ALIKE = 5
_ALIKE_COUNTS = 0.6
# A passage answers that holds this share of the question's words, or whose share and similarity, so weighed, come to
# the other figure: in between of what answered and unanswerable questions reach.
_LEAST_SHARE = 0.7
_MEANING_FITS = 1.5
_LEAST_BOTH = 1.08
# The logit that a passage answers, by the share of the question that it holds, its similarity, the weight of the words
# that it holds, and the share that its best sentence holds: logistic regression on the development half of qa_xquad,
# against the best passage of other articles for the same questions; 0.5 % of those pass the bound, 94 % of these.
_EVIDENCE = (3.66, 13.76, 0.20, 4.41, -10.38)
_SURE_EVIDENCE = 0.66
_LEAST_SIMILARITY = 0.3


Sign = tuple[re.Pattern[str], set[str]]


@dataclass(frozen=True, kw_only=True)
class Passage:
    """A text that a search found. `similarity` is its cosine to the question, `people` a text with the names in it.

    `at` is its instant as ISO text in UTC, empty where it has none.
    """

    item_id: int
    kind: str
    title: str
    text: str
    similarity: float
    sender: str = ""
    people: str = ""
    thread: str | None = None
    is_bulk: bool = False
    at: str = ""


@dataclass(frozen=True, kw_only=True)
class Sought:
    """What a question asks for: its words with their weights, the people it names, the kind that it names."""

    question: str
    weights: Mapping[str, float]
    people: tuple[str, ...] = ()
    kind: str | None = None


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A passage with its score, the share of the question that it holds, and whether that is enough to answer it."""

    passage: Passage
    score: float
    fits: bool
    share: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Quote:
    """The sentence that answers, and the place of its passage."""

    place: int
    text: str


def content_words(question: str, leave_out: str = "") -> list[str]:
    """Return the words of a question that tell what it is about, in lower case, each once."""
    without = question.replace(leave_out, " ") if leave_out else question
    words = [w.lower() for w in _WORD.findall(without.replace("’", "'"))]
    named = [w for w in words if (w not in FUNCTION_WORDS or w in _SOFT) and (len(w) > 1 or w.isdigit())]
    return list(dict.fromkeys(named))


def weights(frequencies: Mapping[str, int], texts: int) -> dict[str, float]:
    """Return the weight of each word: `frequencies` is in how many of `texts` texts it occurs."""
    return {
        word: math.log(1 + texts / (found + 0.5)) * (_SOFTLY if word in _SOFT else 1.0)
        for word, found in frequencies.items()
    }


def rank(sought: Sought, passages: Sequence[Passage]) -> list[Judged]:
    """Return the passages by how well they answer, best first; those that come first in the search win ties."""
    keys = {stem(word): weight for word, weight in sought.weights.items()}
    total = sum(keys.values()) or 1.0
    signs = _signs(sought.question)
    held = [_held(p, keys) for p in passages]
    threads: dict[str, dict[str, float]] = {}
    for passage, words in zip(passages, held, strict=True):
        if passage.thread:
            thread = threads.setdefault(passage.thread, {})
            thread.update({word: max(degree, thread.get(word, 0.0)) for word, degree in words.items()})
    judged = []
    for passage, words in zip(passages, held, strict=True):
        around = threads.get(passage.thread or "", {})
        share = sum(keys[w] * max(words.get(w, 0.0), _THREAD * around.get(w, 0.0)) for w in keys) / total
        party = any(name == passage.sender for name in sought.people) * _SENDER
        party = party or any(name in passage.people for name in sought.people) * _PARTY
        score = share + _MEANING * passage.similarity + party + _ASKED_FOR * (passage.kind == sought.kind)
        score += _SIGN * (_sign(passage.text, keys, signs) > 0) - _BULK * passage.is_bulk
        judged.append(
            Judged(
                passage=passage, score=score, fits=_fits(share, passage.similarity + party / 10),
                share=share,
            )
        )  # fmt: skip
    return sorted(judged, key=lambda j: -j.score)


def is_evident(sought: Sought, judged: Judged) -> bool:
    """Whether a passage answers a question of which nothing else says that the owner's data answer it.

    What goes to many is no such evidence, and the few words of a short question alone are none.
    """
    if judged.passage.is_bulk or judged.passage.similarity < _LEAST_SIMILARITY:
        return False
    keys = {stem(word): weight for word, weight in sought.weights.items()}
    total = sum(keys.values()) or 1.0
    best = max(_shares(judged.passage, sentences(judged.passage), keys, total), default=0.0)
    by_share, by_similarity, by_mass, by_sentence, bias = _EVIDENCE
    logit = by_share * judged.share + by_similarity * judged.passage.similarity + by_mass * judged.share * total
    return logit + by_sentence * best + bias >= _SURE_EVIDENCE


def quote(sought: Sought, judged: Sequence[Judged]) -> Quote:
    """Return the sentence of the passages that answers best; a short one brings its neighbours along."""
    keys = {stem(word): weight for word, weight in sought.weights.items()}
    total = sum(keys.values()) or 1.0
    signs = _signs(sought.question)
    best = (-math.inf, 0, 0)
    split = [sentences(j.passage) for j in judged]
    shares = [_shares(j.passage, parts, keys, total) for j, parts in zip(judged, split, strict=True)]
    asking = [_asks(parts, of_parts) for parts, of_parts in zip(split, shares, strict=True)]
    for place, (entry, parts) in enumerate(zip(judged, split, strict=True)):
        mates = [i for i, j in enumerate(judged) if i != place and j.passage.thread == entry.passage.thread is not None]
        # Who answers the question that another mail of the thread asks, answers this one.
        score = max([entry.score, *(judged[i].score for i in mates if asking[i] and not asking[place])])
        for number, part in enumerate(parts):
            own = shares[place]
            beside = max([0.0, *own[max(0, number - 1) : number], *own[number + 1 : number + 2]])
            value = own[number] + _BESIDE * beside + _PASSAGE * (score - judged[0].score)
            value += _sign(part, keys, signs) - _QUESTION * (part.endswith("?") + bool(mates and asking[place]))
            value -= _SCRAP * (part.count(" ") < 3 or part == entry.passage.title)
            best = max(best, (value, -place, -number))
    place, number = -best[1], -best[2]
    parts = split[place]
    return Quote(place=place, text=_with_neighbours(parts, number) if parts else judged[place].passage.title)


def answers_kind(sought: Sought, text: str) -> bool:
    """Whether a text holds what the question asks for, where that has a form: a sum, a figure, a time, a date."""
    keys = {stem(word) for word in sought.weights}
    found = [sign for sign, _ in _signs(sought.question) if sign in (_MONEY, _FIGURE, _DIGITS, _SPAN, _DATE)]
    return not found or any(
        any(not stems(m.group()) & keys for m in sign.finditer(text))
        for sign in (found if _DIGITS in found else [*found, _FIGURE])
    )


def sentences(passage: Passage) -> list[str]:
    """Return the sentences of a passage without its heading; where there is nothing else, the heading's lines."""
    lines = passage.text.split("\n")
    head = 1 if passage.title and lines[0].strip() == passage.title.strip() else 0
    if head and passage.kind in ("mail", "message") and len(lines) > 2 and passage.sender in lines[1]:
        head = 2
    body = "\n".join(lines[head:]) if len(lines) > head and passage.kind != "event" else passage.text
    return [" ".join(s.split()) for s in _SENTENCE.split(body) if len(s.strip()) > 2]


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """Return a word without its commonest English endings, so that its forms are alike; a stand-in for a stemmer."""
    if len(word) < 4 or word[0].isdigit():
        return word
    for _ in range(2):
        shorter = _SUFFIX.sub("", word)
        if len(shorter) < 3:
            return word.rstrip("s")
        word = shorter
    return word[:-1] if len(word) > 3 and word[-1] == word[-2] else word


def stems(text: str) -> set[str]:
    """Return the stems of the words of a text."""
    return {stem(word) for word in _WORD.findall(text.lower())}


def _held(passage: Passage, keys: Mapping[str, float]) -> dict[str, float]:
    """How surely a passage holds each word: 1 in any of its forms, less where only the first letters agree."""
    words = stems(f"{passage.title} {passage.people} {passage.text}")
    begun = {word[:_ALIKE] for word in words if len(word) > _ALIKE}
    return {
        key: 1.0 if key in words else _ALIKE_COUNTS
        for key in keys
        if key in words or (len(key) > _ALIKE and key[:_ALIKE] in begun)
    }


def _signs(question: str) -> list[Sign]:
    """What the question asks for, each with the stems of the words that ask for it."""
    found = [(sign, [m.group() for m in asked.finditer(question)]) for asked, sign in _ASKED]
    return [(sign, stems(" ".join(words))) for sign, words in found if words]


def _fits(share: float, similarity: float) -> bool:
    return share >= _LEAST_SHARE or share + _MEANING_FITS * similarity >= _LEAST_BOTH


def _shares(passage: Passage, parts: Sequence[str], keys: Mapping[str, float], total: float) -> list[float]:
    """The share of the question that each sentence holds; what the heading says already hardly sets one apart."""
    headed = keys.keys() & stems(f"{passage.title} {passage.people}")
    heading = sum(keys[word] for word in headed) * (1 - _HEADED)
    return [
        (heading + sum(keys[w] * (_HEADED if w in headed else 1) for w in keys.keys() & stems(part))) / total
        for part in parts
    ]


def _asks(parts: Sequence[str], shares: Sequence[float]) -> bool:
    """Whether a text asks itself what the question asks: who answers it, does so in the same thread."""
    return any(
        part.endswith("?") and max(shares[max(0, number - 1) : number + 1]) > 0 for number, part in enumerate(parts)
    )


def _sign(sentence: str, keys: Mapping[str, float], signs: Sequence[Sign]) -> float:
    """What a sentence gains by holding what is asked for, the more the nearer it stands to a word of the question."""
    gain = 0.0
    for sign, asking in signs:
        # What the question says itself is not what it asks for.
        places = [m.span() for m in sign.finditer(sentence) if not stems(m.group()) & keys.keys()]
        if places:
            anchors = keys.keys() | asking
            words = [m.span() for m in _WORD.finditer(sentence) if stem(m.group().lower()) in anchors]
            nearest = min((max(a - d, c - b, 0) for a, b in places for c, d in words), default=100)
            gain = max(gain, _SIGN + _NEAR * max(0.0, 1 - nearest / 30))
    return gain


def _with_neighbours(parts: Sequence[str], number: int) -> str:
    """A sentence with those before and after it, as far as they fit."""
    first, last = number, number + 1
    while True:
        wider = [(a, b) for a, b in ((first, last + 1), (first - 1, last)) if a >= 0 and b <= len(parts)]
        fitting = [(a, b) for a, b in wider if len(" ".join(parts[a:b])) <= LONGEST_QUOTE]
        if not fitting:
            return " ".join(parts[first:last])
        first, last = fitting[0]
