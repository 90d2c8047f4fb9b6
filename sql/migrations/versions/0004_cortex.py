"""Cortex: texts, the items that hold them, the lexical index, generations of embeddings and their backlog."""

import sqlalchemy as sa
from alembic import op
from pgvector.sqlalchemy import HALFVEC
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA

from datapunk.admin.migration import (
    force_row_security,
    identity,
    instant,
    owner_column,
    personal_table,
    shared_table,
)
from datapunk.admin.migration import text as text_column

revision = "0004_cortex"
down_revision = "0003_forge"


def bigint(name: str, comment: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False, comment=comment)


def integer(name: str, comment: str, *, default: str | None = None) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False, server_default=default, comment=comment)


def upgrade() -> None:
    texts()
    lexical()
    embeddings()


def texts() -> None:
    shared_table(
        "language",
        text_column("code", "ISO 639-1 code; simple for all languages without a row.", null=False),
        text_column("configuration", "Text search configuration of PostgreSQL that tokenises it.", null=False),
        sa.PrimaryKeyConstraint("code", name="language_pk"),
        schema="cortex",
        comment="How texts of a language are tokenised.",
    )
    personal_table(
        "text",
        identity("Key of the text."),
        sa.Column("hash", BYTEA, nullable=False, comment="SHA-256 of the body: what makes it one text."),
        text_column("body", "The text, as it is embedded and tokenised.", null=False),
        text_column("language", "Whose stemmer tokenised it: en, de, fr, es or simple.", null=False),
        integer("length", "Occurrences of lexemes in it: the document length of BM25."),
        instant("created_at", "When it was first met.", null=False, default="now()"),
        sa.PrimaryKeyConstraint("owner_id", "id", name="text_pk"),
        sa.UniqueConstraint("owner_id", "hash", name="text_hash_uq"),
        schema="cortex",
        comment="Distinct texts, content-addressed: tokenised and embedded once however many items repeat them.",
    )
    # No foreign key to lake.item: its row triggers would cost more than all the rest of an import and turn a bulk
    # delete into one statement a row. The statement triggers of lake.item keep the chunks in step.
    personal_table(
        "chunk",
        bigint("item_id", "Item that it is a part of."),
        integer("ordinal", "Position in the item, from 0."),
        bigint("text_id", "Its text."),
        text_column("kind", "Kind of the item, for filters.", null=False),
        text_column("source", "Source of the item, for filters.", null=False),
        instant("occurred_at", "When the item happened, for filters and to find the newest."),
        sa.PrimaryKeyConstraint("owner_id", "item_id", "ordinal", name="chunk_pk"),
        schema="cortex",
        comment="Which item holds which text.",
    )
    op.create_index(
        "chunk_text_ix", "chunk",
        ["owner_id", "text_id", sa.text("occurred_at desc nulls last"), sa.text("item_id desc")], schema="cortex",
    )  # fmt: skip


def lexical() -> None:
    personal_table(
        "posting",
        text_column("term", "Lexeme.", null=False),
        bigint("segment", "Statement or compaction that wrote it."),
        sa.Column("text_ids", ARRAY(sa.BigInteger), nullable=False, comment="Texts that hold the term."),
        sa.Column("frequencies", ARRAY(sa.SmallInteger), nullable=False, comment="Occurrences in each of them."),
        sa.Column("lengths", ARRAY(sa.Integer), nullable=False, comment="Length of each of them."),
        sa.PrimaryKeyConstraint("owner_id", "term", "segment", name="posting_pk"),
        schema="cortex",
        comment="Inverted index in segments: each statement appends, cortex.compact merges.",
    )
    for column in ("text_ids", "frequencies", "lengths"):
        op.execute(f"alter table cortex.posting alter column {column} set storage external")
    op.execute("create sequence cortex.segment_seq owned by cortex.posting.segment")
    op.execute("comment on sequence cortex.segment_seq is 'Numbers the segments of the inverted index.'")
    personal_table(
        "removal",
        bigint("text_id", "Text that is gone."),
        sa.PrimaryKeyConstraint("owner_id", "text_id", name="removal_pk"),
        schema="cortex",
        comment="Texts that postings still name; searches leave them out and cortex.compact takes both away.",
    )
    personal_table(
        "corpus_delta",
        identity(),
        text_column("language", "Language of the texts.", null=False),
        bigint("texts", "Texts added; negative when removed."),
        bigint("tokens", "Sum of their lengths."),
        sa.PrimaryKeyConstraint("owner_id", "id", name="corpus_delta_pk"),
        schema="cortex",
        comment="Size of the corpus as a sum of changes, so that concurrent writers never wait for one row.",
    )


def embeddings() -> None:
    shared_table(
        "generation",
        identity("Key of the generation; its embeddings are the partition cortex.embedding_<id>."),
        text_column("model", "Name of the embedder.", null=False),
        integer("dimensions", "Length of its vectors."),
        text_column("state", "building, active or retired.", null=False, default="building"),
        instant("created_at", "When it was created.", null=False, default="now()"),
        instant("activated_at", "When it was last switched to."),
        sa.PrimaryKeyConstraint("id", name="generation_pk"),
        sa.CheckConstraint("state in ('building', 'active', 'retired')", name="generation_state_ck"),
        sa.CheckConstraint("dimensions between 1 and 4000", name="generation_dimensions_ck"),
        schema="cortex",
        comment="One embedding model's vectors of all texts; a search reads one generation.",
    )
    op.create_index(
        "generation_active_uq", "generation", ["state"],
        unique=True, schema="cortex", postgresql_where=sa.text("state = 'active'"),
    )  # fmt: skip
    op.create_table(
        "embedding",
        owner_column(),
        bigint("generation_id", "Generation that it belongs to."),
        bigint("text_id", "Text that it stands for."),
        sa.Column("embedding", HALFVEC, nullable=False, comment="Unit vector."),
        sa.PrimaryKeyConstraint("owner_id", "generation_id", "text_id", name="embedding_pk"),
        schema="cortex",
        comment="Embeddings, one partition a generation, each with its own HNSW index.",
        postgresql_partition_by="list (generation_id)",
    )
    force_row_security("cortex", "embedding")
    personal_table(
        "pending",
        bigint("generation_id", "Generation that lacks it."),
        bigint("text_id", "Text to embed."),
        integer("attempts", "Times it failed by itself.", default="0"),
        instant("next_retry_at", "Not before.", null=False, default="'-infinity'"),
        instant("claimed_until", "A worker holds it until then.", null=False, default="'-infinity'"),
        sa.Column("failed", sa.Boolean, nullable=False, server_default=sa.false(), comment="Given up."),
        text_column("error", "Why it failed last."),
        instant("created_at", "Since when it waits.", null=False, default="now()"),
        sa.PrimaryKeyConstraint("owner_id", "generation_id", "text_id", name="pending_pk"),
        schema="cortex",
        comment="Texts that wait for their embedding, with what went wrong.",
    )
