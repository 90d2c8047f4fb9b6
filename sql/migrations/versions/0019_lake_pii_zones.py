"""Personal data found in items, which items were looked through; what the abbreviation of a zone can mean."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import BYTEA, REAL, UUID

from datapunk.admin.migration import instant, personal_table, text

revision = "0019_lake_pii_zones"
down_revision = "0018_unindexed"


def whole(name: str, comment: str, *, default: str | None = None) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False, server_default=default, comment=comment)


def upgrade() -> None:
    _pii()
    _zones()


def _pii() -> None:
    personal_table(
        "pii_scan",
        sa.Column("item_id", sa.BigInteger, nullable=False, comment="Item that is looked through."),
        text("state", "waiting, done or failed.", null=False, default="waiting"),
        sa.Column(
            "revision", sa.BigInteger, nullable=False, server_default="0",
            comment="Grows when the item is to be looked through again; what was found before is not kept.",
        ),
        whole("attempts", "How often a worker took it in this revision.", default="0"),
        instant("claimed_until", "Until when a worker has it.", null=False, default="'-infinity'"),
        sa.Column("raised", sa.Boolean, nullable=False, server_default="false", comment="Whether it is private by it."),
        text("error", "Why it failed."),
        text("model", "Pipeline that looked for names; empty for none."),
        instant("scanned_at", "When it was looked through."),
        sa.PrimaryKeyConstraint("owner_id", "item_id", name="pii_scan_pk"),
        sa.CheckConstraint("state in ('waiting', 'done', 'failed')", name="pii_scan_state_ck"),
        schema="lake",
        comment="Items that were looked through for personal data, and those that wait for it.",
    )  # fmt: skip
    op.create_index(
        "pii_scan_waiting_ix", "pii_scan", ["owner_id", "item_id"], schema="lake", postgresql_where="state = 'waiting'"
    )
    personal_table(
        "pii",
        sa.Column("item_id", sa.BigInteger, nullable=False, comment="Item that holds it."),
        text("field", "title, body, or attributes. and a key.", null=False),
        whole("start_offset", "Where it begins in the field, in characters from 0."),
        whole("end_offset", "Where it ends, not included."),
        text("entity_type", "What it is, as presidio calls it: EMAIL_ADDRESS, CREDIT_CARD ...", null=False),
        sa.Column("score", REAL, nullable=False, comment="How sure that is, from 0 to 1."),
        text("recogniser", "What found it.", null=False),
        sa.PrimaryKeyConstraint("owner_id", "item_id", "field", "start_offset", name="pii_pk"),
        sa.ForeignKeyConstraint(
            ["owner_id", "item_id"],
            ["lake.pii_scan.owner_id", "lake.pii_scan.item_id"],
            name="pii_scan_fk",
            ondelete="CASCADE",
        ),
        sa.CheckConstraint("start_offset >= 0 and end_offset > start_offset", name="pii_offsets_ck"),
        schema="lake",
        comment="Personal data in the texts of items.",
    )
    op.create_index("pii_type_ix", "pii", ["owner_id", "entity_type"], schema="lake")


def _zones() -> None:
    personal_table(
        "zone_candidate",
        sa.Column("content_hash", BYTEA, nullable=False, comment="Identity of the item while its zone is not known."),
        whole("shift_minutes", "What that zone would add to its time."),
        sa.Column("candidate_hash", BYTEA, nullable=False, comment="Identity of the item if that is its zone."),
        text("zone", "The abbreviation that its page writes.", null=False),
        sa.Column("import_id", UUID, comment="Import that met it first."),
        sa.Column("chosen", sa.Boolean, nullable=False, server_default="false", comment="Whether it turned out so."),
        sa.PrimaryKeyConstraint("owner_id", "content_hash", "shift_minutes", name="zone_candidate_pk"),
        schema="lake",
        comment="Items of pages whose zone has an abbreviation of several zones, with what each of these would make them.",
    )
    op.create_index(
        "zone_candidate_chosen_ix", "zone_candidate", ["owner_id", "candidate_hash"], schema="lake",
        postgresql_where="chosen",
    )  # fmt: skip
