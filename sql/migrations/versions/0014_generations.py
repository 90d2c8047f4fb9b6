"""Generations that are built beside the active one, providers of models, judgments, and the recall of the index."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import DOUBLE_PRECISION, JSONB, UUID

from datapunk.admin.migration import identity, instant, personal_table, rows_of_all_owners, shared_table, text

revision = "0014_generations"
down_revision = "0013_lexical_blocks"


def upgrade() -> None:
    _generations()
    _providers()
    _pending()
    personal_table(
        "recall",
        sa.Column("generation_id", sa.BigInteger, nullable=False, comment="Generation whose index was looked at."),
        sa.Column("queries", sa.Integer, nullable=False, comment="Questions that were compared."),
        sa.Column("recall_at_10", DOUBLE_PRECISION, nullable=False, comment="Share of the exact first ten found."),
        sa.Column("embedded", sa.BigInteger, nullable=False, comment="Embeddings that there were then."),
        instant("measured_at", "When.", null=False, default="clock_timestamp()"),
        sa.PrimaryKeyConstraint("owner_id", "generation_id", name="recall_pk"),
        schema="cortex",
        comment="The vector index compared with the exact scan over an owner's own questions, the latest time.",
    )
    personal_table(
        "judgment",
        text("query", "What is looked for.", null=False),
        sa.Column("item_id", sa.BigInteger, nullable=False, comment="Item that was judged."),
        sa.Column("relevance", sa.Integer, nullable=False, comment="0 for irrelevant, more for better."),
        sa.PrimaryKeyConstraint("owner_id", "query", "item_id", name="judgment_pk"),
        schema="cortex",
        comment="Judgments (qrels) that an owner keeps, to tell which of two generations finds more.",
    )
    op.create_index("judgment_item_ix", "judgment", ["owner_id", "item_id"], schema="cortex")


def _generations() -> None:
    op.execute(
        """
        -- squawk-ignore ban-drop-not-null
        alter table cortex.generation alter column dimensions drop not null
        """
    )
    op.execute(
        "comment on column cortex.generation.dimensions is"
        " 'Length of its vectors; null until the model has been asked.'"
    )
    for column in (
        text("activation", "when_ready or manual.", null=False, default="when_ready"),
        sa.Column(
            "keep", sa.Interval, nullable=False, server_default="30 days",
            comment="How long it stays after another took its place.",
        ),
        text("stage", "What is being done: prepare, embed, index, compare, ready or done.", null=False, default="done"),
        text("error", "What the build met last."),
        sa.Column("failures", sa.Integer, nullable=False, server_default="0", comment="Errors since the last success."),
        sa.Column("report", JSONB, nullable=False, server_default="{}", comment="Overlap and quality, old and new."),
        instant("ready_at", "When all was embedded, indexed and compared."),
        instant("retired_at", "When another took its place."),
    ):
        op.add_column("generation", column, schema="cortex")
    op.create_check_constraint(
        "generation_activation_ck", "generation", "activation in ('when_ready', 'manual')", schema="cortex"
    )
    # Whoever owns the partitions may index them while they are in use, which no function can.
    op.execute(
        """
        do $$
        declare
          v_partition regclass;
        begin
          for v_partition in select i.inhrelid from pg_catalog.pg_inherits as i
            where i.inhparent = 'cortex.embedding'::regclass
          loop
            execute format('alter table %s owner to datapunk_indexer', v_partition);
          end loop;
        end
        $$
        """
    )
    # No unique key: of two first imports at once, neither is to wait for the other.
    shared_table(
        "holder",
        identity(),
        text("name", "An owner who has texts; may be named more than once.", null=False),
        sa.PrimaryKeyConstraint("id", name="holder_pk"),
        schema="cortex",
        comment="Whose texts a new generation has to embed. For workers: nobody else reads it.",
    )
    op.create_index("holder_name_ix", "holder", ["name"], schema="cortex")
    with rows_of_all_owners("cortex", "text"):
        op.execute("insert into cortex.holder (name) select distinct owner_id from cortex.text")


def _providers() -> None:
    shared_table(
        "provider",
        text("name", "Name of the provider, by which generations call its model.", null=False),
        text("kind", "openai, sentence_transformers, static, rerank or cross_encoder.", null=False),
        text("model", "Model, as the provider calls it: its name there, or a folder.", null=False),
        text("base_url", "Address under which /embeddings or /rerank answers."),
        text("secret", "Name of the secret, never the secret itself."),
        sa.Column("options", JSONB, nullable=False, server_default="{}", comment="What else was said of it."),
        sa.Column(
            "key", UUID, nullable=False, server_default=sa.text("gen_random_uuid()"),
            comment="What the model host calls it.",
        ),
        sa.Column("failures", sa.Integer, nullable=False, server_default="0", comment="Errors since the last success."),
        instant("retry_at", "Not asked again before."),
        text("error", "Its last error."),
        instant("created_at", "When it was added.", null=False, default="clock_timestamp()"),
        sa.PrimaryKeyConstraint("name", name="provider_pk"),
        sa.CheckConstraint(
            "kind in ('openai', 'sentence_transformers', 'static', 'rerank', 'cross_encoder')", name="provider_kind_ck"
        ),
        schema="cortex",
        comment="Where embeddings and rerankings come from besides the models of Forge.",
    )  # fmt: skip
    shared_table(
        "secret",
        text("name", "Name by which providers refer to it.", null=False),
        text("value", "The secret.", null=False),
        sa.PrimaryKeyConstraint("name", name="secret_pk"),
        schema="cortex",
        comment="Secrets of providers, for workers alone; a worker's environment goes first.",
    )


def _pending() -> None:
    op.add_column(
        "pending",
        sa.Column(
            "asked", sa.Boolean, nullable=False, server_default=sa.false(),
            comment="An answer named an item that holds it: embedded before all others.",
        ),
        schema="cortex",
    )  # fmt: skip
    op.create_index(
        "pending_asked_ix", "pending", ["owner_id", "generation_id", "text_id"], schema="cortex",
        postgresql_where=sa.text("asked"),
    )  # fmt: skip
