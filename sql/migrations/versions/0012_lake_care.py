"""Rejects that can be read again; lists that are states; what an archive says that it holds; uploads in chunks."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, JSONB, UUID

from datapunk.admin.migration import instant, personal_table, text

revision = "0012_lake_care"
down_revision = "0011_import_steps"


def upgrade() -> None:
    op.add_column(
        "reject",
        sa.Column(
            "whole", sa.Boolean, nullable=False, server_default="false",
            comment="Whether sample is a file from which the adapter reads that record again.",
        ),
        schema="lake",
    )  # fmt: skip
    op.add_column("reject", instant("retried_at", "When lake_retry read it again without success."), schema="lake")
    _lists()
    _uploads()


def _lists() -> None:
    for column in (
        instant("exported_at", "When the archive around it was made, as that says; null where it does not."),
        text("listing", "The list that it is or is part of, as contacts; null where it lists no state."),
        sa.Column(
            "lists_all", sa.Boolean, nullable=False, server_default="false",
            comment="Whether it holds all of that list by itself, not with the other files of its folder.",
        ),
    ):  # fmt: skip
        op.add_column("import_file", column, schema="lake")
    op.create_index(
        "import_file_listing_ix", "import_file", ["owner_id", "listing"], schema="lake",
        postgresql_where="listing is not null",
    )  # fmt: skip
    op.create_index(
        "import_file_exported_ix", "import_file", ["owner_id", "exported_at"], schema="lake",
        postgresql_where="exported_at is not null",
    )  # fmt: skip
    personal_table(
        "listed",
        text("listing", "The list, as contacts.", null=False),
        sa.Column("item_id", sa.BigInteger, nullable=False, comment="Item that it had or has."),
        instant("seen_at", "When the latest export was made that lists the item.", null=False),
        instant("closed_at", "When the first whole list after that was made, which lacks it; null while it is open."),
        sa.PrimaryKeyConstraint("owner_id", "item_id", "listing", name="listed_pk"),
        schema="lake",
        comment="Items of lists that are states: derived from the files of imports and what was met in them.",
    )
    op.create_index("listed_listing_ix", "listed", ["owner_id", "listing"], schema="lake")
    personal_table(
        "contents",
        sa.Column("import_id", UUID, nullable=False, comment="Import that met the index."),
        text("folder", "Folder of a product, as the archive calls it.", null=False),
        text("product", "The product in Google's own words, as LOCATION_HISTORY; null where the index does not say."),
        instant("exported_at", "When the archive was made, as it says."),
        sa.Column("files", ARRAY(sa.Text), nullable=False, comment="Names of the files in it, without folders."),
        sa.Column("failed", ARRAY(sa.Text), nullable=False, comment="Files that Google could not export."),
        sa.PrimaryKeyConstraint("owner_id", "import_id", "folder", name="contents_pk"),
        sa.ForeignKeyConstraint(
            ["owner_id", "import_id"],
            ["lake.import.owner_id", "lake.import.id"],
            name="contents_import_fk",
            ondelete="CASCADE",
        ),
        schema="lake",
        comment="What the index of an archive (archive_browser.html) says that all its parts hold.",
    )


def _uploads() -> None:
    personal_table(
        "upload",
        sa.Column("id", UUID, nullable=False, server_default=sa.text("gen_random_uuid()"), comment="Key of the upload."),
        text("filename", "Name of the file.", null=False),
        sa.Column("bytes", sa.BigInteger, nullable=False, comment="Size of the file."),
        sa.Column("chunk_bytes", sa.Integer, nullable=False, comment="Size of each chunk but the last."),
        sa.Column("options", JSONB, nullable=False, server_default="{}", comment="Options of the import."),
        text("sha256", "Hash of the file in hex, where the client told it."),
        instant("created_at", "When it was begun.", null=False, default="now()"),
        instant("expires_at", "When it is thrown away unless it was finished.", null=False),
        sa.Column("import_id", UUID, comment="The import of the finished upload; its chunks are gone."),
        sa.PrimaryKeyConstraint("owner_id", "id", name="upload_pk"),
        sa.CheckConstraint("bytes > 0 and chunk_bytes > 0", name="upload_size_ck"),
        schema="lake",
        comment="Files that come in chunks over HTTP.",
    )
    personal_table(
        "upload_chunk",
        sa.Column("upload_id", UUID, nullable=False, comment="Upload that it is of."),
        sa.Column("number", sa.Integer, nullable=False, comment="Position in the file, from 0."),
        sa.Column("content", BYTEA, nullable=False, comment="Its bytes."),
        sa.PrimaryKeyConstraint("owner_id", "upload_id", "number", name="upload_chunk_pk"),
        sa.ForeignKeyConstraint(
            ["owner_id", "upload_id"],
            ["lake.upload.owner_id", "lake.upload.id"],
            name="upload_chunk_upload_fk",
            ondelete="CASCADE",
        ),
        schema="lake",
        comment="Chunks of uploads until these are finished.",
    )
    # Archives are packed already.
    op.execute("alter table lake.upload_chunk alter column content set storage external")
    # What was abandoned is thrown away for every owner by lake.expire_uploads, which runs as datapunk_owner. By the
    # real clock: anybody may set datapunk.now.
    op.execute("create policy expired on lake.upload to datapunk_owner using (expires_at <= pg_catalog.now())")
