"""Forge: a dataset is known by its query however long that is: a key of an index may not be longer than 2.7 kB."""

import sqlalchemy as sa
from alembic import op

revision = "0034_long_queries"
down_revision = "0033_schedule_rows"


def upgrade() -> None:
    op.drop_constraint("dataset_fingerprint_uq", "dataset", schema="forge")
    op.create_index(
        "dataset_query_uq", "dataset", ["owner_id", "fingerprint", sa.text("md5(query)")], unique=True, schema="forge"
    )


def downgrade() -> None:
    op.drop_index("dataset_query_uq", "dataset", schema="forge")
    op.create_unique_constraint(
        "dataset_fingerprint_uq", "dataset", ["owner_id", "fingerprint", "query"], schema="forge"
    )
