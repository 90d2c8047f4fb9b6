"""Which record of a thing is kept (the better one, the latest edit), where each was seen, what edits replaced."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import BYTEA, JSONB, UUID

from datapunk.admin.migration import instant, personal_table, text

revision = "0010_lake_identity"
down_revision = "0009_people"


def upgrade() -> None:
    op.add_column(
        "item",
        sa.Column(
            "quality", sa.SmallInteger, nullable=False, server_default="2",
            comment="How much its source tells: 1 pages for people, 2 data. A better record replaces a lesser one.",
        ),
        schema="lake",
    )  # fmt: skip
    op.add_column(
        "item", instant("edited_at", "When it was last edited, where its source says so; a later edit replaces it."),
        schema="lake",
    )  # fmt: skip
    op.add_column(
        "import_file", sa.Column("ordinal", sa.Integer, comment="Position in the import, from 0."), schema="lake"
    )
    personal_table(
        "sighting",
        sa.Column("import_id", UUID, nullable=False, comment="Import that met the records."),
        sa.Column("file", sa.Integer, nullable=False, comment="Ordinal of the file in the import."),
        sa.Column("first", sa.BigInteger, nullable=False, comment="Number of the first of them in the file, from 0."),
        sa.Column("digests", BYTEA, nullable=False, comment="First 8 bytes of each content_hash, one after another."),
        sa.PrimaryKeyConstraint("owner_id", "import_id", "file", "first", name="sighting_pk"),
        sa.ForeignKeyConstraint(
            ["owner_id", "import_id"],
            ["lake.import.owner_id", "lake.import.id"],
            name="sighting_import_fk",
            ondelete="CASCADE",
        ),
        schema="lake",
        comment="Every record that an import met, new or known, in the order of its file.",
    )
    op.execute("alter table lake.sighting alter column digests set storage external")
    personal_table(
        "item_version",
        sa.Column("item_id", sa.BigInteger, nullable=False, comment="Item whose earlier state it is."),
        instant("edited_at", "When that state was last edited.", null=False),
        text("title", "Title then."),
        text("body", "Text then."),
        text("url", "Address then."),
        sa.Column("attributes", JSONB, nullable=False, server_default="{}", comment="What else its source said then."),
        instant("replaced_at", "When a later edit was imported.", null=False, default="now()"),
        sa.PrimaryKeyConstraint("owner_id", "item_id", "edited_at", name="item_version_pk"),
        schema="lake",
        comment="Earlier states of items that were edited: notes, contacts, tasks.",
    )
