"""Names in texts by the spaCy pipeline of a version, which a client pushes to the host."""

import hashlib
from dataclasses import dataclass
from functools import cache

import pytest

from datapunk.errors import HostUnreachable, InvalidArgument
from datapunk.inference import PIPELINE, InferenceClient, ModelManifest, connect
from datapunk.settings import Settings
from unit.host.conftest import HostProcess

TEXT = "Ada met Bo in Rome"


@cache
def pipeline() -> bytes:
    """A pipeline that was shown one text often enough to know it."""
    import spacy
    from spacy.training import Example

    spacy.util.fix_random_seed(0)  # type: ignore[attr-defined]
    made = spacy.blank("xx")
    made.add_pipe("ner")
    entities = {"entities": [(0, 3, "person"), (8, 10, "person"), (14, 18, "place")]}
    shown = [Example.from_dict(made.make_doc(TEXT), entities)]
    optimizer = made.initialize(lambda: shown)
    for _ in range(40):
        made.update(shown, sgd=optimizer)
    return bytes(made.to_bytes())


@dataclass(frozen=True)
class Stored:
    content: bytes

    def manifest(self, model: str) -> ModelManifest:
        return ModelManifest(name=model, kind="entity_recognizer", files={PIPELINE: model})

    def read(self, sha: str) -> bytes:
        assert sha == hashlib.sha256(self.content).hexdigest()
        return self.content


def client(host: HostProcess, content: bytes, mode: str = "resident") -> tuple[InferenceClient, str]:
    settings = Settings(inference=mode, host_socket=str(host.socket))  # type: ignore[arg-type]
    return connect(settings, {}, Stored(content)), hashlib.sha256(content).hexdigest()


def test_the_entities_of_each_text_come_with_their_places(host: HostProcess) -> None:
    asked, sha = client(host, pipeline())
    found = asked.entities(sha, [TEXT])
    assert found == [
        [
            {"start": 0, "end": 3, "label": "person", "text": "Ada"},
            {"start": 8, "end": 10, "label": "person", "text": "Bo"},
            {"start": 14, "end": 18, "label": "place", "text": "Rome"},
        ]
    ]
    assert len(asked.entities(sha, [TEXT, "."])) == 2


def test_damaged_pipelines_are_refused(host: HostProcess) -> None:
    asked, sha = client(host, b"no pipeline")
    with pytest.raises(InvalidArgument, match="cannot be loaded"):
        asked.entities(sha, [TEXT])


def test_a_backend_does_not_find_entities_itself(host: HostProcess) -> None:
    asked, sha = client(host, pipeline(), "in_process")
    with pytest.raises(HostUnreachable):
        asked.entities(sha, [TEXT])
