"""Forge: a version that learned from what was deleted may answer no more, whoever asks for it by its number."""

from alembic import op

from datapunk.admin.migration import instant

revision = "0032_retired_versions"
down_revision = "0031_prediction_ordinal"


def upgrade() -> None:
    op.add_column(
        "version",
        instant("retired_at", "When a deletion of what it learned from took it out of service; null if it may answer."),
        schema="forge",
    )


def downgrade() -> None:
    op.drop_column("version", "retired_at", schema="forge")
