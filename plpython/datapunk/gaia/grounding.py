"""Is what a language model wrote in the passages that it cites? Told by words, meaning and figures. Pure.

A sentence is supported by a passage when the share of its words that the passage holds and the cosine to the passage's
nearest sentence, weighed by a logistic regression, reach a bound, and when each of its figures stands there. This tells
a sentence about something else from one about the same; it does not tell a sentence from its contrary, beyond a
negation that only one of the two has.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from datapunk.gaia.quoting import stems
from datapunk.gaia.vocabulary import FUNCTION_WORDS, NUMBERS

MARK = "[?]"
DATA = 0
# Fitted by tests/bench/bench_grounding.py, which says on what and how well.
_WORDS, _MEANING, _BIAS = 6.1, 9.9, -10.6
_LONGEST_SOURCE = 60
_SHORTEST = 3
_CANDIDATES = 3
_MOST_WINDOWS = 8

_MARKER = re.compile(r"\s*[\[【](\d{1,3}(?:\s*[,;]\s*\d{1,3})*|data)[\]】]", re.IGNORECASE)
_END = re.compile(
    r"(?<=[.!?…])(?P<marks>(?:[”\"')]*\s*[\[【](?:[\d,;\s]{1,20}|[Dd]ata)[\]】])*)\s+(?=[^\W_a-zß-ÿ]|[“\"(¿¡])"
)
_ABBREVIATED = re.compile(
    r"(?:\b(?:\w|\d{1,2}|[Mm]r|[Mm]rs|[Mm]s|[Dd]r|[Pp]rof|[Ss]t|vs|etc|ca|approx|no|bzw|z\.B))\.$"
)
_PREFIX = re.compile(r"\s*(?:[-*•–]|\d{1,2}[.)])?\s+|\s*")
_NUMBER = re.compile(r"(?<![\w.,])[-+]?\d[\d.,'’ ]*\d|\d")
_SPELLED = re.compile(rf"\b(?:{'|'.join(NUMBERS)})\b", re.IGNORECASE)
_NEGATION = re.compile(
    r"\b(?:not|never|no|none|nobody|nothing|without|cannot|nicht|kein\w*|nie|niemals|ohne|ne|pas|jamais|sans|nunca|sin)\b|n['’]t\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]{2,}")

Similarities = Callable[[list[str], list[str]], Sequence[Sequence[float]]]


@dataclass(frozen=True, kw_only=True)
class Source:
    """What may be cited: a passage with its number, or the figures of a subroutine with the number DATA."""

    number: int
    text: str


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A sentence of an answer, its line and what that begins with (`prefix`), and the numbers that it cites."""

    text: str
    cited: tuple[int, ...]
    prefix: str = ""
    line: int = 0


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Whether a claim is supported and by what; else why not: uncited, unknown, figure, negation or unlike."""

    claim: Claim
    supported: bool
    by: tuple[int, ...] = ()
    reason: str = ""
    score: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Checked:
    """An answer as it may be shown, with the numbers of the sources in the order in which it cites them."""

    text: str
    cited: tuple[int, ...]
    verdicts: tuple[Verdict, ...] = field(default=())

    @property
    def unsupported(self) -> list[str]:
        """The sentences that no source supports."""
        return [v.claim.text for v in self.verdicts if not v.supported]


def check(
    answer: str, sources: Sequence[Source], *, question: str, similarities: Similarities | None, remove: bool = False
) -> Checked:
    """Check every sentence of an answer; mark or remove those that are not supported, and number what is cited anew.

    `similarities` gives the cosines of texts to texts; without it words alone decide.
    """
    found = claims(answer)
    verdicts = judge(found, sources, question=question, similarities=similarities)
    order = [number for v in verdicts if v.supported for number in v.by if number != DATA]
    cited = tuple(dict.fromkeys(order))
    places = {number: place for place, number in enumerate(cited, 1)}
    lines: dict[int, str] = {}
    for v in verdicts:
        if not v.supported and remove:
            continue
        marks = "".join(f" [{places[n]}]" for n in sorted(v.by) if n != DATA) if v.supported else f" {MARK}"
        text = v.claim.text
        end = re.search(r"[.!?…]+$", text)
        said = f"{text[: end.start()]}{marks}{end[0]}" if end else f"{text}{marks}"
        before = lines.get(v.claim.line)
        lines[v.claim.line] = f"{v.claim.prefix}{said}" if before is None else f"{before} {said}"
    return Checked(text="\n".join(lines[n] for n in sorted(lines)), cited=cited, verdicts=tuple(verdicts))


def claims(answer: str) -> list[Claim]:
    """Split an answer into its sentences; markers behind a full stop belong to the sentence before it."""
    found = []
    for number, line in enumerate(answer.split("\n")):
        prefix = _PREFIX.match(line)
        head = prefix[0] if prefix else ""
        for part in _sentences(line[len(head) :]):
            numbers = [n for m in _MARKER.finditer(part) for n in _numbers(m[1])]
            text = " ".join(_MARKER.sub("", part).split())
            text = re.sub(r"\s+([.,;!?])", r"\1", text)
            if text.strip(" .!?…"):
                found.append(Claim(text=text, cited=tuple(dict.fromkeys(numbers)), prefix=head, line=number))
    return found


def judge(
    found: Sequence[Claim], sources: Sequence[Source], *, question: str, similarities: Similarities | None
) -> list[Verdict]:
    """Return a verdict on each claim. A claim that cites nothing is given the source that supports it best, if any."""
    by_number = {s.number: s for s in sources}
    flat = [(s.number, window) for s in _worth_a_look(found, sources) for window in _nearest_windows(found, s.text)]
    cosines = similarities([c.text for c in found], [w for _, w in flat]) if similarities and found and flat else None
    allowed = numbers_in(question)
    verdicts = []
    for place, claim in enumerate(found):
        nearest: dict[int, tuple[float, str]] = {}
        for column, (number, window) in enumerate(flat):
            cosine = cosines[place][column] if cosines is not None else _shared(claim.text, window)
            nearest[number] = max(nearest.get(number, (-1.0, "")), (cosine, window))
        verdicts.append(_verdict(claim, by_number, nearest, allowed))
    return verdicts


def numbers_in(text: str) -> set[float]:
    """Return the figures of a text: 1,234 and 1.234 as 1234 too, 3rd as 3, two as 2, the parts of a date each."""
    found: set[float] = {float(NUMBERS[m[0].lower()]) for m in _SPELLED.finditer(text)}
    for m in re.finditer(r"\d+(?:[.,'’]\d+)*", text):
        found |= _readings(m[0])
    return found


def _readings(figure: str) -> set[float]:
    """What a figure may mean, since points and commas group in one language and divide in another."""
    plain = figure.replace("’", "'")
    read = set()
    if re.fullmatch(r"\d{1,3}(?:[.,']\d{3})+", plain):
        read.add(float(re.sub(r"[.,']", "", plain)))
    elif re.fullmatch(r"\d{1,3}(?:[.,']\d{3})+[.,]\d+", plain):
        whole, _, part = re.sub(r"[.,](?=\d+$)", "|", plain).partition("|")
        read.add(float(re.sub(r"[.,']", "", whole) + "." + part))
    if re.fullmatch(r"\d+(?:[.,]\d+)?", plain):
        read.add(float(plain.replace(",", ".")))
    return read or {float(part) for part in re.findall(r"\d+", plain)}


def _verdict(
    claim: Claim, sources: Mapping[int, Source], nearest: Mapping[int, tuple[float, str]], allowed: set[float]
) -> Verdict:
    known = tuple(n for n in claim.cited if n in sources)
    if claim.cited and not known:
        return Verdict(claim=claim, supported=False, reason="unknown")
    candidates = [known] if known else [(n,) for n in sources]
    best = Verdict(claim=claim, supported=False, reason="uncited")
    for numbers in candidates:
        found = _supported(claim, numbers, sources, nearest, allowed)
        if (found.supported and (found.score > best.score or not best.supported)) or known:
            best = found
    return best


def _supported(
    claim: Claim, numbers: tuple[int, ...], sources: Mapping[int, Source],
    nearest: Mapping[int, tuple[float, str]], allowed: set[float],
) -> Verdict:  # fmt: skip
    text = " ".join(sources[n].text for n in numbers)
    figures = {frozenset(_readings(m[0])) for m in re.finditer(r"\d+(?:[.,'’]\d+)*", claim.text)}
    there = numbers_in(text) | allowed
    if any(not readings & there for readings in figures):
        return Verdict(claim=claim, supported=False, reason="figure")
    # Figures that are in the data are what a sentence of them says; its words are the model's own.
    if DATA in numbers and numbers_in(claim.text) & numbers_in(sources[DATA].text):
        return Verdict(claim=claim, supported=True, by=numbers, score=1.0)
    cosine, window = max((nearest.get(n, (0.0, "")) for n in numbers), default=(0.0, ""))
    score = value(_share(claim.text, text), cosine)
    if score < 0:
        return Verdict(claim=claim, supported=False, reason="unlike", score=score)
    # Of two sentences that are nearest together, it is the one with more of the words that may deny.
    said = max(_parts(window), key=lambda part: _share(claim.text, part), default="")
    if bool(_NEGATION.search(claim.text)) != bool(_NEGATION.search(said)):
        return Verdict(claim=claim, supported=False, reason="negation", score=score)
    return Verdict(claim=claim, supported=True, by=numbers, score=score)


def value(share: float, cosine: float) -> float:
    """The log-odds that a sentence is supported, from its share of words and its cosine."""
    return _WORDS * share + _MEANING * cosine + _BIAS


def _share(sentence: str, text: str) -> float:
    """The share of a sentence's words, function words apart, that a text holds in any form."""
    words = {w for w in _WORD.findall(sentence.lower()) if w not in FUNCTION_WORDS}
    wanted = stems(" ".join(words))
    return len(wanted & stems(text)) / len(wanted) if wanted else 1.0


def _shared(sentence: str, window: str) -> float:
    """A stand-in for the cosine where nothing embeds."""
    return _share(sentence, window)


def _parts(text: str) -> list[str]:
    return [p for p in (" ".join(s.split()) for s in re.split(r"(?<=[.!?])\s+|\n+", text)) if len(p) > 1]


def _windows(text: str) -> list[str]:
    """Sentences of a source, each alone and with the next one."""
    parts = _parts(text)[:_LONGEST_SOURCE]
    return parts + [f"{a} {b}" for a, b in pairwise(parts)]


def _worth_a_look(found: Sequence[Claim], sources: Sequence[Source]) -> list[Source]:
    """The sources that are cited, and those that hold most of the words of a claim that cites none."""
    wanted = {number for claim in found for number in claim.cited}
    for claim in found:
        if not claim.cited:
            ranked = sorted(sources, key=lambda s: -_share(claim.text, s.text))
            wanted |= {s.number for s in ranked[:_CANDIDATES]}
    return [s for s in sources if s.number in wanted]


def _nearest_windows(found: Sequence[Claim], text: str) -> list[str]:
    """The windows of a source that share most words with any of the claims: embedding all would take a while."""
    windows = _windows(text)
    if len(windows) <= _MOST_WINDOWS:
        return windows
    spoken = [stems(claim.text) for claim in found]

    def shared(window: str) -> float:
        held = stems(window)
        return max((len(held & words) for words in spoken), default=0) / math.sqrt(1 + len(held))

    return sorted(windows, key=shared, reverse=True)[:_MOST_WINDOWS]


def _sentences(line: str) -> list[str]:
    parts: list[str] = []
    start = 0
    for end in _END.finditer(line):
        before = line[start : end.start()]
        if _ABBREVIATED.search(before) or len(before.split()) < _SHORTEST:
            continue
        parts.append(before + end["marks"])
        start = end.end()
    return [*parts, line[start:]] if line[start:].strip() else parts


def _numbers(marker: str) -> list[int]:
    return [DATA] if marker.lower() == "data" else [int(n) for n in re.findall(r"\d+", marker)]
