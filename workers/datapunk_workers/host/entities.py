"""Names in texts, by the spaCy pipeline of an entity_recognizer. It is weights and settings; no code comes with it."""

from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Any

from datapunk.errors import UnsupportedFile
from datapunk.inference.manifest import PIPELINE

Entities = list[dict[str, Any]]


class EntityFinder:
    """A pipeline ready to answer. spaCy is loaded with the first one."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        from datapunk_forge.name_pipeline import open_pipeline

        self._lock = Lock()
        try:
            self._pipeline = open_pipeline(files[PIPELINE])
        except Exception as exc:  # What msgpack, srsly and thinc raise for damaged bytes has no common class.
            raise UnsupportedFile(
                f"the pipeline cannot be loaded: {exc}",
                hint="Train the version again with this spaCy.",
            ) from exc

    def find(self, texts: Sequence[str]) -> list[Entities]:
        """Return the entities of each text, in order: start, end (in characters), label and text."""
        # A pipeline's vocabulary grows while it reads.
        with self._lock:
            return [
                [{"start": e.start_char, "end": e.end_char, "label": e.label_, "text": e.text} for e in doc.ents]
                for doc in self._pipeline.pipe(texts)
            ]
