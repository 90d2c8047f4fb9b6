"""Stream: topics, subscriptions, and what is on its way from one to the other."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from datapunk.admin.migration import identity, instant, personal_table, text

revision = "0007_stream"
down_revision = "0006_lake_at_speed"


def upgrade() -> None:
    op.execute("create sequence stream.message_seq")
    personal_table(
        "topic",
        text("name", "Its words, joined by dots; those of the installation may be patterns.", null=False),
        text("description", "What happened and what the payload holds, where somebody says so."),
        instant("created_at", "When the first message came.", null=False, default="now()"),
        sa.PrimaryKeyConstraint("owner_id", "name", name="topic_pk"),
        schema="stream",
        comment="Topics that messages were published under, and those that the installation publishes under.",
    )
    # What comes with the installation is written by the load, which runs as datapunk_owner before the policies do.
    op.execute(
        "create policy system_writable on stream.topic to datapunk_owner"
        " using (owner_id = 'system') with check (owner_id = 'system')"
    )
    personal_table(
        "subscription",
        identity(),
        text("pattern", "Topics that it wants: words, * for one word, # for any number of them.", null=False),
        text("handler", "Function (jsonb) returns jsonb that is called, schema-qualified.", null=False),
        text("role_name", "Database role whose rights it is called with.", null=False),
        instant("created_at", "When it was made.", null=False, default="now()"),
        sa.PrimaryKeyConstraint("owner_id", "id", name="subscription_pk"),
        sa.UniqueConstraint("owner_id", "pattern", "handler", name="subscription_handler_uq"),
        schema="stream",
        comment="Who wants to be told of which topics.",
    )
    personal_table(
        "delivery",
        identity(),
        sa.Column("message_id", sa.BigInteger, nullable=False, comment="Message; shared by all its deliveries."),
        sa.Column("subscription_id", sa.BigInteger, nullable=False, comment="Subscription that gets it."),
        text("topic", "Topic of the message.", null=False),
        sa.Column("payload", JSONB, nullable=False, comment="What the publisher said."),
        sa.Column("depth", sa.Integer, nullable=False, comment="How many deliveries led to it, this one included."),
        instant("published_at", "When it was published.", null=False, default="now()"),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0", comment="Attempts that were begun."),
        text("error_sqlstate", "SQLSTATE of the last failure."),
        text("error", "Message of the last failure."),
        instant("died_at", "When it was given up: then it is a dead letter."),
        sa.PrimaryKeyConstraint("owner_id", "id", name="delivery_pk"),
        sa.ForeignKeyConstraint(
            ["owner_id", "subscription_id"],
            ["stream.subscription.owner_id", "stream.subscription.id"],
            name="delivery_subscription_fk",
            ondelete="CASCADE",
        ),
        schema="stream",
        comment="A message on its way to one subscription; the row goes when the handler has succeeded.",
    )
    op.create_index("delivery_subscription_ix", "delivery", ["owner_id", "subscription_id"], schema="stream")
