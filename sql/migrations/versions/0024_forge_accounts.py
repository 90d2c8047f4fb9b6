"""What a version is accountable for: its figures by slice, and the owners and sources of the rows it learned from."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import DOUBLE_PRECISION

from datapunk.admin.migration import instant, personal_table, text

revision = "0024_forge_accounts"
down_revision = "0023_language_models"


def double(name: str, comment: str) -> sa.Column[float]:
    return sa.Column(name, DOUBLE_PRECISION, comment=comment)


def bigint(name: str, comment: str, *, null: bool = True) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=null, comment=comment)


def version_key(name: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["owner_id", "version_id"], ["forge.version.owner_id", "forge.version.id"],
        name=f"{name}_version_fk", ondelete="CASCADE",
    )  # fmt: skip


def upgrade() -> None:
    personal_table(
        "slice",
        bigint("version_id", "Version that it judges.", null=False),
        text("attribute", "Column that the held-out rows were told apart by.", null=False),
        text("slice", "Value or range of the column; empty for a comparison of all of them.", null=False),
        text("measure", "value; or difference (largest less smallest) or ratio (smallest by largest).", null=False),
        text("metric", "Standard name, as in accuracy or selection_rate.", null=False),
        sa.Column("sensitive", sa.Boolean, nullable=False, comment="Whether the attribute was named as sensitive."),
        bigint("row_count", "Held-out rows in it.", null=False),
        double("value", "The figure."),
        double("lower", "Lower end of its 95 % interval, from resampling."),
        double("upper", "Upper end of its 95 % interval, from resampling."),
        sa.PrimaryKeyConstraint(
            "owner_id", "version_id", "attribute", "slice", "measure", "metric", name="slice_pk"
        ),
        sa.CheckConstraint("measure in ('value', 'difference', 'ratio')", name="slice_measure_ck"),
        version_key("slice"),
        schema="forge",
        comment="Figures of a version on parts of its held-out rows, and how far apart they are.",
    )  # fmt: skip
    personal_table(
        "lineage",
        bigint("version_id", "Version that learned.", null=False),
        sa.Column("ordinal", sa.Integer, nullable=False, comment="Number within the version, from 1."),
        text("relation", "Table or function that its dataset read, as in lake.item.", null=False),
        text("source_owner", "Whose rows these were; null where the relation does not say."),
        text("kind", "Kind of the items; null for any."),
        text("source", "Source of the items; null for any."),
        bigint("row_count", "Rows; null where they were not counted."),
        instant("since", "When the first of them happened."),
        instant("until", "When the last of them happened."),
        text("basis", "items (the very rows that were read) or plan (what the query could read).", null=False),
        sa.PrimaryKeyConstraint("owner_id", "version_id", "ordinal", name="lineage_pk"),
        sa.CheckConstraint("basis in ('items', 'plan')", name="lineage_basis_ck"),
        version_key("lineage"),
        schema="forge",
        comment="Which rows a version was trained on: their owners, kinds, sources and time.",
    )
