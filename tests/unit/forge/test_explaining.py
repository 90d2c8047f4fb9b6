"""Explanations of texts, and what explanations keep for a session."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from datapunk.forge.explaining import BASE, Explainer, Learned, keep, word_runs
from datapunk.forge.predict import Served


class Counting:
    """A model of texts that gives how many different words they have: word n has the vector of the n-th axis."""

    def __init__(self, words: Sequence[str]) -> None:
        self._words = words

    def embed(self, texts: Sequence[str], model: str) -> list[bytes]:
        return [np.array([w in t.split() for w in self._words], "<f4").tobytes() for t in texts]

    def predict(self, model_sha: str, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"probabilities": [[sum(row)] for row in inputs["rows"]]}

    def entities(self, pipeline_sha: str, texts: Sequence[str]) -> list[list[dict[str, Any]]]:
        raise NotImplementedError


@pytest.mark.parametrize(("length", "places"), [(40, ["1", "40"]), (41, ["1", "40:41"]), (100, ["1:2", "98:100"])])
def test_all_words_of_a_long_text_are_explained(length: int, places: list[str]) -> None:
    words = [f"word{n}" for n in range(length)]
    served = Served(
        owner_id="local", version_id=1, version=1, recipe="text_classifier",
        signature={
            "labels": ["much"], "dimensions": length, "embedder": "counting", "input": "rows",
            "output": "probabilities",
        },
    )  # fmt: skip
    explainer = Explainer(
        client=Counting(words), served=served, sha256="", learned=Learned(form=None, background=None), samples=4, seed=0
    )
    base, *found = explainer.explain({"text": "  ".join(words)}, None)
    assert base == (BASE, None, 0.0)
    assert len(found) == 40
    # Each word adds one, a run as many as it has words.
    assert sum(contribution for *_, contribution in found) == pytest.approx(length)
    assert all(contribution == pytest.approx(len(str(run).split())) for _, run, contribution in found)
    by_place = {name: run for name, run, _ in found}
    assert by_place.keys() >= {f"text[{place}]" for place in places}
    assert sorted(w for run in by_place.values() for w in str(run).split()) == sorted(words)


def test_runs_make_the_text_again() -> None:
    text = " ".join(f"w{n}\n\n" for n in range(97))
    runs = word_runs(text)
    assert "".join(run.text for run in runs) == text
    assert {len(run.text.split()) for run in runs} == {2, 3}


class Trees:
    """A model of so many nodes."""

    outputs = 1

    def __init__(self, nodes: int) -> None:
        self.nodes = nodes


def test_a_session_keeps_so_many_nodes() -> None:
    kept: dict[tuple[str, int], Learned] = {}
    for version, nodes in enumerate([150_000, 100_000, 100_000, 200_000]):
        keep(kept, ("local", version), Learned(form=Trees(nodes), background=None))  # type: ignore[arg-type]
    assert [version for _, version in kept] == [1, 2, 3]


def test_a_session_keeps_so_many_versions() -> None:
    kept: dict[tuple[str, int], Learned] = {}
    for version in range(20):
        keep(kept, ("local", version), Learned(form=None, background=None))
    assert [version for _, version in kept] == list(range(4, 20))
