"""Making a provider's model ready: exported to ONNX in a process of its own, stored as a model for everybody."""

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from datapunk.db import Db
from datapunk.inference.remote import ProviderRefused
from datapunk_workers.queue import Q

_RECIPES = {"sentence_transformers": "embedder", "static": "embedder", "cross_encoder": "cross_encoder"}
_MEDIA_TYPES = {".onnx": "application/onnx", ".json": "application/json"}
_SECONDS = 3600


def prepare(db: Db, name: str) -> bool:
    """Export and store the model of a provider unless that was done; returns whether something was stored.

    Raises ProviderRefused when it cannot be exported.
    """
    rows = db.rows(Q.provider_of, name)
    if not rows or rows[0]["kind"] not in _RECIPES or db.rows(Q.is_prepared, name)[0]["prepared"]:
        return False
    provider = rows[0]
    with TemporaryDirectory(prefix="dp-export-") as folder:
        command = [
            sys.executable,
            "-m",
            "datapunk_forge.export.provider_model",
            provider["kind"],
            provider["model"],
            folder,
        ]
        dimensions = json.loads(provider["options"]).get("dimensions")
        run = subprocess.run(
            [*command, str(dimensions)] if dimensions else command,
            check=False, capture_output=True, text=True, timeout=_SECONDS,
        )  # fmt: skip
        if run.returncode != 0:
            reason = run.stderr.strip().splitlines() or [f"the export ended with status {run.returncode}"]
            raise ProviderRefused(reason[-1][:1000], hint="Check the model's name or folder on the worker's machine.")
        contents = {path.name: path.read_bytes() for path in sorted(Path(folder).iterdir())}
    config = json.loads(contents.pop("config.json"))
    prompts = {**config.get("prompts", {}), **json.loads(provider["options"]).get("prompts", {})}
    config_json = json.dumps({**config, "prompts": prompts})
    files = {**contents, "config.json": config_json.encode()}
    return bool(
        db.rows(
            Q.store_model, name, _RECIPES[provider["kind"]], config_json, list(files),
            [_MEDIA_TYPES[Path(file).suffix] for file in files], list(files.values()),
        )[0]["stored"]
    )  # fmt: skip
