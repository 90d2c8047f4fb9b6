"""Gaia: the wording's part of the router, routers of Forge, and questions answered in the background."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, UUID
from sqlalchemy.types import UserDefinedType

from datapunk.admin.migration import identity, instant, personal_table, rows_of_all_owners, text

revision = "0015_gaia_routing"
down_revision = "0014_generations"


class VectorType(UserDefinedType[object]):
    """A vector of pgvector, of any dimension."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        """Return the type's name in DDL."""
        return "public.vector"


def upgrade() -> None:
    personal_table(
        "router_term",
        text("model", "Embedding model of the router that it belongs to.", null=False),
        text("term", "Word or pair of words of the examples.", null=False),
        sa.Column("idf", sa.Float, nullable=False, comment="How rare it is: inverse document frequency."),
        sa.Column("weights", VectorType(), nullable=False, comment="Weight for each class, by the class's ordinal."),
        sa.PrimaryKeyConstraint("owner_id", "model", "term", name="router_term_pk"),
        schema="gaia",
        comment="What the wording of a question adds to the scores of the classes.",
    )
    op.add_column(
        "router",
        sa.Column("ordinal", sa.Integer, nullable=False, server_default="0", comment="Place among the classes, from 0."),
        schema="gaia",
    )
    op.add_column(
        "router",
        sa.Column("version_id", sa.BigInteger, comment="Router of Forge that was deployed when it was made, by its version."),
        schema="gaia",
    )
    op.add_column(
        "router",
        sa.Column("threshold", sa.Float, comment="Probability below which it declines; null for that of the installation."),
        schema="gaia",
    )
    _tasks()
    # Fitted anew with the next question; names are taken in anew, with the owner's own and with places.
    for table in ("router", "name", "name_state"):
        with rows_of_all_owners("gaia", table):
            op.execute(f"delete from gaia.{table}")


def integer(name: str, comment: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False, server_default="0", comment=comment)


def _tasks() -> None:
    personal_table(
        "task",
        identity(),
        text("question", "What was asked.", null=False),
        sa.Column("options", JSONB, nullable=False, server_default="{}", comment="Options as given."),
        sa.Column("settings", JSONB, nullable=False, server_default="{}", comment="Settings of the session that asked."),
        text("role_name", "Role whose rights the answer is made with.", null=False),
        text("status", "queued, running, succeeded, failed or cancelled.", null=False, default="queued"),
        sa.Column("message_id", sa.BigInteger, comment="Message of the queue asking."),
        integer("attempts", "Claims so far."),
        sa.Column("fencing_token", sa.BigInteger, nullable=False, server_default="0",
                  comment="Grows with each claim; an answer with an older one is refused."),
        sa.Column("cancel_requested", sa.Boolean, nullable=False, server_default="false",
                  comment="Whether its owner asked to cancel it while it ran."),
        instant("lease_until", "Until when its worker holds it."),
        text("worker", "Worker that holds or held it."),
        sa.Column("answer_id", UUID, comment="The answer, once it is there."),
        text("error", "Why it failed."),
        text("error_sqlstate", "SQLSTATE of the failure."),
        text("hint", "What to do about it."),
        instant("created_at", "When it was asked.", null=False, default="now()"),
        instant("started_at", "When the last attempt began."),
        instant("finished_at", "When it ended."),
        sa.PrimaryKeyConstraint("owner_id", "id", name="task_pk"),
        sa.CheckConstraint(
            "status in ('queued', 'running', 'succeeded', 'failed', 'cancelled')", name="task_status_ck"
        ),
        schema="gaia",
        comment="Questions that are answered in the background.",
    )  # fmt: skip
    op.create_index("task_answer_ix", "task", ["owner_id", "answer_id"], schema="gaia")
