"""The exported default model against sentence-transformers' own."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from datapunk.inference.onnx_models import Embedder

pytestmark = pytest.mark.filterwarnings("ignore")

SENTENCES = (
    "which channels did I watch most last spring?",
    "Grinder settings for light roast",
    "Dentist appointment moved to Thursday at nine.",
    "How do I make PostgreSQL use an index for ILIKE?",
    "Your parcel will arrive between 10 and 12 tomorrow.",
    "The train to Hamburg was an hour late, so we missed dinner.",
    "a",
    "Bücher über Gärten und Bäume",
    "https://example.org/articles/2024/03/how-to-sharpen-a-kitchen-knife",
    "He said nothing. " * 120,
)


@pytest.fixture(scope="module")
def exported(default_model: Path) -> Embedder:
    return Embedder({name: (default_model / name).read_bytes() for name in ("model.onnx", "tokenizer.json")}, threads=2)


@pytest.fixture(scope="module")
def original() -> Any:
    from sentence_transformers import SentenceTransformer

    from datapunk_forge.export.default_model import source_folder

    return SentenceTransformer(str(source_folder()), device="cpu")


def cosines(exported: Embedder, original: Any, texts: list[str]) -> np.ndarray:
    ours = np.array([np.frombuffer(vector, "<f4") for vector in exported.embed(texts)])
    theirs = original.encode(texts, normalize_embeddings=True)
    return np.asarray((ours * theirs).sum(axis=1))


def test_exported_model_agrees_on_sentences_of_many_kinds(exported: Embedder, original: Any) -> None:
    found = cosines(exported, original, list(SENTENCES))
    assert found.mean() >= 0.99
    assert found.min() >= 0.98


def test_exported_model_agrees_on_a_thousand_real_sentences(
    exported: Embedder, original: Any, shared_data: Path
) -> None:
    lines = (shared_data / "public/sts_benchmark/sts-test.csv").read_text(encoding="utf-8").splitlines()
    sentences = list(dict.fromkeys(text for line in lines for text in line.split("\t")[5:7]))[:1000]
    found = cosines(exported, original, sentences)
    print(f"cosine to sentence-transformers: mean {found.mean():.5f}, least {found.min():.5f}, {len(found)} sentences")
    assert len(found) == 1000
    assert found.mean() >= 0.98


def test_vector_of_a_text_does_not_depend_on_its_batch(exported: Embedder) -> None:
    together = [np.frombuffer(vector, "<f4") for vector in exported.embed(list(SENTENCES))]
    alone = [np.frombuffer(exported.embed([text])[0], "<f4") for text in SENTENCES]
    np.testing.assert_allclose(together, alone, atol=1e-6)


def test_vectors_have_unit_length(exported: Embedder) -> None:
    lengths = [np.linalg.norm(np.frombuffer(vector, "<f4")) for vector in exported.embed(list(SENTENCES))]
    np.testing.assert_allclose(lengths, 1, atol=1e-5)


def test_other_compositions_are_refused(tmp_path: Path, original: Any) -> None:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Pooling

    from datapunk.errors import UnsupportedFile
    from datapunk_forge.export import export_sentence_transformer

    SentenceTransformer(modules=[original[0], Pooling(384, "max")], device="cpu").save(str(tmp_path))
    with pytest.raises(UnsupportedFile, match="pools by max"):
        export_sentence_transformer(tmp_path)
