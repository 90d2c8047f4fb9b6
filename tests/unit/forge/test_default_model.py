"""A cached export of the default model is taken as it is only when this exporter would write the same."""

import hashlib
import json
from pathlib import Path

import pytest

from datapunk_forge.export import default_model


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    for name in default_model.FILES:
        (tmp_path / name).write_bytes(name.encode())
    record(tmp_path, default_model._REVISION)
    return tmp_path


def record(folder: Path, revision: int) -> None:
    sums = {name: hashlib.sha256(name.encode()).hexdigest() for name in default_model.FILES}
    (folder / default_model._CHECKSUMS).write_text(json.dumps({"revision": revision, "files": sums}))


def test_what_the_exporter_wrote_is_kept(kept: Path) -> None:
    assert default_model.build(kept) == kept
    assert (kept / "model.onnx").read_bytes() == b"model.onnx"


def test_what_an_older_exporter_wrote_is_not_valid(kept: Path) -> None:
    record(kept, default_model._REVISION - 1)
    assert not default_model.is_valid(kept)


def test_a_file_that_was_changed_is_not_valid(kept: Path) -> None:
    (kept / "model.onnx").write_bytes(b"another")
    assert not default_model.is_valid(kept)
