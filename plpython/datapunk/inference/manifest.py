"""What a model consists of, and where its files come from."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, Protocol

from datapunk.errors import InvalidArgument, NoSuchModel

if TYPE_CHECKING:
    from pathlib import Path

ModelKind = Literal["embedder", "predictor", "reranker", "entity_recognizer", "remote"]
PIPELINE = "pipeline.spacy"
REQUIRED_FILES: dict[str, tuple[str, ...]] = {
    "embedder": ("model.onnx", "tokenizer.json"),
    "predictor": ("model.onnx",),
    "reranker": ("model.onnx", "tokenizer.json"),
    # Names in texts, which the model host alone finds.
    "entity_recognizer": (PIPELINE,),
    # Behind a provider's address; a worker tells the model host how to reach it.
    "remote": (),
}


@dataclass(frozen=True, kw_only=True)
class ModelManifest:
    """A model version: `files` maps a file's name to its SHA-256 (hex); `config` is for people and reports.

    Weights behind one name may change; `identity` names the content, so no model is taken for another.
    """

    name: str
    kind: ModelKind
    files: Mapping[str, str]
    config: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.kind not in REQUIRED_FILES:
            raise InvalidArgument(f"model kind {self.kind!r}", hint=f"Allowed: {', '.join(REQUIRED_FILES)}.")
        missing = [name for name in REQUIRED_FILES[self.kind] if name not in self.files]
        if missing:
            raise InvalidArgument(
                f"model {self.name!r} lacks {', '.join(missing)}", hint="Store the missing files as its artifacts."
            )

    @property
    def needed(self) -> dict[str, str]:
        """The files that decide what the model answers."""
        return {name: self.files[name] for name in REQUIRED_FILES[self.kind]}

    @cached_property
    def identity(self) -> str:
        """What the host calls it: of a predictor its graph's SHA-256, of a provider's model the provider's key, else a
        SHA-256 over all needed files.
        """
        if self.kind == "predictor":
            return self.files["model.onnx"]
        if self.kind == "remote":
            return f"provider:{self.config['key']}"
        # It loads OpenSSL, which most answers do not need.
        import hashlib

        return hashlib.sha256(json.dumps(self.needed, sort_keys=True).encode()).hexdigest()


class ArtifactSource(Protocol):
    """Where models are kept: rows of a database, or a folder."""

    def manifest(self, model: str) -> ModelManifest:
        """Return the manifest of a model by name, or of a predictor or entity recognizer by its file's SHA-256.

        Raises NoSuchModel.
        """
        ...

    def read(self, sha: str) -> bytes:
        """Return the content of an artifact. Raises NoSuchModel when it is not there."""
        ...


class FolderArtifacts:
    """One embedder in a folder: model.onnx, tokenizer.json and config.json, which may give its `name`."""

    def __init__(self, folder: "str | Path") -> None:
        # Only here: a backend, whose models are rows, need not pay for it with its first question.
        from pathlib import Path

        self.folder = Path(folder)
        self._names: dict[str, str] = {}

    @property
    def name(self) -> str:
        """The model's name: of its config, else of the folder. Raises NoSuchModel when there is no config."""
        try:
            return str(self._config().get("name", self.folder.name))
        except OSError as exc:
            raise NoSuchModel(
                f"{self.folder} holds no config.json", hint="Run `datapunk install` to build the model."
            ) from exc

    def _config(self) -> dict[str, Any]:
        config: dict[str, Any] = json.loads((self.folder / "config.json").read_bytes())
        return config

    def manifest(self, model: str) -> ModelManifest:
        """Return the folder's manifest. Raises NoSuchModel for another name."""
        if model != self.name:
            raise NoSuchModel(f"no model {model!r}", hint=f"The folder holds {self.name!r}.")
        import hashlib

        for name in REQUIRED_FILES["embedder"]:
            if not (self.folder / name).is_file():
                raise NoSuchModel(f"{self.folder} holds no {name}", hint="Run `datapunk install` to build the model.")
            self._names[hashlib.sha256((self.folder / name).read_bytes()).hexdigest()] = name
        return ModelManifest(
            name=model,
            kind="embedder",
            files={name: sha for sha, name in self._names.items()},
            config=self._config(),
        )

    def read(self, sha: str) -> bytes:
        """Return a file of the folder by its SHA-256. Raises NoSuchModel when it is not one of them."""
        if sha not in self._names:
            raise NoSuchModel(f"no artifact {sha}", hint="Ask for the manifest first.")
        return (self.folder / self._names[sha]).read_bytes()
