"""What every language's data file has to hold."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from datapunk.gaia.languages import LANGUAGES, language
from datapunk.gaia.vocabulary import KINDS

OTHERS = [code for code in LANGUAGES if code != "en"]
# Some languages need a sentence for each gender, or one for nothing.
OWN = re.compile(
    r"when\.(?:first|last|next)(?:_[mfn])?|nothing\.\w+|leads|dates\.(?:\w+_first|on_day)|lists\.\w+_before\..*"
)


def sentences(answers: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in answers.items():
        if isinstance(value, Mapping):
            yield from sentences(value, f"{prefix}{key}.")
        elif isinstance(value, str):
            yield prefix + key, value


def slots(sentence: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", sentence))


@pytest.mark.parametrize("code", OTHERS)
def test_every_sentence_of_english_is_there_with_its_values(code: str) -> None:
    found = dict(sentences(language(code).answers))
    for key, english in sentences(language("en").answers):
        if not OWN.fullmatch(key) and not key.startswith("average."):
            assert slots(found[key]) == slots(english), key


@pytest.mark.parametrize("code", OTHERS)
def test_no_sentence_is_there_that_english_lacks(code: str) -> None:
    english = {key for key, _ in sentences(language("en").answers)}
    own = {key for key, _ in sentences(language(code).answers) if not key.endswith(".gender")}
    assert {key for key in own - english if not OWN.fullmatch(key)} == set()


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_kind_has_its_noun(code: str) -> None:
    assert set(KINDS) <= set(language(code).answers["nouns"])


@pytest.mark.parametrize("code", OTHERS)
def test_each_gender_has_its_sentences(code: str) -> None:
    answers = language(code).answers
    for gender in {noun["gender"] for noun in answers["nouns"].values()}:
        assert {f"{which}_{gender}" for which in ("first", "last", "next")} <= set(answers["when"])


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(KeyError):
        language("nl")
