import json

import numpy as np
import pytest
import spacy

from datapunk.errors import DatasetUnusable
from datapunk_forge import entity_recognizer
from datapunk_forge.name_pipeline import open_pipeline
from datapunk_forge.trained import Column, Trained
from unit.forge.tabular.tables import dataset, embed, silent, text

OPTIONS: dict[str, object] = {"text": "text", "target": "entities", "test_size": 0.25, "seed": 0, "iterations": 12}


def sentences(count: int = 160) -> tuple[list[str], list[str | None]]:
    """People drink and cities are gone to; the names are different each time."""
    random = np.random.default_rng(0)
    texts: list[str] = []
    entities: list[str | None] = []
    for _ in range(count):
        name = "".join(random.choice(list("abcdefgh"), 5)).capitalize()
        before, after, label = [("Yesterday ", " drank tea", "person"), ("We went to ", " by train", "city")][
            int(random.integers(2))
        ]
        texts.append(before + name + after)
        entities.append(json.dumps([{"start": len(before), "end": len(before) + len(name), "label": label}]))
    return texts, entities


def train(texts: list[str], entities: list[str | None]) -> Trained:
    return entity_recognizer.train(dataset(text("text", texts), text("entities", entities)), OPTIONS, silent, embed)


def test_names_are_told_by_their_company() -> None:
    trained = train(*sentences())
    found = {(m.name, m.scored): m for m in trained.metrics}
    assert found["f1", "model"].value > 0.9
    assert found["f1", "dictionary"].value < 0.3
    assert (found["f1 gain", "model - dictionary"].lower or 0) > 0
    pipeline = open_pipeline(trained.artifacts["pipeline.spacy"])
    assert [(e.text, e.label_) for e in pipeline("We went to Abchd by train").ents] == [("Abchd", "city")]


def test_a_few_texts_are_enough() -> None:
    found = {(m.name, m.scored): m.value for m in train(*sentences(40)).metrics}
    assert found["f1", "model"] > 0.7


@pytest.mark.parametrize(
    "broken",
    ["no json", "[1]", '[{"start": 0}]',
     '[{"start": 5, "end": 900, "label": "x"}]', '[{"start": 3, "end": 3, "label": "x"}]'],
)  # fmt: skip
def test_entities_that_are_none_are_named_by_row(broken: str) -> None:
    texts, entities = sentences(30)
    entities[4] = broken
    with pytest.raises(DatasetUnusable, match="row 5"):
        train(texts, entities)


def test_entities_of_texts_with_masks_are_refused() -> None:
    texts, entities = sentences(30)
    masked = Column(name="text", type="text", kind="text", values=["<PERSON>", *texts[1:]], given=list(texts))
    with pytest.raises(DatasetUnusable, match="'text' has personal data"):
        entity_recognizer.train(dataset(masked, text("entities", entities)), OPTIONS, silent, embed)


def test_too_few_texts_are_refused() -> None:
    with pytest.raises(DatasetUnusable, match="3 texts"):
        train(*sentences(3))


def test_a_pipeline_of_spacy_s_own_network_is_opened_too() -> None:
    before = spacy.blank("xx")
    before.add_pipe("ner").add_label("city")
    before.initialize()
    opened = open_pipeline(before.to_bytes())
    assert opened.get_pipe("ner").labels == ("city",)
    assert opened("We went to Bern by train").to_json() == before("We went to Bern by train").to_json()
