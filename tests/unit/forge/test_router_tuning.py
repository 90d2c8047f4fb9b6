"""The layers that tuning moves give the vectors of the model that they are taken from."""

import numpy as np
import pytest

from datapunk_forge.export.default_model import source_folder
from datapunk_forge.router_tuning import Layers

TEXTS = ("How many otters did I see?", "Play a song about rain, and then another one about the sea.", "Stop.")


@pytest.fixture(scope="module")
def model():
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(source_folder()), device="cpu", model_kwargs={"attn_implementation": "eager"})


@pytest.mark.parametrize("is_whole", [False, True])
def test_vectors_are_those_of_the_model(model, is_whole):
    import torch

    layers = Layers(model, is_whole=is_whole)
    with torch.no_grad():
        found = layers.vectors(layers.lower(TEXTS, lambda *_, **__: None)).numpy()
    assert np.allclose(found, model.encode(list(TEXTS), normalize_embeddings=True), atol=1e-5)


@pytest.mark.parametrize(("is_whole", "learning"), [(False, 2), (True, 6)])
def test_the_layers_that_learn_are_the_upper_two_or_all(model, is_whole, learning):
    layers = Layers(model, is_whole=is_whole)
    assert len(layers.upper) == learning
    assert not any(p.requires_grad for p in model[0].auto_model.embeddings.parameters())
    assert all(p.requires_grad for p in layers.parameters)
