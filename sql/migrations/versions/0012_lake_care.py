"""Rejects that can be read again."""

import sqlalchemy as sa
from alembic import op

from datapunk.admin.migration import instant, text

revision = "0012_lake_care"
down_revision = "0011_import_steps"


def upgrade() -> None:
    op.add_column(
        "reject",
        sa.Column(
            "whole", sa.Boolean, nullable=False, server_default="false",
            comment="Whether sample is a file from which the adapter reads that record again.",
        ),
        schema="lake",
    )  # fmt: skip
    op.add_column("reject", instant("retried_at", "When lake_retry read it again without success."), schema="lake")
