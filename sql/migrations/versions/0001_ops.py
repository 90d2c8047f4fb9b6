"""Ops: processes, the audit trail and what is installed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from datapunk.admin.migration import identity, instant, personal_table, shared_table, text

revision = "0001_ops"
down_revision = None


def upgrade() -> None:
    shared_table(
        "installation",
        sa.Column("singleton", sa.Boolean, nullable=False, server_default=sa.true(), comment="Always true."),
        text("code_version", "Version of the package whose functions are loaded.", null=False),
        text("code_sha256", "Hash of all loaded SQL files.", null=False),
        instant("loaded_at", "When the functions were loaded last.", null=False, default="now()"),
        sa.PrimaryKeyConstraint("singleton", name="installation_pk"),
        sa.CheckConstraint("singleton", name="installation_singleton_ck"),
        schema="ops",
        comment="What is loaded into this database; one row.",
    )
    shared_table(
        "process",
        text("name", "Unique name of the process: kind, machine and process number.", null=False),
        text("kind", "What it is, as in worker.", null=False),
        text("code_version", "Version of the package that it runs.", null=False),
        instant("started_at", "When it started.", null=False),
        instant("seen_at", "When it last reported.", null=False),
        sa.Column("detail", JSONB, nullable=False, server_default="{}", comment="Figures that it reports."),
        sa.PrimaryKeyConstraint("name", name="process_pk"),
        schema="ops",
        comment="Processes outside PostgreSQL that report to it.",
    )
    personal_table(
        "audit",
        identity(),
        instant("at", "When it happened.", null=False, default="now()"),
        text("actor", "Database role that acted.", null=False, default=sa.text("current_user")),
        text("action", "What was done, as in lake.forget.", null=False),
        sa.Column("detail", JSONB, nullable=False, server_default="{}", comment="With what, and how much."),
        sa.PrimaryKeyConstraint("owner_id", "id", name="audit_pk"),
        schema="ops",
        comment="Acts that change or remove what an owner keeps.",
    )
    op.create_index("audit_at_ix", "audit", ["owner_id", "at"], schema="ops")
