"""Forge: kept predictions are numbered within their version, so that each version meets its guard every hundredth."""

import sqlalchemy as sa
from alembic import op

revision = "0031_prediction_ordinal"
down_revision = "0030_spans_of_answers"


def upgrade() -> None:
    op.add_column(
        "prediction",
        sa.Column(
            "ordinal", sa.BigInteger,
            comment="How many predictions of its version had been kept with it; null where it was not counted yet.",
        ),
        schema="forge",
    )  # fmt: skip
    op.create_index("prediction_version_ix", "prediction", ["owner_id", "version_id", "id"], schema="forge")


def downgrade() -> None:
    op.drop_index("prediction_version_ix", "prediction", schema="forge")
    op.drop_column("prediction", "ordinal", schema="forge")
