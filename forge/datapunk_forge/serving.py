"""What serving takes from a training beyond the graph: its native form, and pictures."""

from dataclasses import replace

import numpy as np

from datapunk_forge.export.native import NotNative, native_form
from datapunk_forge.trained import Trained

NATIVE, BACKGROUND = "native.json", "background.f4"


def prepared(trained: Trained) -> Trained:
    """Return what was learned with the artefacts that serving makes of it."""
    signature = trained.signature
    if signature.get("kind") != "tabular" or BACKGROUND not in trained.artifacts:
        return trained
    width = int(str(signature["width"]))
    rows = np.frombuffer(trained.artifacts[BACKGROUND], "<f4").reshape(-1, width).astype(np.float32)
    made = {}
    try:
        made[NATIVE] = native_form(trained.artifacts["model.onnx"], str(signature["output"]), rows).to_json()
        form = "native"
    except NotNative as exc:
        # It is served by its graph alone; forge_compile says so.
        form = str(exc)
    return replace(
        trained, artifacts={**trained.artifacts, **made}, parameters={**trained.parameters, "sql_form": form}
    )
