"""Imports that commit as they go: what tells a repeated run, so that it goes on where an earlier one ended."""

from alembic import op

from datapunk.admin.migration import text

revision = "0011_import_steps"
down_revision = "0010_lake_identity"


def upgrade() -> None:
    op.add_column(
        "import", text("fingerprint", "Hash of size, start and end of the file: tells that a run repeats another."),
        schema="lake",
    )  # fmt: skip
    op.create_index(
        "import_unfinished_ix",
        "import",
        ["owner_id", "fingerprint"],
        schema="lake",
        postgresql_where="status <> 'done'",
    )
