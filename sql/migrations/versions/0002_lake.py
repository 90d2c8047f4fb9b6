"""Lake: items, imports, their files, and what could not be read."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import BYTEA, DOUBLE_PRECISION, JSONB, REAL, UUID

from datapunk.admin.migration import identity, instant, personal_table, text

revision = "0002_lake"
down_revision = "0001_ops"


def count(name: str, comment: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False, server_default="0", comment=comment)


def upgrade() -> None:
    personal_table(
        "import",
        sa.Column("id", UUID, nullable=False, server_default=sa.text("gen_random_uuid()"), comment="Key of the run."),
        text("filename", "Name of the archive or file, without its folder.", null=False),
        text("sha256", "Hash of the whole upload, in hex; null for a folder."),
        text("status", "running, done, failed or cancelled.", null=False, default="running"),
        sa.Column("options", JSONB, nullable=False, server_default="{}", comment="Options that the run was given."),
        count("bytes", "Bytes read."),
        count("items_new", "Items added."),
        count("items_seen", "Records read, new or known."),
        count("rejects", "Records that could not be read."),
        sa.Column("by_kind", JSONB, nullable=False, server_default="{}", comment="Items added per kind."),
        count("members_total", "Files in the archive."),
        count("members_done", "Files finished so far."),
        text("error", "Why the run failed."),
        instant("started_at", "When the run started.", null=False, default="now()"),
        instant("finished_at", "When it ended."),
        sa.PrimaryKeyConstraint("owner_id", "id", name="import_pk"),
        sa.CheckConstraint("status in ('running', 'done', 'failed', 'cancelled')", name="import_status_ck"),
        schema="lake",
        comment="One run of an import.",
    )
    op.create_index("import_started_ix", "import", ["owner_id", "started_at"], schema="lake")
    personal_table(
        "import_file",
        identity(),
        sa.Column("import_id", UUID, nullable=False, comment="Run that read it."),
        text("member", "Path inside the archive.", null=False),
        count("bytes", "Uncompressed size."),
        text("source", "Adapter that read it; null when ignored."),
        text("adapter_version", "Version of that adapter."),
        text("status", "done, ignored or failed.", null=False),
        count("items_seen", "Records read from it."),
        count("items_new", "Items that it added."),
        count("rejects", "Records in it that could not be read."),
        text("reason", "Why it was ignored or failed."),
        sa.PrimaryKeyConstraint("owner_id", "id", name="import_file_pk"),
        sa.ForeignKeyConstraint(
            ["owner_id", "import_id"],
            ["lake.import.owner_id", "lake.import.id"],
            name="import_file_import_fk",
            ondelete="CASCADE",
        ),
        sa.CheckConstraint("status in ('done', 'ignored', 'failed')", name="import_file_status_ck"),
        schema="lake",
        comment="Each file of an import, with what became of it; nothing disappears silently.",
    )
    op.create_index("import_file_import_ix", "import_file", ["owner_id", "import_id"], schema="lake")
    personal_table(
        "item",
        identity("Key of the item, as item_id in results."),
        text("kind", "What it is: visit, search, watch, mail, event ...", null=False),
        text("source", "Where it comes from, as in chrome or youtube.", null=False),
        text("external_id", "Identifier in its source."),
        instant("occurred_at", "When it happened or began; null when the source does not say."),
        instant("ended_at", "When it ended."),
        text("precision", "Precision of occurred_at: us, ms, s, min or day."),
        text("zone_source", "Where its zone is from: utc, offset, tzid, floating or date."),
        text("title", "One line for a person."),
        text("body", "Text, where it has any."),
        text("url", "Address, without tokens."),
        sa.Column("attributes", JSONB, nullable=False, server_default="{}", comment="What else its source says."),
        sa.Column("content_hash", BYTEA, nullable=False, comment="Identity: SHA-256 of the natural key."),
        text("language", "Language of the text (ISO 639-1), where known."),
        sa.Column("import_id", UUID, comment="Run that added it; null for live records."),
        instant("created_at", "When it was added.", null=False, default="now()"),
        sa.PrimaryKeyConstraint("owner_id", "id", name="item_pk"),
        sa.UniqueConstraint("owner_id", "content_hash", name="item_content_uq"),
        sa.CheckConstraint(
            "kind in ('visit', 'search', 'watch', 'listen', 'message', 'mail', 'event', 'place_visit', 'movement',"
            " 'document', 'note', 'highlight', 'contact', 'app_use', 'purchase', 'security_event', 'photo', 'task')",
            name="item_kind_ck",
        ),
        schema="lake",
        comment="One thing that a person did, wrote, got or kept.",
    )
    op.create_index("item_kind_ix", "item", ["owner_id", "kind", "occurred_at"], schema="lake")
    op.create_index("item_occurred_ix", "item", ["owner_id", "occurred_at"], schema="lake")
    op.create_index("item_import_ix", "item", ["owner_id", "import_id"], schema="lake")
    personal_table(
        "reject",
        identity(),
        sa.Column("import_id", UUID, comment="Run that met it; null for a live record."),
        text("member", "File inside the archive."),
        sa.Column("ordinal", sa.BigInteger, comment="Position among the records of its file, from 0."),
        sa.Column("byte_offset", sa.BigInteger, comment="Position in the file where known, in bytes."),
        text("source", "Adapter that met it."),
        text("adapter_version", "Version of that adapter."),
        text("reason", "Why it could not be read.", null=False),
        sa.Column("sample", BYTEA, comment="Its first 64 KiB."),
        instant("created_at", "When it was met.", null=False, default="now()"),
        sa.PrimaryKeyConstraint("owner_id", "id", name="reject_pk"),
        sa.ForeignKeyConstraint(
            ["owner_id", "import_id"],
            ["lake.import.owner_id", "lake.import.id"],
            name="reject_import_fk",
            ondelete="CASCADE",
        ),
        schema="lake",
        comment="Records that could not be read, kept with the reason.",
    )
    op.create_index("reject_import_ix", "reject", ["owner_id", "import_id"], schema="lake")
    personal_table(
        "position",
        instant("occurred_at", "When.", null=False),
        text("device", "Device that sampled it.", null=False, default=""),
        text("source", "Where it comes from.", null=False),
        sa.Column("latitude", DOUBLE_PRECISION, comment="Degrees north, -90 to 90."),
        sa.Column("longitude", DOUBLE_PRECISION, comment="Degrees east, -180 to 180."),
        sa.Column("accuracy_m", REAL, comment="Radius in metres."),
        sa.Column("altitude_m", REAL, comment="Metres above sea level."),
        sa.Column("import_id", UUID, comment="Run that added it."),
        sa.PrimaryKeyConstraint("owner_id", "occurred_at", "device", "source", name="position_pk"),
        schema="lake",
        comment="Dense location samples, kept apart from items.",
    )
    personal_table(
        "measurement",
        text("metric", "What is measured, as in steps.", null=False),
        instant("starts_at", "Start of the interval.", null=False),
        instant("ends_at", "End of the interval."),
        sa.Column("value", DOUBLE_PRECISION, nullable=False, comment="Value in `unit`."),
        text("unit", "Unit, as in kg; empty for a count.", null=False, default=""),
        text("source", "Where it comes from.", null=False),
        sa.Column("import_id", UUID, comment="Run that added it."),
        sa.PrimaryKeyConstraint("owner_id", "metric", "starts_at", "source", name="measurement_pk"),
        schema="lake",
        comment="Daily and quarter-hourly figures: steps, weight and the like.",
    )
