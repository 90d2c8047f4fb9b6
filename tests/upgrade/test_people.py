"""Items that were imported before there were persons."""

import secrets
from collections.abc import Iterator

import psycopg
import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from datapunk.admin import install as installation
from datapunk.admin.resources import resource_root
from harness import Server


@pytest.fixture
def older(server: Server) -> Iterator[str]:
    """A database as it was before persons."""
    config = Config()
    config.set_main_option("script_location", str(resource_root() / "sql/migrations"))
    revision = ScriptDirectory.from_config(config).get_revision("0009_people").down_revision
    dsn = server.dsn(f"datapunk_people_{secrets.token_hex(6)}")
    installation.install_tables(dsn, create=True, revision=str(revision))
    yield dsn
    server.janitor(psycopg.conninfo.conninfo_to_dict(dsn)["dbname"]).drop()  # type: ignore[arg-type]


def test_what_was_imported_before_is_resolved_after_the_upgrade(older: str) -> None:
    with psycopg.connect(older, autocommit=True) as connection:
        connection.execute(
            "insert into lake.item (owner_id, kind, source, attributes, content_hash)"
            " values ('ann', 'mail', 'gmail', '{\"sender_address\": \"bob@b.example\"}', '1'), "
            "('ann', 'note', 'pad', '{}', '2')"
        )
    installation.install(older, create=False)
    with psycopg.connect(older, autocommit=True) as connection:
        connection.execute("set datapunk.owner = 'ann'")
        assert connection.execute("select items, persons from api.lake_resolve()").fetchone() == (1, 1)
        forced = connection.execute("select relforcerowsecurity from pg_class where oid = 'lake.item'::regclass")
        assert forced.fetchone() == (True,)
