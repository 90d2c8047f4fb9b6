"""Gaia: how often each owner's examples have changed, so that a question need not count them."""

import sqlalchemy as sa
from alembic import op

from datapunk.admin.migration import personal_table, rows_of_all_owners

revision = "0029_example_state"
down_revision = "0028_conversation_summaries"


def upgrade() -> None:
    personal_table(
        "example_state",
        sa.Column(
            "changes", sa.BigInteger, nullable=False,
            comment="Statements that have changed the owner's examples; a router that was fitted before is fitted anew.",
        ),
        sa.PrimaryKeyConstraint("owner_id", name="example_state_pk"),
        schema="gaia", comment="The state of each owner's examples.",
    )  # fmt: skip
    # The load has seeds before policies: what comes with the installation is written by this one.
    op.execute(
        "create policy system_writable on gaia.example_state to datapunk_owner"
        " using (owner_id = 'system') with check (owner_id = 'system')"
    )
    with rows_of_all_owners("gaia", "example"), rows_of_all_owners("gaia", "example_state"):
        op.execute(
            "insert into gaia.example_state (owner_id, changes) select e.owner_id, 1 from gaia.example as e group by 1"
        )


def downgrade() -> None:
    op.drop_table("example_state", schema="gaia")
