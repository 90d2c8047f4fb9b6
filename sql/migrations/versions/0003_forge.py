"""Forge: recipes, jobs and their runs, models with versions, metrics, artefacts and deployments."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, DOUBLE_PRECISION, INTEGER, JSONB

from datapunk.admin.migration import identity, instant, personal_table, shared_table, text

revision = "0003_forge"
down_revision = "0002_lake"


def bigint(name: str, comment: str, *, null: bool = True, default: str | None = None) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=null, server_default=default, comment=comment)


def integer(name: str, comment: str, *, null: bool = True, default: str | None = None) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=null, server_default=default, comment=comment)


def double(name: str, comment: str, *, null: bool = True, default: str | None = None) -> sa.Column[float]:
    return sa.Column(name, DOUBLE_PRECISION, nullable=null, server_default=default, comment=comment)


def json(name: str, comment: str) -> sa.Column[object]:
    return sa.Column(name, JSONB, nullable=False, server_default="{}", comment=comment)


def numbers(name: str, kind: type, comment: str) -> sa.Column[object]:
    return sa.Column(name, ARRAY(kind), nullable=False, comment=comment)


def version_key(name: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["owner_id", "version_id"], ["forge.version.owner_id", "forge.version.id"],
        name=f"{name}_version_fk", ondelete="CASCADE",
    )  # fmt: skip


def upgrade() -> None:
    shared_table(
        "recipe",
        text("name", "Name, as the recipe argument of forge_train.", null=False),
        text("summary", "What it trains, in a sentence.", null=False),
        text("output", "What a prediction holds: value, label, score, ranking or vector.", null=False),
        json("options", "Options that it takes, each with type, default and meaning."),
        sa.PrimaryKeyConstraint("name", name="recipe_pk"),
        schema="forge",
        comment="Ways to train a model.",
    )
    personal_table(
        "dataset",
        identity(),
        text("fingerprint", "SHA-256 in hex of schema, row count and content.", null=False),
        text("query", "The SELECT or feature view that gave it.", null=False),
        json("columns", "Name and type of each column, in order."),
        bigint("row_count", "Rows read.", null=False),
        instant("read_at", "When it was read.", null=False, default="now()"),
        sa.PrimaryKeyConstraint("owner_id", "id", name="dataset_pk"),
        sa.UniqueConstraint("owner_id", "fingerprint", "query", name="dataset_fingerprint_uq"),
        schema="forge",
        comment="What a version was trained on, frozen by its fingerprint.",
    )
    personal_table(
        "model",
        identity(),
        text("name", "Name that people call it by; unique for its owner.", null=False),
        text("recipe", "Recipe that trains it.", null=False),
        instant("created_at", "When it was first asked for.", null=False, default="now()"),
        sa.PrimaryKeyConstraint("owner_id", "id", name="model_pk"),
        sa.UniqueConstraint("owner_id", "name", name="model_name_uq"),
        schema="forge",
        comment="A named model; its versions hold what was learned.",
    )
    personal_table(
        "job",
        identity("Key of the job, as job_id in results."),
        text("model", "Model that it trains.", null=False),
        text("recipe", "Recipe that it follows.", null=False),
        text("dataset", "The SELECT or feature view, as given.", null=False),
        text("query", "The statement that reads it.", null=False),
        json("options", "Options as given."),
        text("role_name", "Database role whose rights the dataset is read with.", null=False),
        text("status", "queued, running, succeeded, failed or cancelled.", null=False, default="queued"),
        text("stage", "What it is doing.", null=False, default=""),
        sa.Column("progress", sa.REAL, nullable=False, server_default="0", comment="0 to 1."),
        json("metric", 'Figures of the moment, as in {"loss": 0.3}.'),
        integer("attempts", "Times it was started.", null=False, default="0"),
        integer("max_attempts", "Times it may be started.", null=False, default="3"),
        bigint("fencing_token", "Token of the holder; a write with an older one is refused.", null=False, default="0"),
        instant("lease_until", "When the holder's lease ends unless it is renewed."),
        text("worker", "Process that holds or held it."),
        sa.Column("cancel_requested", sa.Boolean, nullable=False, server_default=sa.false(), comment="To be ended."),
        integer("timeout_s", "Seconds an attempt may take.", null=False, default="3600"),
        integer("memory_mb", "Memory that an attempt may use, in MiB.", null=False, default="2048"),
        bigint("message_id", "Message in the queue."),
        text("error_sqlstate", "SQLSTATE of the last error."),
        text("error", "Last error."),
        text("hint", "What to do about it."),
        integer("version", "Version that it made."),
        instant("retry_at", "When a failed attempt is made again."),
        instant("created_at", "When it was asked for.", null=False, default="now()"),
        instant("started_at", "When its last attempt started."),
        instant("finished_at", "When it ended."),
        sa.PrimaryKeyConstraint("owner_id", "id", name="job_pk"),
        sa.CheckConstraint("status in ('queued', 'running', 'succeeded', 'failed', 'cancelled')", name="job_status_ck"),
        sa.CheckConstraint("progress between 0 and 1", name="job_progress_ck"),
        schema="forge",
        comment="A training that was asked for.",
    )
    op.create_index("job_created_ix", "job", ["owner_id", "created_at"], schema="forge")
    personal_table(
        "run",
        identity(),
        bigint("job_id", "Job that it attempts.", null=False),
        integer("attempt", "Number of the attempt, from 1.", null=False),
        bigint("fencing_token", "Token that it held.", null=False),
        text("worker", "Process that ran it.", null=False),
        text("outcome", "succeeded, failed, cancelled or lost; null while it runs."),
        text("error", "Why it failed."),
        double("cpu_s", "Processor seconds used."),
        double("peak_memory_mb", "Most memory used, in MiB."),
        instant("started_at", "When it started.", null=False, default="now()"),
        instant("finished_at", "When it ended."),
        sa.PrimaryKeyConstraint("owner_id", "id", name="run_pk"),
        sa.ForeignKeyConstraint(
            ["owner_id", "job_id"], ["forge.job.owner_id", "forge.job.id"], name="run_job_fk", ondelete="CASCADE"
        ),
        schema="forge",
        comment="One attempt at a job.",
    )
    op.create_index("run_job_ix", "run", ["owner_id", "job_id"], schema="forge")
    personal_table(
        "version",
        identity(),
        bigint("model_id", "Model that it is a version of.", null=False),
        integer("version", "Number within the model, from 1.", null=False),
        text("recipe", "Recipe that trained it.", null=False),
        bigint("job_id", "Job that made it; null for one that came with the installation."),
        bigint("dataset_id", "What it was trained on."),
        text("primary_metric", "Name of the metric that decides which version is best; higher is better."),
        json("parameters", "Parameters of the training, defaults included."),
        bigint("seed", "Seed of its random numbers."),
        json("signature", "Names, types and shapes of inputs and outputs."),
        json("libraries", "Versions of the libraries that trained it."),
        text("code_version", "Version of Datapunk that trained it.", null=False),
        text("sha256", "Hash over its artefacts and rows, in hex.", null=False),
        text("stale_reason", "Set when data that it learned from was deleted."),
        instant("created_at", "When it was written.", null=False, default="now()"),
        sa.PrimaryKeyConstraint("owner_id", "id", name="version_pk"),
        sa.UniqueConstraint("owner_id", "model_id", "version", name="version_number_uq"),
        sa.UniqueConstraint("owner_id", "job_id", name="version_job_uq"),
        sa.ForeignKeyConstraint(
            ["owner_id", "model_id"],
            ["forge.model.owner_id", "forge.model.id"],
            name="version_model_fk",
            ondelete="CASCADE",
        ),
        schema="forge",
        comment="What one training learned; written once, by the job's holder.",
    )
    personal_table(
        "metric",
        bigint("version_id", "Version that it judges.", null=False),
        text("name", "Standard name, as in ndcg@10.", null=False),
        text("scored", "What was scored: model, or the name of a baseline.", null=False, default="model"),
        double("value", "The figure.", null=False),
        double("lower", "Lower end of its 95 % interval."),
        double("upper", "Upper end of its 95 % interval."),
        sa.PrimaryKeyConstraint("owner_id", "version_id", "name", "scored", name="metric_pk"),
        version_key("metric"),
        schema="forge",
        comment="Figures on held-out data, the baseline's beside the model's.",
    )
    personal_table(
        "artifact",
        bigint("version_id", "Version that it belongs to.", null=False),
        text("name", "File name, as in model.onnx.", null=False),
        text("media_type", "Media type.", null=False),
        text("sha256", "Hash of the content, in hex.", null=False),
        sa.Column("content", BYTEA, nullable=False, comment="The bytes; never a pickle."),
        sa.PrimaryKeyConstraint("owner_id", "version_id", "name", name="artifact_pk"),
        version_key("artifact"),
        schema="forge",
        comment="Files of a version: ONNX graphs, tokenizers, configurations.",
    )
    op.execute("alter table forge.artifact alter column content set storage external")
    op.create_index("artifact_sha256_ix", "artifact", ["owner_id", "sha256"], schema="forge")
    personal_table(
        "deployment",
        identity(),
        bigint("model_id", "Model that is served.", null=False),
        bigint("version_id", "Version that answers.", null=False),
        sa.Column("traffic", sa.REAL, nullable=False, server_default="1", comment="Share of the requests, 0 to 1."),
        sa.Column("shadow", sa.Boolean, nullable=False, server_default=sa.false(), comment="Predicts unseen."),
        text("reason", "Why it was deployed.", null=False, default=""),
        instant("deployed_at", "From when.", null=False, default="clock_timestamp()"),
        instant("retired_at", "Until when; null while it serves."),
        sa.PrimaryKeyConstraint("owner_id", "id", name="deployment_pk"),
        version_key("deployment"),
        schema="forge",
        comment="Which version of a model answers, with its history.",
    )
    op.create_index("deployment_model_ix", "deployment", ["owner_id", "model_id", "deployed_at"], schema="forge")
    personal_table(
        "popularity",
        bigint("version_id", "Version of a recommender.", null=False),
        integer("ordinal", "Number of the item within the version, from 1 for the most common.", null=False),
        text("item", "The item, as the dataset had it.", null=False),
        double("weight", "Share of the subjects that had it.", null=False),
        sa.PrimaryKeyConstraint("owner_id", "version_id", "ordinal", name="popularity_pk"),
        sa.UniqueConstraint("owner_id", "version_id", "item", name="popularity_item_uq"),
        version_key("popularity"),
        schema="forge",
        comment="Items of a recommender, how common each is: the answer for an unknown subject, and the baseline.",
    )
    personal_table(
        "neighbour",
        bigint("version_id", "Version of a recommender.", null=False),
        integer("item", "Ordinal of the item that a subject had.", null=False),
        numbers("neighbours", INTEGER, "Ordinals of the items that go with it, the strongest first."),
        numbers("weights", sa.REAL, "Learned weight of each of them."),
        sa.PrimaryKeyConstraint("owner_id", "version_id", "item", name="neighbour_pk"),
        version_key("neighbour"),
        schema="forge",
        comment="Item-item weights of a recommender (EASE, Steck 2019), the strongest of each item.",
    )
    personal_table(
        "interaction",
        bigint("version_id", "Version of a recommender.", null=False),
        text("subject", "Who had the items.", null=False),
        numbers("items", INTEGER, "Ordinals of what it had, the latest or weightiest first."),
        numbers("weights", sa.REAL, "How much each of them counts."),
        sa.PrimaryKeyConstraint("owner_id", "version_id", "subject", name="interaction_pk"),
        version_key("interaction"),
        schema="forge",
        comment="What each subject had when a recommender was trained.",
    )
    personal_table(
        "prediction",
        identity(),
        bigint("version_id", "Version that answered.", null=False),
        json("features", "What was asked."),
        json("output", "What was answered."),
        instant("at", "When.", null=False, default="now()"),
        sa.PrimaryKeyConstraint("owner_id", "id", name="prediction_pk"),
        version_key("prediction"),
        schema="forge",
        comment="Logged predictions.",
    )
    op.create_index("prediction_at_ix", "prediction", ["owner_id", "version_id", "at"], schema="forge")
