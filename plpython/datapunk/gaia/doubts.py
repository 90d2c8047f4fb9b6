"""Words of a question that its figures may not hang on: neither a topic by their place nor a form of asking. Pure.

What is counted or ranked is narrowed to a topic. A word is one by its place: after "about", after "videos of", before
"videos", or written as a name. Of any other word the meaning decides: a question that says nearly the same without it
is answered without it, and says so; one that says something else is declined.
"""

import re
from collections.abc import Sequence
from enum import Enum

from datapunk.gaia.mentions import Token, tokens
from datapunk.gaia.vocabulary import FUNCTION_WORDS, GROUPS, KIND_NOUNS, KIND_VERBS

# The cosine of a question to itself without the words in doubt: from the first on they say nothing, below the last
# they are what it is about. Chosen on questions of both sorts, written for it.
SAYS_NOTHING = 0.955
SAYS_NOTHING_BESIDE = 0.9
IS_THE_TOPIC = 0.75

_ARTICLES = frozenset({
    "a", "an", "the", "my", "our", "any", "some", "this", "that", "these", "those", "his", "her", "their",
})  # fmt: skip
_ABOUT = frozenset({
    "about", "regarding", "concerning", "mention", "mentions", "mentioned", "mentioning", "contain", "contains",
    "containing", "named", "called", "titled", "discuss", "discussed",
})  # fmt: skip
_OF = frozenset({"for", "on", "of", "with", "from", "by", "to", "in", "at", "into", "like", "up"})
_SEEKING = frozenset({
    "look", "looked", "looking", "subject", "theme", "topic", "matter", "speak", "speaks", "spoke", "talk", "talks",
    "brought", "bring",
})  # fmt: skip


class Weight(Enum):
    """What words in doubt are to a question."""

    NOTHING = "nothing"
    TOPIC = "topic"
    UNKNOWN = "unknown"


def weight(similarity: float, *, beside_topic: bool) -> Weight:
    """Tell by the cosine of the question to itself without them what words in doubt are to it."""
    if similarity >= (SAYS_NOTHING_BESIDE if beside_topic else SAYS_NOTHING):
        return Weight.NOTHING
    return Weight.TOPIC if similarity < IS_THE_TOPIC and not beside_topic else Weight.UNKNOWN


def unplaced(question: str, topic: str) -> list[str]:
    """Return the words of a topic whose place in the question does not make them one, in their order."""
    asked = tokens(question)
    numbers = _places(asked, topic.split())
    taken = set(numbers)
    found: list[str] = []
    for run in _runs(numbers):
        if not _is_placed(asked, run, taken):
            found += [asked[number].text.rstrip(".'’-") for number in run]
    return found


def without(question: str, words: Sequence[str]) -> str:
    """Return the question without those words, each taken away once."""
    for word in words:
        question = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", " ", question, count=1)
    return " ".join(question.split())


def _places(asked: Sequence[Token], words: Sequence[str]) -> list[int]:
    """The numbers of the tokens that a topic was made of, in their order."""
    found: list[int] = []
    start = 0
    for word in words:
        number = next((i for i in range(start, len(asked)) if asked[i].text.rstrip(".'’-") == word), None)
        if number is not None:
            found.append(number)
            start = number + 1
    return found


def _runs(numbers: Sequence[int]) -> list[list[int]]:
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return runs


def _is_placed(asked: Sequence[Token], run: Sequence[int], taken: set[int]) -> bool:
    if any(_is_name(asked[number], number, run) for number in run):
        return True
    after = asked[run[-1] + 1].key if run[-1] + 1 < len(asked) else ""
    if run[0] > 0 and (after in KIND_NOUNS or after in GROUPS):
        return True
    before = [token.key for number, token in enumerate(asked[: run[0]]) if number not in taken]
    while before and before[-1] in _ARTICLES:
        before.pop()
    if not before:
        return False
    last = before[-1]
    if last in _ABOUT or (last in KIND_VERBS and KIND_VERBS[last] != "mail"):
        return True
    noun = before[-2] if len(before) > 1 else ""
    return last in _OF and (noun in KIND_NOUNS or noun in KIND_VERBS or noun in GROUPS or noun in _SEEKING)


def _is_name(token: Token, number: int, run: Sequence[int]) -> bool:
    """Whether a word is written as a name: with a capital inside of the question, or with a figure or point in it."""
    if re.search(r"[\d.@/]", token.text.rstrip(".")):
        return True
    capital = token.text[0].isupper() and token.key not in FUNCTION_WORDS
    return capital and (number > 0 or len(run) > 1)
