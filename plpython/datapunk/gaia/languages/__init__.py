"""The languages of questions and answers, each one data file beside this module."""

import os
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

#: The language in which the parameters of questions are read; others are read by what they mean in it.
ENGLISH = "en"
LANGUAGES = ("en", "de", "es", "fr")

_ENDINGS = re.compile(r"([\w' .-]*)\(([^()]*)\)([\w' .-]*)")
#: Stands for a character of a name or a quotation, which no rule matches.
OPAQUE = "\ue000"
#: A name in a rule: of the owner's items, or one or two words.
NAME = rf"{OPAQUE}+|[^\s,?.{OPAQUE}]+(?: [^\s,?.{OPAQUE}]+)?"
_GROUP = re.compile(r"(\{=?\d\})")
_SET = re.compile(r"<([a-z_]+)>")


@dataclass(frozen=True, kw_only=True)
class Group:
    """A group of a rule's pattern: read in its turn, or taken as it is."""

    number: int
    as_is: bool


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A form of words, and what it says in English: a text with groups of the pattern in it."""

    pattern: re.Pattern[str]
    template: tuple[str | Group, ...]


@dataclass(frozen=True, kw_only=True)
class Parting:
    """How questions of several parts are taken apart, and what words that point back say in English."""

    joint: re.Pattern[str]
    places: tuple[tuple[re.Pattern[str], str], ...]
    times: tuple[tuple[re.Pattern[str], str], ...]


@dataclass(frozen=True, kw_only=True)
class Language:
    """What a data file says: how questions are read, and how answers are worded.

    `words` gives the English of each word or phrase, `names` matches any of them, longest first; `compound` the hyphens
    that join a name with a word; `genitive` the ending of names that own something; `answers` the sentences by their
    keys.
    """

    code: str
    locale: str
    rules: tuple[Rule, ...]
    words: Mapping[str, str]
    known: re.Pattern[str] | None
    compound: re.Pattern[str] | None
    answers: Mapping[str, Any]
    parting: Parting | None = None
    genitive: str = ""


@lru_cache(maxsize=len(LANGUAGES))
def language(code: str) -> Language:
    """Load a language. Raises KeyError for one that is not in LANGUAGES."""
    if code not in LANGUAGES:
        raise KeyError(code)
    # importlib.resources would add 50 ms to the first answer of every connection, pathlib 5.
    with open(os.path.join(os.path.dirname(__file__), f"{code}.toml"), "rb") as file:
        content = tomllib.load(file)
    reading = content.get("reading", {})
    forms = {english: _forms(text) for english, text in reading.get("words", {}).items()}
    bare = reading.get("unaccented", False)
    sets = {"name": NAME}
    for name, keys in reading.get("sets", {}).items():
        found = {form for key in keys.split("|") for form in forms[key]}
        sets[name] = "|".join(_alternatives(found | set(map(unaccented, found)) if bare else found))
    words = {form: english for english, listed in reversed(forms.items()) for form in listed}
    if bare:
        # Without accents it is the word that has none, where there is one.
        words = {unaccented(form): english for form, english in words.items()} | words
    return Language(
        code=code,
        locale=content["locale"],
        rules=tuple(_rule(pattern, said, sets, bare=bare) for pattern, said in reading.get("rules", ())),
        words=words,
        known=_any_of(words),
        compound=re.compile(reading["compound"], re.IGNORECASE) if "compound" in reading else None,
        answers=content["answers"],
        parting=_parting(reading["parts"]) if "parts" in reading else None,
        genitive=reading.get("genitive", ""),
    )


def _parting(given: Mapping[str, Any]) -> Parting:
    def each(name: str) -> tuple[tuple[re.Pattern[str], str], ...]:
        return tuple((re.compile(rf"(?<!\w)(?:{said})(?!\w)", re.IGNORECASE), english) for said, english in given[name])

    return Parting(joint=re.compile(given["joint"], re.IGNORECASE), places=each("places"), times=each("times"))


def unaccented(text: str) -> str:
    """Return a text without accents, character by character."""
    return "".join(unicodedata.normalize("NFD", letter)[0] for letter in text)


def _rule(pattern: str, said: str, sets: Mapping[str, str], *, bare: bool) -> Rule:
    if bare:
        pattern = re.sub(r"[^\x00-\x7f]", lambda m: f"[{m.group()}{unaccented(m.group())}]", pattern)
    filled = _SET.sub(lambda m: f"(?:{sets[m.group(1)]})", pattern)
    template: list[str | Group] = []
    for part in filter(None, _GROUP.split(said)):
        is_group = _GROUP.fullmatch(part)
        template.append(Group(number=int(part.strip("{=}")), as_is="=" in part) if is_group else part)
    return Rule(pattern=re.compile(filled, re.IGNORECASE), template=tuple(template))


def _forms(text: str) -> tuple[str, ...]:
    """The forms that a value names: "tag(,e,en) | heute" is tag, tage, tagen and heute."""
    found: list[str] = []
    for entry in text.split("|"):
        form = entry.strip()
        match = _ENDINGS.fullmatch(form)
        found += [f"{match[1]}{ending.strip()}{match[3]}" for ending in match[2].split(",")] if match else [form]
    return tuple(dict.fromkeys(form.lower() for form in found if form))


def _alternatives(forms: Iterable[str]) -> list[str]:
    return [re.escape(form).replace(r"\ ", r"\s+") for form in sorted(set(forms), key=lambda f: (-len(f), f))]


def _any_of(words: Mapping[str, str]) -> re.Pattern[str] | None:
    if not words:
        return None
    # A form that ends in no letter (l', qu', ¿) is followed by its word.
    whole = _alternatives(form for form in words if form[-1].isalnum())
    bound = _alternatives(form for form in words if not form[-1].isalnum())
    either = [rf"(?:{'|'.join(whole)})(?!\w)", *([rf"(?:{'|'.join(bound)})"] if bound else [])]
    return re.compile(rf"(?<!\w)(?:{'|'.join(either)})", re.IGNORECASE)
