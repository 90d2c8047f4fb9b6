"""Forge: a dataset is known by its query however long that is: a key of an index may not be longer than 2.7 kB."""

import sqlalchemy as sa
from alembic import op

revision = "0034_long_queries"
down_revision = "0033_schedule_rows"


def upgrade() -> None:
    # The index below keeps what it guaranteed.
    op.execute("-- squawk-ignore ban-drop-constraint\nalter table forge.dataset drop constraint dataset_fingerprint_uq")
    op.create_index(
        "dataset_query_uq", "dataset", ["owner_id", "fingerprint", sa.text("md5(query)")], unique=True, schema="forge"
    )


def downgrade() -> None:
    op.drop_index("dataset_query_uq", "dataset", schema="forge")
    op.create_unique_constraint(
        "dataset_fingerprint_uq", "dataset", ["owner_id", "fingerprint", "query"], schema="forge"
    )
