"""Serving: compiled models, promotion on the same rows, outcomes, alerts, what may be trained on, signed exports."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, DOUBLE_PRECISION, JSONB

from datapunk.admin.migration import identity, instant, personal_table, text

revision = "0017_forge_serving"
down_revision = "0016_forge_jobs"


def double(name: str, comment: str) -> sa.Column[float]:
    return sa.Column(name, DOUBLE_PRECISION, comment=comment)


def version_key(name: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["owner_id", "version_id"], ["forge.version.owner_id", "forge.version.id"],
        name=f"{name}_version_fk", ondelete="CASCADE",
    )  # fmt: skip


def upgrade() -> None:
    personal_table(
        "compiled",
        sa.Column("version_id", sa.BigInteger, nullable=False, comment="Version that was compiled."),
        text("name", "Name of the function in the schema model_sql.", null=False),
        sa.Column("types", ARRAY(sa.Text), nullable=False, comment="SQL types of its arguments, in order."),
        instant("compiled_at", "When.", null=False, default="now()"),
        sa.PrimaryKeyConstraint("owner_id", "version_id", name="compiled_pk"),
        version_key("compiled"),
        schema="forge",
        comment="Versions that are SQL functions too.",
    )
    personal_table(
        "comparison",
        sa.Column("version_id", sa.BigInteger, nullable=False, comment="Version that was to be promoted."),
        sa.Column("incumbent_id", sa.BigInteger, nullable=False, comment="Version that answered until then."),
        text("metric", "Metric that was compared; higher is better.", null=False),
        sa.Column("row_count", sa.BigInteger, nullable=False, comment="Held-out rows that both were scored on."),
        double("candidate", "Metric of the version."),
        double("incumbent", "Metric of the one before."),
        double("lower", "Lower end of the 95 % interval of the gain, from paired resampling."),
        double("upper", "Upper end of the 95 % interval of the gain."),
        sa.Column("passed", sa.Boolean, nullable=False, comment="Whether it may be promoted by the gate."),
        text("reason", "Why, in words.", null=False),
        instant("at", "When.", null=False, default="now()"),
        sa.PrimaryKeyConstraint("owner_id", "version_id", name="comparison_pk"),
        version_key("comparison"),
        schema="forge",
        comment="A version and the one before it, scored on the same held-out rows.",
    )
    op.add_column(
        "deployment",
        sa.Column(
            "guard", JSONB, nullable=False, server_default="{}",
            comment='Bounds beyond which it is rolled back, as in {"max_error": 0.3, "max_psi": 0.25}.',
        ),
        schema="forge",
    )  # fmt: skip
    for column in (
        text("key", "What it was about, as the caller names it; decides which version answers, and finds it again."),
        sa.Column(
            "shadow", sa.Boolean, nullable=False, server_default=sa.false(),
            comment="Whether the caller got another version's answer.",
        ),
        text("outcome", "What came of it: the label, or the value as text."),
        instant("outcome_at", "When that was told."),
    ):  # fmt: skip
        op.add_column("prediction", column, schema="forge")
    op.create_index(
        "prediction_key_ix", "prediction", ["owner_id", "key"], schema="forge", postgresql_where="key is not null"
    )
    personal_table(
        "alert",
        identity(),
        sa.Column("version_id", sa.BigInteger, nullable=False, comment="Version that it is about."),
        text("kind", "psi, missing, prediction_drift or error.", null=False),
        text("feature", "Feature that drifted; empty where it is about the predictions.", null=False, default=""),
        double("value", "Figure that was measured."),
        double("bound", "Bound that it passed."),
        text("action", "What was done: none or rollback.", null=False, default="none"),
        instant("at", "When.", null=False, default="now()"),
        sa.PrimaryKeyConstraint("owner_id", "id", name="alert_pk"),
        version_key("alert"),
        schema="forge",
        comment="Drift and errors beyond their bounds.",
    )
    personal_table(
        "policy",
        sa.Column("kinds", ARRAY(sa.Text), comment="Kinds of items that may be trained on; null for all."),
        sa.Column("sources", ARRAY(sa.Text), comment="Sources that may be trained on; null for all."),
        instant("since", "Items before this may not be trained on."),
        sa.Column("max_models", sa.BigInteger, comment="Models that the owner may have; null for any number."),
        sa.Column("max_jobs_a_day", sa.BigInteger, comment="Trainings that may be asked for in 24 hours."),
        text("on_forget", "What becomes of versions trained on deleted data: mark, retrain or retire.", null=False, default="mark"),
        instant("changed_at", "When it was set.", null=False, default="now()"),
        sa.PrimaryKeyConstraint("owner_id", name="policy_pk"),
        sa.CheckConstraint("on_forget in ('mark', 'retrain', 'retire')", name="policy_on_forget_ck"),
        schema="forge",
        comment="What may be learned from an owner's data, and how much.",
    )
    personal_table(
        "signing_key",
        sa.Column("private_key", BYTEA, nullable=False, comment="Ed25519 seed."),
        sa.Column("public_key", sa.Text, nullable=False, comment="Ed25519 public key in hex."),
        instant("created_at", "When it was made.", null=False, default="now()"),
        sa.PrimaryKeyConstraint("owner_id", name="signing_key_pk"),
        schema="forge",
        comment="What an owner signs exported versions with.",
    )
    op.add_column(
        "version",
        sa.Column("imported_from", JSONB, comment="Signer, model and version of an imported one; null where trained here."),
        schema="forge",
    )
