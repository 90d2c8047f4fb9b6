"""Gaia: the spans of an answer are kept with it: nobody looks for a span by itself, and five rows cost more than one."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, REAL, UUID

from datapunk.admin.migration import personal_table, rows_of_all_owners

revision = "0030_spans_of_answers"
down_revision = "0029_example_state"


def upgrade() -> None:
    op.add_column(
        "answer",
        sa.Column(
            "spans", JSONB, nullable=False, server_default="[]",
            comment="Its steps in order: ordinal, name, started_ms and duration_ms, and detail, what each worked with.",
        ),
        schema="gaia",
    )  # fmt: skip
    with rows_of_all_owners("gaia", "answer"), rows_of_all_owners("gaia", "span"):
        op.execute(
            """
            update gaia.answer as a
            set spans = s.spans
            from (
              select s.owner_id, s.answer_id,
                jsonb_agg(to_jsonb(s) - array['owner_id', 'answer_id'] order by s.ordinal) as spans
              from gaia.span as s
              group by s.owner_id, s.answer_id
            ) as s
            where a.owner_id = s.owner_id and a.id = s.answer_id
            """
        )
    op.execute(
        """
        -- squawk-ignore ban-drop-table
        drop table gaia.span
        """
    )


def downgrade() -> None:
    personal_table(
        "span",
        sa.Column("answer_id", UUID, nullable=False, comment="Answer that it was part of."),
        sa.Column("ordinal", sa.Integer, nullable=False, comment="Order of the steps, from 1."),
        sa.Column("name", sa.Text, nullable=False, comment="Step: embed, route, understand, run or compose."),
        sa.Column("started_ms", REAL, nullable=False, comment="Milliseconds after the question."),
        sa.Column("duration_ms", REAL, nullable=False, comment="Milliseconds that it took."),
        sa.Column("detail", JSONB, nullable=False, server_default="{}", comment="What it worked with."),
        sa.PrimaryKeyConstraint("owner_id", "answer_id", "ordinal", name="span_pk"),
        sa.ForeignKeyConstraint(
            ["owner_id", "answer_id"], ["gaia.answer.owner_id", "gaia.answer.id"], name="span_answer_fk",
            ondelete="CASCADE",
        ),
        schema="gaia",
        comment="Steps of an answer with their times.",
    )  # fmt: skip
    with rows_of_all_owners("gaia", "answer"), rows_of_all_owners("gaia", "span"):
        op.execute(
            """
            insert into gaia.span (owner_id, answer_id, ordinal, name, started_ms, duration_ms, detail)
            select a.owner_id, a.id, s.ordinal, s.name, s.started_ms, s.duration_ms, s.detail
            from gaia.answer as a
            cross join jsonb_to_recordset(a.spans)
              as s (ordinal integer, name text, started_ms real, duration_ms real, detail jsonb)
            """
        )
    op.drop_column("answer", "spans", schema="gaia")
