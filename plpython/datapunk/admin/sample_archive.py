"""The sample archive of an installation: written once, and anew when its generator changes."""

import hashlib
import json
import os
import tempfile
from pathlib import Path

import datapunk.sample
from datapunk.admin.home import Home
from datapunk.sample import Truth, write


def ensure(home: Home) -> Truth:
    """Return the archive with its truth, from the state folder."""
    folder = home.state / "sample"
    stamp = folder / "generator"
    wanted = _fingerprint()
    archive, truth = _files(folder)
    if not (stamp.exists() and stamp.read_text(encoding="ascii") == wanted and archive and truth):
        folder.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as fresh:
            written = write(Path(fresh))
            for path in (written.path, written.truth_path):
                path.replace(folder / path.name)
        stamp.write_text(wanted, encoding="ascii")
        archive, truth = folder / written.path.name, folder / written.truth_path.name
    facts = json.loads(truth.read_text(encoding="utf-8"))
    return Truth(path=archive, truth_path=truth, facts=facts)


def _files(folder: Path) -> tuple[Path | None, Path | None]:
    archive = next(iter(sorted(folder.glob("*.zip"))), None)
    truth = next(iter(sorted(folder.glob("*.truth.json"))), None)
    return archive, truth


def _fingerprint() -> str:
    package = Path(os.fspath(datapunk.sample.__file__)).parent
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*")):
        if path.suffix in {".py", ".toml"}:
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
