"""Which of the owner's models a question is about: by what they learned from, not by which is the newest. Pure.

A model fits when its dataset holds the kind of thing that the question names, or a word of the question, or something
of that meaning; and when the dataset is of nobody and nothing less than the question. What does not fit is not asked:
a forecast of mails is no answer to a question about steps.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from datapunk.gaia.doubts import unplaced, without
from datapunk.gaia.languages import ENGLISH
from datapunk.gaia.mentions import quotations, tokens
from datapunk.gaia.quoting import stem
from datapunk.gaia.speech import Speech
from datapunk.gaia.vocabulary import ASKING_WORDS, KIND_NOUNS, KIND_VERBS, KINDS

# The cosine of a word of the question to one of the dataset from which on they mean the same thing: of 24 pairs that
# do, the least has 0.46, of 24 that do not, the most 0.35.
SAME_THING = 0.42
_VIEWS = {
    "watches": "watch", "searches": "search", "visits": "visit", "messages": "message", "mails": "mail",
    "events": "event", "places": "place_visit", "documents": "document", "notes": "note", "highlights": "highlight",
    "contacts": "contact", "app_uses": "app_use", "purchases": "purchase", "security_events": "security_event",
    "photos": "photo", "tasks": "task", "movements": "movement",
}  # fmt: skip
_RELATION = re.compile(r"\b(?:from|join)\s+(?:api\.)?\"?(\w+)\"?", re.IGNORECASE)
_KIND_IS = re.compile(r"\bkind\s*(?:=|in\s*\()\s*((?:'\w+'[\s,]*)+)", re.IGNORECASE)
_LITERAL = re.compile(r"'((?:[^']|'')*)'")
_NAMES = ("person", "channel", "site", "place")
# Words of asking a model, which say nothing of what it learned.
_OF_MODELS = frozenset({
    "model", "models", "trained", "train", "classifier", "classify", "classification", "regressor", "predicts",
    "predicted", "predicting", "label", "labels", "class", "classes", "apply", "input", "output", "value", "values",
    "score", "sentence", "text", "texts", "likely", "decide", "recommender", "detector", "forecaster", "forecasts",
    "estimates", "says", "future", "suggest", "propose", "bored", "surprise", "good", "nice", "fun", "great",
})  # fmt: skip
_COLUMNS_OF_ROWS = frozenset({
    "id", "item", "owner", "url", "at", "occurred", "date", "day", "time", "text", "title", "body", "source",
    "attributes",
})  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Trained:
    """A deployed model: its name and recipe, the query of its dataset with the columns, target, labels and series."""

    name: str
    recipe: str
    query: str
    columns: tuple[str, ...] = ()
    target: str = ""
    labels: tuple[str, ...] = ()
    series: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Fit:
    """A model that fits, with those of its series that the question is limited to (all where it names none)."""

    name: str
    series: tuple[str, ...] = ()


Likeness = Callable[[Sequence[str], Sequence[str]], float]


def kinds(model: Trained) -> frozenset[str]:
    """The kinds of items that the dataset of a model is made of; empty where it is made of something else."""
    read = {_VIEWS[name] for found in _RELATION.findall(model.query) if (name := found.lower()) in _VIEWS}
    for listed in _KIND_IS.findall(model.query):
        read |= set(_LITERAL.findall(listed))
    return frozenset(read)


def _plural(kind: str) -> str:
    return Speech.of(ENGLISH).plural(kind)


def things(model: Trained) -> list[str]:
    """The words that say what a model learned from, each once: of its name, target, columns, labels and dataset."""
    named = [_plural(kind) for kind in sorted(kinds(model)) if kind in KINDS]
    literals = [text for text in _LITERAL.findall(model.query) if text and not re.search(r"\d{4}-|%", text)]
    parts = [model.name, model.target, *model.columns, *model.labels, *model.series, *literals]
    parts += [name for name in _RELATION.findall(model.query) if name.lower() not in _VIEWS]
    words = [word for part in parts for word in re.split(r"[\W_]+", part.lower())]
    kept = [w for w in words if len(w) > 1 and not w.isdigit() and w not in _COLUMNS_OF_ROWS and w not in ASKING_WORDS]
    return list(dict.fromkeys([*named, *kept]))


def about(model: Trained) -> str:
    """What a model is of, in a few words."""
    named = [_plural(kind) for kind in sorted(kinds(model)) if kind in KINDS]
    return ", ".join(named or [model.target.replace("_", " ") or " and ".join(things(model)[:3])])


def fitting(question: str, parameters: Mapping[str, Any], models: Sequence[Trained], likeness: Likeness) -> Fit | None:
    """Return the first of the models (the newest first) that fits the question, None where none does.

    `likeness` gives the highest cosine between some words and others; it is asked where words alone do not tell.
    """
    said = _said(question, parameters)
    for model in models:
        if _names_it(question, model):
            return Fit(name=model.name, series=_series(parameters, model))
    for model in models:
        if (series := _within(question, parameters, model)) is not None and _is_of(said, parameters, model, likeness):
            return Fit(name=model.name, series=series)
    return None


def _names_it(question: str, model: Trained) -> bool:
    """Whether the question has the model's name in it, word by word, or beside the word model where it is a word."""
    name = re.escape(model.name.lower())
    lower = question.lower()
    if re.search(r"[\d_]|.{12}", model.name) and re.search(rf"(?<!\w){name}(?!\w)", lower):
        return True
    return re.search(rf"\bmodels? {name}(?!\w)|(?<!\w){name} models?\b|(?<!\w){name}'s\b", lower) is not None


def _said(question: str, parameters: Mapping[str, Any]) -> list[str]:
    """The words by which a question names what it is about, without quotations, names, times and forms of asking."""
    open_text = question
    for start, end in quotations(question):
        open_text = open_text[:start] + " " * (end - start) + open_text[end:]
    open_text = open_text.replace(str(parameters.get("phrase") or "\0"), " ")
    for name in [value for field in _NAMES for value in parameters.get(field) or ()]:
        open_text = re.sub(re.escape(str(name)), " ", open_text, flags=re.IGNORECASE)
    found = [t.key for t in tokens(open_text)]
    return [
        word for word in dict.fromkeys(found)
        if word not in ASKING_WORDS and word not in _OF_MODELS and not word.isdigit()
    ]  # fmt: skip


def _is_of(said: Sequence[str], parameters: Mapping[str, Any], model: Trained, likeness: Likeness) -> bool:
    kind, learned = parameters.get("kind"), kinds(model)
    if kind and learned:
        return kind in learned
    words = [w for w in said if not kind or (KIND_NOUNS.get(w) != kind and KIND_VERBS.get(w) != kind)]
    if kind and kind in KINDS:
        words.append(_plural(str(kind)))
    if not words:
        return True
    known = things(model)
    if {stem(word) for word in words} & {stem(word) for word in known}:
        return True
    return bool(known) and likeness(words, known) >= SAME_THING


def _series(parameters: Mapping[str, Any], model: Trained) -> tuple[str, ...]:
    wanted = {str(value).lower() for field in _NAMES for value in parameters.get(field) or ()}
    return tuple(name for name in model.series if name.lower() in wanted)


def _within(question: str, parameters: Mapping[str, Any], model: Trained) -> tuple[str, ...] | None:
    """The series that a question is limited to; None where it is limited to what the model does not tell apart."""
    if model.recipe not in ("forecaster", "anomaly_detector", "recommender"):
        return ()
    query = model.query.lower()
    found: list[str] = []
    for field in _NAMES:
        values = [str(value) for value in parameters.get(field) or ()]
        series = [name for name in model.series if name.lower() in {value.lower() for value in values}]
        if values and not series and not all(f"'{value.lower()}'" in query for value in values):
            return None
        found += series
    topic = str(parameters.get("topic") or "")
    if parameters.get("kind") and topic and model.recipe != "recommender":
        placed = without(topic, unplaced(question, topic))
        if placed and placed.lower() not in query:
            return None
    return tuple(found)
