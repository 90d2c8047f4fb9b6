"""Names of an owner's items that a question mentions, word by word. Pure: no database, no model."""

import re
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache

from datapunk.gaia import vocabulary as words

_TOKEN = re.compile(r"[\w][\w'’.&+#-]*", re.UNICODE)
# Not "a" and "an", which lead to names in Spanish and German: in English they lead to things.
_BEFORE_NAMES = frozenset(["from", "to", "with", "von", "mit", "de", "à", "avec", "con"])
QUOTED = re.compile(r"[\"“”„«»]([^\"“”„«»]{2,80})[\"“”„«»]")


@dataclass(frozen=True, kw_only=True)
class Token:
    """A word of a question with its characters [start, end), and the form in which words are compared."""

    text: str
    start: int
    end: int
    key: str


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


def quotations(text: str) -> list[tuple[int, int]]:
    """Return the characters [start, end) of each quotation."""
    return [m.span() for m in QUOTED.finditer(text)]


@lru_cache(maxsize=8)
def tokens(text: str) -> tuple[Token, ...]:
    """Split a question into words; punctuation inside of a word (guitar-lab.example, AT&T) stays."""
    # Kept for a moment: whoever reads a question looks at its words.
    return tuple(
        Token(text=m.group(), start=m.start(), end=m.end(), key=_key(m.group())) for m in _TOKEN.finditer(text)
    )


def candidate_words(question: str, genitive: str = "") -> list[str]:
    """Return the words that may be part of a name, in lower case, each once; of a host also what people say for it.

    `genitive` is the ending that names have in a language without an apostrophe, as in Annas.
    """
    found = [form for t in tokens(question) for form in dict.fromkeys((t.key, site_label(t.key)))]
    if genitive:
        found += [key.removesuffix(genitive) for key in found if key.endswith(genitive)]
    return list(dict.fromkeys(key for key in found if len(key) > 1 and key not in words.FUNCTION_WORDS))


def name_words(value: str) -> list[str]:
    """Return the words of a name by which it is looked up, in lower case, each once."""
    return list(dict.fromkeys(key for word in _TOKEN.findall(value) if (key := _key(word))))


def match_names(
    question: str, candidates: Iterable[tuple[str, str]], plain: str | None = None, genitive: str = ""
) -> list[Name]:
    """Return which of `candidates` (field, value) the question mentions, the longest first, none within another.

    A channel or site must be there word by word; of a person, the first, the last or the whole name; of a site the
    question may say only the middle (guitarlab for www.guitarlab.example) when it asks about sites. Where several
    persons share the first name, each is returned with the same place. `plain` is how the question is read in English.
    A person's name may have the ending `genitive`, which is no part of its place.
    """
    asked = [(t.key, t) for t in tokens(question)]
    read = {key for key, _ in asked} if plain is None else {t.key for t in tokens(plain)}
    about_sites = any(words.KIND_NOUNS.get(key, words.KIND_VERBS.get(key)) == "visit" for key in read)
    # Words that mean something else in English are of the question, with a capital or without.
    common = {key for key, _ in asked} - read
    found: list[Name] = []
    for field, value in candidates:
        parts = name_words(value)
        spans = [_mention(asked, parts)]
        if field == "person" and len(parts) == 2:
            spans += [_mention(asked, part, alone=True, common=common) for part in (parts[:1], parts[1:])]
        if field == "person" and genitive and not any(spans):
            owning = [*parts[:-1], parts[-1] + genitive] if parts else []
            forms = [(owning, False), *((([part + genitive], True) for part in parts) if len(parts) == 2 else ())]
            of_it = [s for form, alone in forms if (s := _mention(asked, form, alone=alone, common=common))]
            spans += [(start, end - len(genitive)) for start, end in of_it]
        if field == "site":
            spans.append(_mention(asked, [value.removeprefix("www.").lower()]))
        if field == "site" and about_sites:
            # That a site has the name of what it shows makes it no other thing where sites are asked about.
            label = site_label(value)
            spans.append(_mention(asked, [label], named_so=words.KIND_NOUNS.get(label) != "visit"))
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
    asked: Sequence[tuple[str, Token]], parts: Sequence[str], *, alone: bool = False, common: Set[str] = frozenset(),
    named_so: bool = False,
) -> tuple[int, int] | None:  # fmt: skip
    """Return where the words `parts` follow each other in the question.

    `alone` takes a word only with a capital and between words without: half of a name is not the half of another. The
    capitals of words in `common` say nothing. Where nothing of a question has a capital, one after "from" is a name.
    Nouns for kinds of things are names only where they are `named_so`.
    """
    if not parts or all(part in words.FUNCTION_WORDS or (part in words.KIND_NOUNS and not named_so) for part in parts):
        return None
    for i in range(len(asked) - len(parts) + 1):
        window = asked[i : i + len(parts)]
        if not all(key == part for (key, _), part in zip(window, parts, strict=True)):
            continue
        around = [*asked[max(1, i - 1) : i], *asked[i + len(parts) : i + len(parts) + 1]]
        first = window[0]
        capitals = any(t.text[0].isupper() and key != "i" and key not in common for key, t in around)
        is_small = not any(t.text[0].isupper() for _, t in asked[1:])
        is_led = i > 0 and asked[i - 1][0] in _BEFORE_NAMES and first[0] not in words.ASKING_WORDS
        is_name = first[1].text[0].isupper() or (is_small and is_led)
        if alone and (not is_name or first[0] in common or capitals):
            continue
        return window[0][1].start, window[-1][1].end
    return None
