"""Export of a provider's model into a folder, in a process of its own: torch needs a lot of memory for half a minute.

`python -m datapunk_forge.export.provider_model KIND MODEL FOLDER [DIMENSIONS]`
"""

import json
import sys
from pathlib import Path

from datapunk.errors import DatapunkError
from datapunk_forge.export.default_model import NAME, source_folder


def export(kind: str, model: str, folder: Path, dimensions: int) -> None:
    """Write model.onnx, tokenizer.json and config.json. Raises UnsupportedFile; OSError when there is no such model."""
    source = source_folder() if model == NAME else model
    if kind == "static":
        from datapunk_forge.export.static_embedder import export_static_embedder

        exported = export_static_embedder(source, dimensions=dimensions)
    elif kind == "cross_encoder":
        from datapunk_forge.export.cross_encoder import export_cross_encoder

        exported = export_cross_encoder(source)
    else:
        from datapunk_forge.export.sentence_transformer import export_sentence_transformer

        exported = export_sentence_transformer(source)
    for name, content in {**exported.files, "config.json": json.dumps(exported.config).encode()}.items():
        (folder / name).write_bytes(content)


def main(arguments: list[str]) -> int:
    """Export; a model that cannot be is told in one line."""
    kind, model, folder, *rest = arguments
    try:
        export(kind, model, Path(folder), int(rest[0]) if rest else 256)
    except DatapunkError as exc:
        sys.stderr.write(f"{exc.message}. {exc.hint or ''}\n")
        return 1
    except (OSError, ValueError) as exc:
        sys.stderr.write(f"{model} cannot be loaded: {' '.join(str(exc).split())[:500]}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
