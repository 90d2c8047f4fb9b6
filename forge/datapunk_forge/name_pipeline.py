"""The spaCy pipelines of `entity_recognizer`: new ones, and stored ones opened again.

Stored are weights and settings. Of the settings only which of the networks below it is counts: none is built by what a
stored text names.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spacy.language import Language

_EMBEDDING = "spacy.MultiHashEmbed.v2"
# spaCy's own settings of a small network for one processor: words by their norm, beginning, end and shape.
_NETWORK: dict[str, Any] = {
    "@architectures": "spacy.TransitionBasedParser.v2", "state_type": "ner", "extra_state_tokens": False,
    "hidden_width": 64, "maxout_pieces": 2, "use_upper": True,
    "tok2vec": {
        "@architectures": "spacy.Tok2Vec.v2",
        "embed": {
            "@architectures": _EMBEDDING, "width": 96, "attrs": ["NORM", "PREFIX", "SUFFIX", "SHAPE"],
            "rows": [5000, 1000, 2500, 2500], "include_static_vectors": False,
        },
        "encode": {
            "@architectures": "spacy.MaxoutWindowEncoder.v2", "width": 96, "depth": 4, "window_size": 1,
            "maxout_pieces": 3,
        },
    },
}  # fmt: skip


def new_pipeline() -> "Language":
    """Return a pipeline that has learned nothing."""
    return _blank({"model": _NETWORK})


def open_pipeline(content: bytes) -> "Language":
    """Return a stored pipeline. Raises what msgpack, srsly and thinc raise for damaged bytes."""
    import srsly  # type: ignore[import-untyped]

    settings = srsly.msgpack_loads(content)
    # Versions of before have spaCy's other network, which a pipeline has unasked.
    pipeline = new_pipeline() if _EMBEDDING in str(settings["config.cfg"]) else _blank({})
    return pipeline.from_bytes(content)


def _blank(settings: dict[str, Any]) -> "Language":
    import spacy

    pipeline = spacy.blank("xx")
    pipeline.add_pipe("ner", config=settings)
    return pipeline
