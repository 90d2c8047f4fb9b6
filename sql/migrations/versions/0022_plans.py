"""Gaia: pipelines of owners, in versions, and results of steps that are kept for a while."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from datapunk.admin.migration import instant, personal_table, text

revision = "0022_plans"
down_revision = "0021_router_floor"


def upgrade() -> None:
    personal_table(
        "pipeline",
        text("name", "Name by which it is run, and the route of its answers.", null=False),
        sa.Column("version", sa.Integer, nullable=False, comment="Grows with each change; the highest one runs."),
        text("description", "What it answers, in a sentence; empty where no question is routed to it.", null=False),
        sa.Column("spec", JSONB, nullable=False, comment="The plan as given."),
        instant("created_at", "When this version was registered.", null=False, default="now()"),
        sa.PrimaryKeyConstraint("owner_id", "name", "version", name="pipeline_pk"),
        schema="gaia",
        comment="Plans that their owner gave a name.",
    )
    personal_table(
        "step_result",
        text("key", "Hash of what was called, with its input, time zone and language.", null=False),
        text("called", "Subroutine or handler.", null=False),
        text("data_version", "State of the owner's items that it was made from: newest item and day.", null=False),
        sa.Column("result", JSONB, nullable=False, comment="What the subroutine returned."),
        instant("created_at", "When it was made.", null=False, default="now()"),
        instant("expires_at", "When it may no longer be used.", null=False),
        sa.PrimaryKeyConstraint("owner_id", "key", name="step_result_pk"),
        schema="gaia",
        comment="Results of steps whose plan says for how long they may be used; emptied when items change or go.",
    )
    op.create_index("step_result_expires_ix", "step_result", ["owner_id", "expires_at"], schema="gaia")
