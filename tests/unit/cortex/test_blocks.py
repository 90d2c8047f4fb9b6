"""Ranking by blocks against summing up everything, over postings with the usual skew."""

import random
import struct

import pytest

from datapunk.cortex import blocks as module
from datapunk.cortex.blocks import Blocks, Filter, Weights, rank

TEXTS, BLOCK = 3000, 64
FLAT, SLOPE = 0.3, 0.045


class Postings:
    """Texts of random words; answers what `rank` asks a database: blocks, and the scores of texts."""

    def __init__(self, seed):
        rng = random.Random(seed)
        self.terms = [f"t{n}" for n in range(5)]
        self.weights = [5.0, 3.0, 2.0, 1.5, 0.4]
        chances = [0.004, 0.03, 0.1, 0.2, 0.5]
        self.lengths = [rng.randint(3, 60) for _ in range(TEXTS)]
        self.frequencies = [
            {t: rng.choice((1, 1, 1, 2, 3, 7)) for t, chance in enumerate(chances) if rng.random() < chance}
            for _ in range(TEXTS)
        ]
        self.gone = set()
        self.kept = set(range(TEXTS))
        self.scored = 0
        self.read = 0
        self.blocks = []
        for t in range(5):
            entries = [(d[t], self.lengths[n], n) for n, d in enumerate(self.frequencies) if t in d]
            for frequency in (7, 3, 2, 1):
                part = sorted((e for e in entries if e[0] == frequency), key=lambda e: e[1])
                for start in range(0, len(part), BLOCK):
                    some = part[start : start + BLOCK]
                    bound = self.weights[t] * self.saturation(some[0][0], some[0][1])
                    self.blocks.append((bound, t + 1, some))
        self.blocks.sort(key=lambda b: -b[0])

    def saturation(self, frequency, length):
        return frequency / (frequency + FLAT + SLOPE * length)

    def score(self, text):
        return sum(self.weights[t] * self.saturation(f, self.lengths[text]) for t, f in self.frequencies[text].items())

    def rows(self, query, *arguments):
        if query.name.endswith("text_scores"):
            self.scored += len(arguments[0])
            return [
                {"text_id": text, "score": self.score(text)}
                for text in arguments[0]
                if text in self.kept and text not in self.gone
            ]
        self.read += len(arguments[0])
        return [self.packed(int(place)) for place in arguments[0]]

    def packed(self, place):
        _, number, entries = self.blocks[place]
        body = b"".join(struct.pack(">iq", 8, (n << 24) + (length << 8) + f) for f, length, n in entries)
        return {"texts": len(entries), "number": number, "packed": bytes(20) + body}

    def rank(self, limit, *, allowed=None):
        return rank(
            self,
            Blocks(
                places=[str(n) for n in range(len(self.blocks))],
                numbers=[b[1] for b in self.blocks],
                bounds=[b[0] for b in self.blocks],
                texts=[len(b[2]) for b in self.blocks],
            ),
            Weights(terms=self.terms, weights=self.weights, flat=FLAT, slope=SLOPE),
            allowed or Filter(),
            limit,
            removed=bool(self.gone),
        )

    def expected(self, limit):
        scores = (self.score(n) for n, d in enumerate(self.frequencies) if d and n in self.kept and n not in self.gone)
        return sorted(scores, reverse=True)[:limit]


@pytest.fixture(params=[1, 2, 3])
def postings(request):
    return Postings(request.param)


@pytest.mark.parametrize("limit", [1, 10, 100])
@pytest.mark.parametrize("budget", [100, 400, 10**6])
def test_the_best_are_those_of_summing_up_everything(monkeypatch, postings, limit, budget):
    monkeypatch.setattr(module, "FIRST_READ", budget)
    assert [row["score"] for row in postings.rank(limit)] == pytest.approx(postings.expected(limit))


@pytest.mark.parametrize("budget", [200, 10**6])
def test_texts_that_are_gone_or_filtered_away_are_left_out_and_others_move_up(monkeypatch, postings, budget):
    monkeypatch.setattr(module, "FIRST_READ", budget)
    best = [row["text_id"] for row in postings.rank(20)]
    postings.gone = set(best[:5])
    postings.kept = set(range(0, TEXTS, 3))
    found = postings.rank(20, allowed=Filter(kinds=["note"]))
    assert [row["score"] for row in found] == pytest.approx(postings.expected(20))


def test_blocks_that_cannot_change_the_best_are_not_read(monkeypatch, postings):
    monkeypatch.setattr(module, "FIRST_READ", 300)
    postings.rank(3)
    assert postings.read < 0.8 * len(postings.blocks)
    assert postings.scored < TEXTS / 4


def test_a_filter_that_leaves_fewer_than_asked_for_gives_them_all(postings):
    postings.kept = {n for n, d in enumerate(postings.frequencies) if d and n % 100 == 0}
    assert len(postings.rank(500, allowed=Filter(sources=["x"]))) == len(postings.kept)
