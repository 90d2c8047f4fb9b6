"""The SQL in the documentation runs as it stands, on the sample archive, and the reference is up to date."""

import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from datapunk import sample
from datapunk.admin.reference import reference
from datapunk.admin.sources import sources
from datapunk.db.psycopg_db import PsycopgDb
from datapunk.inference import StoredArtifacts, connect
from datapunk.settings import Settings
from datapunk_workers.embedding import EmbeddingHandler
from harness import ROOT, Database, ModelHost, Server, clone

PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
_BLOCK = re.compile(r"^```sql(?P<info>[^\n]*)\n(?P<sql>.*?)^```", re.MULTILINE | re.DOTALL)


def examples(page: Path) -> list[str]:
    """The SQL blocks of a page, without those that need a worker or a file of the reader's."""
    found = _BLOCK.finditer(page.read_text(encoding="utf-8"))
    return [match["sql"] for match in found if "no-test" not in match["info"]]


@pytest.fixture(scope="module")
def told(
    server: Server, template: str, model_host: ModelHost, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """A database with a small sample archive, embedded."""
    truth = sample.write(tmp_path_factory.mktemp("sample"), records=1200)
    settings = Settings(inference="resident", host_socket=str(model_host.socket))
    for database in clone(server, template):
        with database.connect() as person, database.connect("datapunk_worker") as worker:
            person.execute("select lake_import(%s, %s)", (truth.path.read_bytes(), truth.path.name))
            inference = connect(settings, {}, StoredArtifacts(PsycopgDb(worker)))
            EmbeddingHandler().handle({"owner_id": "local"}, worker, inference)
        yield database


@pytest.mark.parametrize("page", [page for page in PAGES if examples(page)], ids=lambda page: page.name)
def test_examples_run_and_find_something(told: Database, page: Path) -> None:
    with psycopg.connect(told.dsn(), autocommit=True) as connection:
        for number, sql in enumerate(examples(page), start=1):
            cursor = connection.execute(sql)
            while cursor.nextset():
                continue
            assert cursor.description is not None, f"example {number} ends in no result"


def test_the_page_of_sources_is_up_to_date() -> None:
    assert (ROOT / "docs/sources.md").read_text(encoding="utf-8") == sources(), "run `make reference`"


def test_the_reference_is_up_to_date(told: Database) -> None:
    assert (ROOT / "docs/reference.md").read_text(encoding="utf-8") == reference(told.dsn("postgres")), (
        "run `make reference`"
    )


def test_links_lead_somewhere() -> None:
    dead = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in PAGES
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]
    assert not dead


def test_links_to_headings_find_them() -> None:
    dead = [
        f"{page.relative_to(ROOT)}: {target}#{anchor}"
        for page in PAGES
        for target, anchor in re.findall(r"\]\(([^)#:]*)#([^)]+)\)", page.read_text(encoding="utf-8"))
        if anchor not in anchors(page.parent / target if target else page)
    ]
    assert not dead


def anchors(page: Path) -> set[str]:
    """The headings of a page as GitHub links to them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
