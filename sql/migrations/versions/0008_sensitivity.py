"""How confidential each kind of thing is, and every item with it."""

import sqlalchemy as sa
from alembic import op

from datapunk.admin.migration import personal_table, rows_of_all_owners, text

revision = "0008_sensitivity"
down_revision = "0007_stream"

LEVELS = "sensitivity in ('public', 'personal', 'private', 'secret')"


def upgrade() -> None:
    personal_table(
        "sensitivity_of_kind",
        text("kind", "Kind of item; also position and measurement.", null=False),
        text("sensitivity", "public, personal, private or secret.", null=False),
        sa.PrimaryKeyConstraint("owner_id", "kind", name="sensitivity_of_kind_pk"),
        sa.CheckConstraint(LEVELS, name="sensitivity_of_kind_level_ck"),
        schema="lake",
        comment="The rule: what comes with the installation (owner system), and what an owner has set otherwise.",
    )
    # The seeds come before the policies of a load.
    op.execute(
        "create policy system_writable on lake.sensitivity_of_kind to datapunk_owner"
        " using (owner_id = 'system') with check (owner_id = 'system')"
    )
    op.add_column(
        "item",
        text("sensitivity", "That of its kind for its owner; api.lake_classify keeps both in step.", null=False,
             default="personal"),
        schema="lake",
    )  # fmt: skip
    with rows_of_all_owners("lake", "item"):
        op.execute(
            "update lake.item set sensitivity = case when kind = 'security_event' then 'secret' else 'private' end"
            " where kind in"
            " ('mail', 'message', 'contact', 'purchase', 'place_visit', 'movement', 'note', 'security_event')"
        )
    op.create_check_constraint("item_sensitivity_ck", "item", LEVELS, schema="lake")
