"""A sentence-transformers CrossEncoder as one ONNX graph with its tokenizer.

Inputs `input_ids`, `attention_mask` and `token_type_ids`, int64 (batch, tokens); output `score`, float32 (batch).
"""

import inspect
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from sentence_transformers import CrossEncoder
from tokenizers import Tokenizer

from datapunk.errors import UnsupportedFile
from datapunk_forge.export.quantise import quantise_int8
from datapunk_forge.export.sentence_transformer import ExportedEmbedder

_OPSET = 17


class _Scored(torch.nn.Module):
    """The classifier's single logit. Models without segments take the input and leave it unused."""

    def __init__(self, model: torch.nn.Module) -> None:
        super().__init__()
        self.model = model
        self.has_segments = "token_type_ids" in inspect.signature(model.forward).parameters

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor, token_type_ids: torch.Tensor
    ) -> torch.Tensor:
        segments = {"token_type_ids": token_type_ids} if self.has_segments else {}
        logits = self.model(input_ids=input_ids, attention_mask=attention_mask, **segments).logits
        # Keeps the input in the graph, whose inputs are then the same for all models.
        unused = 0.0 if self.has_segments else 0.0 * token_type_ids.sum(dim=1).to(logits.dtype)
        return torch.add(logits[:, 0], unused)


def export_cross_encoder(path_or_name: str | Path) -> ExportedEmbedder:
    """Export the cross-encoder of a folder or hub name, int8. Raises UnsupportedFile when it gives several labels."""
    encoder = CrossEncoder(str(path_or_name), device="cpu")
    model: Any = encoder.model
    if int(model.config.num_labels) != 1:
        raise UnsupportedFile(
            f"the model gives {model.config.num_labels} labels", hint="A reranker gives one score: num_labels is 1."
        )
    backend = getattr(encoder.tokenizer, "backend_tokenizer", None)
    if backend is None:
        raise UnsupportedFile("the model has no fast tokenizer", hint="Save the model with its tokenizer.json.")
    tokenizer = Tokenizer.from_str(backend.to_str())
    limits = (encoder.max_length, getattr(model.config, "max_position_embeddings", None), 512)
    max_tokens = min(int(limit) for limit in limits if limit)
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_tokens, strategy="only_second")
    files = {"model.onnx": quantise_int8(_trace(_Scored(model.float()).eval())), "tokenizer.json": b""}
    files["tokenizer.json"] = tokenizer.to_str().encode()
    return ExportedEmbedder(
        files=files, config={"base_model": Path(path_or_name).name, "max_tokens": max_tokens, "quantisation": "int8"}
    )


def _trace(module: torch.nn.Module) -> bytes:
    input_ids = torch.randint(5, 20, (2, 7), generator=torch.Generator().manual_seed(0))
    attention_mask = torch.ones_like(input_ids)
    attention_mask[1, 5:] = 0
    axes = {0: "batch", 1: "tokens"}
    names = ["input_ids", "attention_mask", "token_type_ids"]
    with TemporaryDirectory() as folder, torch.inference_mode(), warnings.catch_warnings():
        target = Path(folder, "model.onnx")
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module,
            (input_ids, attention_mask, torch.zeros_like(input_ids)),
            str(target),
            input_names=names,
            output_names=["score"],
            dynamic_axes={**dict.fromkeys(names, axes), "score": {0: "batch"}},
            opset_version=_OPSET,
            dynamo=False,
        )
        return target.read_bytes()
