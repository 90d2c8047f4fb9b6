"""Forge: feature views, forecasts as rows, priorities, the course of a training, and trainings that come again."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import DOUBLE_PRECISION, JSONB

from datapunk.admin.migration import identity, instant, personal_table, shared_table, text

revision = "0016_forge_jobs"
down_revision = "0015_gaia_routing"


def double(name: str, comment: str, *, null: bool = True) -> sa.Column[float]:
    return sa.Column(name, DOUBLE_PRECISION, nullable=null, comment=comment)


def integer(name: str, comment: str, *, null: bool = True, default: str | None = None) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=null, server_default=default, comment=comment)


def upgrade() -> None:
    personal_table(
        "feature_view",
        text("name", "Name, as the dataset argument of forge_train.", null=False),
        text("description", "What it is for.", null=False, default=""),
        sa.Column("spec", JSONB, nullable=False, comment="Spine and features, as forge_feature_view got them."),
        text("query", "The SELECT that it stands for.", null=False),
        integer("ttl_s", "Seconds that rows which were read may serve further trainings; 0 for none.", null=False,
                default="0"),
        instant("created_at", "When it was first defined.", null=False, default="now()"),
        instant("updated_at", "When it was last defined.", null=False, default="now()"),
        sa.PrimaryKeyConstraint("owner_id", "name", name="feature_view_pk"),
        schema="forge",
        comment="Named datasets of what was known about an entity before each row's time.",
    )  # fmt: skip
    personal_table(
        "feature_cache",
        text("name", "Feature view that was read.", null=False),
        text("role_name", "Role whose rights it was read with.", null=False),
        text("query", "The SELECT that was read.", null=False),
        instant("read_at", "When it was read.", null=False),
        sa.Column("content", sa.LargeBinary, nullable=False, comment="The rows; arrays without pickles."),
        sa.PrimaryKeyConstraint("owner_id", "name", "role_name", name="feature_cache_pk"),
        sa.ForeignKeyConstraint(
            ["owner_id", "name"], ["forge.feature_view.owner_id", "forge.feature_view.name"],
            name="feature_cache_view_fk", ondelete="CASCADE",
        ),
        schema="forge",
        comment="Rows of feature views, for trainings that follow within the time to live.",
    )  # fmt: skip
    op.execute("alter table forge.feature_cache alter column content set storage external")
    personal_table(
        "forecast",
        sa.Column("version_id", sa.BigInteger, nullable=False, comment="Version of a forecaster."),
        text("series", "Name of the series; empty where there is one only.", null=False),
        integer("step", "Steps after the last observation, from 1.", null=False),
        instant("at", "When.", null=False),
        double("value", "What is expected.", null=False),
        sa.Column("lowers", sa.ARRAY(sa.REAL), nullable=False, comment="Lower ends, a level each."),
        sa.Column("uppers", sa.ARRAY(sa.REAL), nullable=False, comment="Upper ends, a level each."),
        sa.PrimaryKeyConstraint("owner_id", "version_id", "series", "step", name="forecast_pk"),
        sa.ForeignKeyConstraint(
            ["owner_id", "version_id"], ["forge.version.owner_id", "forge.version.id"],
            name="forecast_version_fk", ondelete="CASCADE",
        ),
        schema="forge",
        comment="Forecasts of a forecaster's version, to its longest horizon.",
    )  # fmt: skip
    op.add_column(
        "job",
        integer("priority", "Higher goes first among an owner's jobs.", null=False, default="0"),
        schema="forge",
    )
    op.add_column("job", text("log", "What its training process said last.", null=False, default=""), schema="forge")
    op.add_column("job", text("trigger", "What asked for it: call, rows, time.", null=False, default="call"),
                  schema="forge")  # fmt: skip
    personal_table(
        "progress",
        identity(),
        sa.Column("job_id", sa.BigInteger, nullable=False, comment="Job that it is about."),
        integer("attempt", "Attempt that reported it.", null=False),
        sa.Column("progress", sa.REAL, nullable=False, comment="0 to 1."),
        text("stage", "What it did.", null=False),
        sa.Column("figures", JSONB, nullable=False, server_default="{}", comment="Figures of the moment."),
        double("cpu_s", "Processor seconds used until then."),
        double("memory_mb", "Memory in use, in MiB."),
        instant("at", "When.", null=False, default="clock_timestamp()"),
        sa.PrimaryKeyConstraint("owner_id", "id", name="progress_pk"),
        sa.ForeignKeyConstraint(
            ["owner_id", "job_id"], ["forge.job.owner_id", "forge.job.id"], name="progress_job_fk", ondelete="CASCADE"
        ),
        schema="forge",
        comment="The course of trainings: stage, figures such as the loss, and resources over time.",
    )
    op.create_index("progress_job_ix", "progress", ["owner_id", "job_id", "id"], schema="forge")
    personal_table(
        "schedule",
        text("model", "Model that is trained again.", null=False),
        text("recipe", "Recipe that it follows.", null=False),
        text("dataset", "The SELECT or feature view, as given.", null=False),
        text("query", "The statement that reads it.", null=False),
        sa.Column("options", JSONB, nullable=False, comment="Options as given."),
        text("role_name", "Role whose rights the dataset is read with.", null=False),
        integer("rows", "New items of the lake after which it is trained; null for never."),
        integer("every_s", "Seconds after which it is trained; null for never."),
        sa.Column("item_id", sa.BigInteger, nullable=False, comment="The latest item of the lake at the last training."),
        instant("last_at", "When it was last asked for.", null=False, default="now()"),
        sa.PrimaryKeyConstraint("owner_id", "model", name="schedule_pk"),
        schema="forge",
        comment="Models that are trained again by themselves, by the option retrain.",
    )
    shared_table(
        "turn",
        text("queue", "Queue whose messages are taken in turns.", null=False),
        text("owner", "Owner whose turn it was.", null=False),
        instant("served_at", "When it last was.", null=False),
        sa.PrimaryKeyConstraint("queue", "owner", name="turn_pk"),
        schema="stream",
        comment="Whose turn it was last, so that one owner's many messages do not keep the others waiting.",
    )
