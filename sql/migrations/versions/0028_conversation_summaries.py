"""Gaia: what the older turns of a conversation were about."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import UUID

from datapunk.admin.migration import instant, personal_table, text

revision = "0028_conversation_summaries"
down_revision = "0027_written_plans"


def upgrade() -> None:
    personal_table(
        "conversation_summary",
        sa.Column("conversation_id", UUID, nullable=False, comment="Conversation that it sums up."),
        text("text", "A line a turn: the question and the first sentence of its answer.", null=False),
        sa.Column("turns", sa.Integer, nullable=False, comment="How many turns it has summed up."),
        instant("until", "When the last of them was answered.", null=False),
        instant("updated_at", "When a turn was last added.", null=False, default="now()"),
        sa.PrimaryKeyConstraint("owner_id", "conversation_id", name="conversation_summary_pk"),
        sa.ForeignKeyConstraint(
            ["owner_id", "conversation_id"], ["gaia.conversation.owner_id", "gaia.conversation.id"],
            name="conversation_summary_conversation_fk", ondelete="CASCADE",
        ),
        schema="gaia", comment="Summaries of the older turns of conversations.",
    )  # fmt: skip
    # Turns of one transaction have an order, too.
    op.alter_column("answer", "created_at", server_default=sa.text("clock_timestamp()"), schema="gaia")


def downgrade() -> None:
    op.alter_column("answer", "created_at", server_default=sa.text("now()"), schema="gaia")
    op.drop_table("conversation_summary", schema="gaia")
