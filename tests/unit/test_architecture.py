"""The walls of the house: which package may import which, and what may never load in a backend."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from harness import ROOT

HEAVY = {"torch", "sklearn", "spacy", "transformers", "onnxruntime", "numpy", "dateparser", "pydantic", "psycopg"}


def test_imports_follow_the_layers() -> None:
    run = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("part", ["cortex", "forge", "gaia", "lake", "stream"])
def test_a_backend_loads_nothing_heavy(part: str) -> None:
    """Importing what the SQL bodies import costs a connection no machine-learning library."""
    script = (
        f"import sys; from datapunk.{part} import entry; "
        f"print(*sorted({HEAVY!r} & {{name.partition('.')[0] for name in sys.modules}}))"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True,
        env={"PYTHONPATH": str(ROOT / "plpython"), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert run.stdout.split() == []


def test_only_entry_and_db_know_plpy() -> None:
    """The module plpy is handed around by the seams alone; everything else takes a `Db`."""
    package = ROOT / "plpython" / "datapunk"
    seams = [*package.rglob("entry.py"), *(package / "db").glob("*.py")]
    assert all(_names_plpy(path) for path in package.rglob("entry.py"))
    assert [path.name for path in package.rglob("*.py") if path not in seams and _names_plpy(path)] == []


def _names_plpy(path: Path) -> bool:
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    return "plpy" in names | {node.arg for node in nodes if isinstance(node, ast.arg)}
