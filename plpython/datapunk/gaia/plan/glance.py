"""Whether a question may ask for several things, told by its words alone: most do not, and load no grammar. Pure."""

import re

# After the first word: what joins two things, points back, or opens a clause; a clause without such a word, as in "the
# person I met"; a pause.
_TELLING = re.compile(
    r"\w\W.*?\b(?:and|or|then|but|plus|also|that|which|who|whom|whose|what|where|when|while|how|why|after|before"
    r"|afterwards|later|since|until|till|during|each|every|both|respectively|ones?|same|them|those|these|there"
    r"|days?|weeks?|weekend|months?|years?|time|moment|evening|morning|night|trip)\b"
    r"|\b(?!(?:did|do|have|had|was|am|were|are|should|shall|will|would|can|could|may|might|must)\s)\w+\s+(?:I|we)\b"
    r"|[,;:?!.–—]\s*\S|\s-\s",
    re.IGNORECASE,
)


def may_have_parts(question: str) -> bool:
    """Whether the question is worth taking apart; wrong only where it says yes."""
    return _TELLING.search(question.strip()) is not None
