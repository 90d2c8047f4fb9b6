"""Forge: how many rows the dataset of a schedule had, so that it is seen how many came."""

import sqlalchemy as sa
from alembic import op

revision = "0033_schedule_rows"
down_revision = "0032_retired_versions"


def upgrade() -> None:
    op.add_column(
        "schedule",
        sa.Column(
            "row_count", sa.BigInteger,
            comment="Rows that its query gave at the last training; null where it was not counted.",
        ),
        schema="forge",
    )  # fmt: skip
    op.execute(
        "comment on column forge.schedule.rows is"
        " 'New rows of what it learns from after which it is trained; null for never.'"
    )


def downgrade() -> None:
    op.execute(
        "comment on column forge.schedule.rows is 'New items of the lake after which it is trained; null for never.'"
    )
    op.drop_column("schedule", "row_count", schema="forge")
