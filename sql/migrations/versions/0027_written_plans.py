"""Gaia: whether an owner lets language models write plans, and answers whose confidence nobody knows."""

import sqlalchemy as sa
from alembic import op

revision = "0027_written_plans"
down_revision = "0026_router_embedder"


def upgrade() -> None:
    op.add_column(
        "policy",
        sa.Column(
            "plans", sa.Boolean, nullable=False, server_default=sa.true(),
            comment="Whether a language model writes plans for questions that are not read with certainty without it.",
        ),
        schema="gaia",
    )  # fmt: skip
    op.execute("comment on column gaia.usage.purpose is 'What for: answer, plan or tools.'")
    op.execute(
        """
        -- squawk-ignore ban-drop-not-null
        alter table gaia.answer alter column confidence drop not null
        """
    )
    op.execute(
        "comment on column gaia.answer.confidence is"
        " 'Calibrated score of the route, 0 to 1; null where a language model has planned.'"
    )


def downgrade() -> None:
    op.execute("update gaia.answer set confidence = 0 where confidence is null")
    op.alter_column(
        "answer", "confidence", nullable=False, schema="gaia", comment="Calibrated score of the route, 0 to 1."
    )
    op.execute("comment on column gaia.usage.purpose is 'What for: answer or tools.'")
    op.drop_column("policy", "plans", schema="gaia")
