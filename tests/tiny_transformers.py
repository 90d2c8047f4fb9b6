"""Transformers of a few kilobytes with random weights, saved as sentence-transformers keeps its models."""

from pathlib import Path
from typing import Any

WORDS = ["red", "green", "blue", "tea", "coffee", "boat", "the", "of", "note", "##s", "a", "b", "c", "d", "e", "number"]


def _tokenizer() -> Any:
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    vocabulary = {word: place for place, word in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS])}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, unk_token="[UNK]", pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]",
        mask_token="[MASK]", model_max_length=64,
    )  # fmt: skip


def _config(dimensions: int, **more: Any) -> Any:
    from transformers import BertConfig

    return BertConfig(
        vocab_size=len(WORDS) + 5, hidden_size=dimensions, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=32, max_position_embeddings=64, **more,
    )  # fmt: skip


def save_embedder(folder: Path, dimensions: int = 16, prompts: dict[str, str] | None = None) -> Path:
    """A sentence-transformers embedder with mean pooling, and prompts where it is given some."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertModel

    torch.manual_seed(7)
    inner = folder / "inner"
    BertModel(_config(dimensions)).save_pretrained(inner)
    _tokenizer().save_pretrained(inner)
    transformer = Transformer(str(inner), max_seq_length=64)
    modules = [transformer, Pooling(dimensions, "mean")]
    SentenceTransformer(modules=modules, device="cpu", prompts=prompts).save(str(folder / "model"))
    return folder / "model"


def save_cross_encoder(folder: Path) -> Path:
    """A sentence-transformers CrossEncoder with one label."""
    import torch
    from transformers import BertForSequenceClassification

    torch.manual_seed(7)
    target = folder / "cross"
    BertForSequenceClassification(_config(16, num_labels=1)).save_pretrained(target)
    _tokenizer().save_pretrained(target)
    return target
