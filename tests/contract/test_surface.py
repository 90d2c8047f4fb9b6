import difflib

from datapunk.admin.surface import golden_file, surface
from harness import Database


def test_exposed_surface_is_the_one_that_was_agreed(shared_database: Database) -> None:
    with shared_database.connect("postgres") as connection:
        found = surface(connection).splitlines()
    agreed = golden_file().read_text(encoding="utf-8").splitlines()
    difference = "\n".join(difflib.unified_diff(agreed, found, "agreed", "found", lineterm="", n=2))
    assert not difference, f"write it anew by `python -m datapunk.admin.surface --write` when it is meant\n{difference}"
