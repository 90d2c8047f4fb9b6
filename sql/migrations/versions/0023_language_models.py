"""Language models as providers: protocol and prices, what each owner lets them do, what they used, and budgets."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, DOUBLE_PRECISION, UUID

from datapunk.admin.migration import identity, instant, personal_table, text

revision = "0023_language_models"
down_revision = "0022_plans"


def money(name: str, comment: str, *, null: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.Numeric, nullable=null, comment=comment)


def whole(name: str, comment: str, *, default: str | None = None, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=null, server_default=default, comment=comment)


def upgrade() -> None:
    for column in (
        text("protocol", "How a language model is asked: openai, anthropic or gemini."),
        money("price_in", "Price of a million tokens that a language model reads."),
        money("price_out", "Price of a million tokens that it writes."),
    ):
        op.add_column("provider", column, schema="cortex")
    op.execute(
        """
        -- squawk-ignore ban-drop-constraint
        alter table cortex.provider drop constraint provider_kind_ck
        """
    )
    op.create_check_constraint(
        "provider_kind_ck", "provider",
        "kind in ('openai', 'sentence_transformers', 'static', 'rerank', 'cross_encoder', 'chat')", schema="cortex",
    )  # fmt: skip
    op.create_check_constraint(
        "provider_protocol_ck", "provider",
        "(kind = 'chat') = (protocol is not null) and protocol in ('openai', 'anthropic', 'gemini')", schema="cortex",
    )  # fmt: skip
    op.create_check_constraint(
        "provider_price_ck", "provider", "price_in >= 0 and price_out >= 0", schema="cortex"
    )
    personal_table(
        "policy",
        text("model", "Language model that words answers in the background where the question names none."),
        sa.Column("tools", ARRAY(sa.Text), nullable=False, server_default="{}",
                  comment="Subroutines that a language model may run."),
        sa.Column("sql", sa.Boolean, nullable=False, server_default=sa.false(),
                  comment="Whether a language model may write a query."),
        sa.Column("sql_max_cost", DOUBLE_PRECISION, nullable=False, server_default="100000",
                  comment="Estimated cost above which such a query is not run."),
        whole("sql_max_rows", "Rows of such a query that are read.", default="200"),
        whole("max_rounds", "How often a language model may ask for tools for one question.", default="3"),
        text("unsupported", "What becomes of sentences that no passage supports: mark or remove.", null=False,
             default="mark"),
        instant("changed_at", "When it was set.", null=False, default="clock_timestamp()"),
        sa.PrimaryKeyConstraint("owner_id", name="policy_pk"),
        sa.CheckConstraint("unsupported in ('mark', 'remove')", name="policy_unsupported_ck"),
        schema="gaia",
        comment="What an owner lets language models do.",
    )  # fmt: skip
    personal_table(
        "usage",
        identity(),
        text("provider", "Provider that was asked.", null=False),
        text("model", "Model, as the provider calls it.", null=False),
        text("purpose", "What for: answer or tools.", null=False),
        text("state", "reserved, settled (as the provider counted), or released (it did not answer).", null=False,
             default="reserved"),
        whole("tokens_in", "Tokens read; while reserved, an estimate."),
        whole("tokens_out", "Tokens written; while reserved, the most that was asked for."),
        money("cost", "By the provider's prices at the time.", null=False),
        whole("task_id", "Question in the background that it was for.", null=True),
        sa.Column("answer_id", UUID, comment="Answer that came of it."),
        text("error", "SQLSTATE of a call that failed."),
        instant("at", "When it was asked.", null=False, default="clock_timestamp()"),
        sa.PrimaryKeyConstraint("owner_id", "id", name="usage_pk"),
        sa.CheckConstraint("state in ('reserved', 'settled', 'released')", name="usage_state_ck"),
        schema="gaia",
        comment="Calls of language models with their tokens and costs.",
    )  # fmt: skip
    op.create_index("usage_at_ix", "usage", ["owner_id", "at"], schema="gaia")
    op.create_index("usage_task_ix", "usage", ["owner_id", "task_id"], schema="gaia")
    personal_table(
        "budget",
        text("period", "day or month, in UTC.", null=False),
        money("cost", "Most that may be spent in it; null for any sum."),
        whole("tokens", "Most tokens that may be used in it; null for any number.", null=True),
        sa.PrimaryKeyConstraint("owner_id", "period", name="budget_pk"),
        sa.CheckConstraint("period in ('day', 'month')", name="budget_period_ck"),
        sa.CheckConstraint("cost >= 0 and tokens >= 0", name="budget_bound_ck"),
        schema="gaia",
        comment="What an owner may use of language models.",
    )
