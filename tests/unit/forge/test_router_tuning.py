"""The layers that tuning moves give the vectors of the model that they are taken from."""

import numpy as np
import pytest

from datapunk_forge import router_tuning
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


def test_a_round_has_each_text_once_among_texts_of_like_length():
    lengths = [3, 30] * 96
    batches = router_tuning._batches(lengths, 48, seed=0)
    found = [next(batches) for _ in range(4)]
    assert sorted(row for batch in found for row in batch) == list(range(192))
    assert all(len({lengths[row] for row in batch}) == 1 for batch in found)


def test_a_batch_in_parts_has_the_gradients_of_the_whole(model, monkeypatch):
    import torch

    layers = Layers(model.eval(), is_whole=True)
    states = layers.lower(TEXTS, lambda *_, **__: None)
    wanted = torch.eye(3)
    found = []
    for tokens in (10_000, 1):
        monkeypatch.setattr(router_tuning, "_TOKENS", tokens)
        directions = torch.nn.Parameter(router_tuning._directions(layers, states, wanted).flip(0))
        model.zero_grad()
        loss = router_tuning._pull(layers, directions, states, wanted, [0, 1, 2])
        found.append((loss, directions.grad.numpy(), layers.parameters[0].grad.numpy().copy()))
    (whole, *gradients), (parted, *others) = found
    assert whole == pytest.approx(parted, rel=1e-5)
    assert all(np.allclose(one, other, atol=1e-5) for one, other in zip(gradients, others, strict=True))
