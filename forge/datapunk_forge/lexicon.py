"""The tone of English texts without any training: VADER (Hutto and Gilbert 2014), a lexicon with rules."""

from collections.abc import Sequence

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

LABELS = ("negative", "neutral", "positive")
# The thresholds that its authors give.
_NEUTRAL = 0.05
_analyser: list[SentimentIntensityAnalyzer] = []


def tones(texts: Sequence[str]) -> list[float]:
    """Return the tone of each text, -1 to 1."""
    if not _analyser:
        _analyser.append(SentimentIntensityAnalyzer())
    return [float(_analyser[0].polarity_scores(text)["compound"]) for text in texts]


def tone_label(tone: float) -> str:
    """Return negative, neutral or positive."""
    return LABELS[0] if tone <= -_NEUTRAL else LABELS[2] if tone >= _NEUTRAL else LABELS[1]
