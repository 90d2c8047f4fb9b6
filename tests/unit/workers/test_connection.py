from pathlib import Path

from datapunk_workers.connection import known_revisions


def test_a_worker_knows_the_migrations_of_its_code(tmp_path: Path) -> None:
    folder = tmp_path / "sql" / "migrations" / "versions"
    folder.mkdir(parents=True)
    for name in ("0001_ops.py", "0002_lake.py", "__init__.py"):
        (folder / name).touch()
    assert known_revisions(tmp_path) == {"0001_ops", "0002_lake"}
