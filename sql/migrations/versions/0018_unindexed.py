"""Cortex: large statements note what they wrote, and the lexical index takes it in right after."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

from datapunk.admin.migration import identity, instant, personal_table, text

revision = "0018_unindexed"
down_revision = "0017_forge_serving"


def upgrade() -> None:
    personal_table(
        "unindexed",
        identity("Key of the batch; batches are indexed in this order."),
        sa.Column("item_ids", ARRAY(sa.BigInteger), nullable=False, comment="Items that one statement wrote."),
        sa.Column("items", sa.Integer, nullable=False, comment="How many these are."),
        sa.Column("first_id", sa.BigInteger, nullable=False, comment="Least of their keys."),
        sa.Column("last_id", sa.BigInteger, nullable=False, comment="Greatest of their keys."),
        text("language", "Language of who wrote them, which items have that tell none.", null=False),
        text("timezone", "Time zone of who wrote them: long texts are found by their day in it.", null=False),
        text("error", "Why its one item cannot be indexed; null while it waits."),
        instant("created_at", "Since when they wait.", null=False, default="clock_timestamp()"),
        sa.PrimaryKeyConstraint("owner_id", "id", name="unindexed_pk"),
        schema="cortex",
        comment="The tail of the lexical index: batches of items that are not in it yet; searches look through them.",
    )
    # Identifiers one after the other: compressing them takes longer than reading them.
    op.execute("alter table cortex.unindexed alter column item_ids set storage external")
