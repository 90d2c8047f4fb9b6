"""What migrations share: creating tables with their comments and, where rows are personal, row-level security."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from alembic import op


def owner_column() -> sa.Column[str]:
    """The column that every table with personal data starts with."""
    return sa.Column(
        "owner_id", sa.Text, nullable=False, server_default=sa.text("ops.current_owner()"),
        comment="Whose row this is; row-level security compares it with ops.current_owner().",
    )  # fmt: skip


def identity(comment: str = "Surrogate key.") -> sa.Column[int]:
    """A generated bigint key column named `id`."""
    return sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False, comment=comment)


def text(name: str, comment: str, *, null: bool = True, default: str | None = None) -> sa.Column[str]:
    """A text column."""
    return sa.Column(name, sa.Text, nullable=null, server_default=default, comment=comment)


def instant(name: str, comment: str, *, null: bool = True, default: str | None = None) -> sa.Column[Any]:
    """A timestamptz column; `default` is an SQL expression."""
    server_default = sa.text(default) if default else None
    return sa.Column(name, sa.DateTime(timezone=True), nullable=null, server_default=server_default, comment=comment)


def shared_table(name: str, *parts: Any, schema: str, comment: str, **options: Any) -> None:
    """Create a table whose rows belong to nobody in particular."""
    op.create_table(name, *parts, schema=schema, comment=comment, **options)


def personal_table(name: str, *parts: Any, schema: str, comment: str, **options: Any) -> None:
    """Create a table with `owner_id` in front and row-level security enabled and forced.

    Its policy comes with the next load (sql/functions/security/policies.sql); until then nobody sees a row.
    """
    op.create_table(name, owner_column(), *parts, schema=schema, comment=comment, **options)
    force_row_security(schema, name)


def force_row_security(schema: str, name: str) -> None:
    """Enable and force row-level security on a table."""
    quoted = sa.sql.quoted_name
    table = f'"{quoted(schema, True)}"."{quoted(name, True)}"'
    op.execute(f"alter table {table} enable row level security")
    op.execute(f"alter table {table} force row level security")


@contextmanager
def rows_of_all_owners(schema: str, name: str) -> Iterator[None]:
    """Let the migration, which runs as the tables' owner, see and change every row of a personal table.

    Where row-level security is forced, an update would pass over what is not the current owner's without a word. The
    table stays locked until the migration commits, so nobody else reads it meanwhile.
    """
    quoted = sa.sql.quoted_name
    table = f'"{quoted(schema, True)}"."{quoted(name, True)}"'
    op.execute(f"alter table {table} no force row level security")
    yield
    op.execute(f"alter table {table} force row level security")
