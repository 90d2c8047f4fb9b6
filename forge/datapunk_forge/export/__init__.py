"""Export of trained models to ONNX: sentence-transformers embedders, quantised to int8.

torch is imported with the first name taken from here, so that `default_model` can find a finished export without it.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datapunk_forge.export.sentence_transformer import ExportedEmbedder, export_sentence_transformer

__all__ = ["ExportedEmbedder", "export_sentence_transformer"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from datapunk_forge.export import sentence_transformer

    return getattr(sentence_transformer, name)
