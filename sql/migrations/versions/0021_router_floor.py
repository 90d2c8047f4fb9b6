"""Gaia: the logit below which a router of Forge declines."""

import sqlalchemy as sa
from alembic import op

revision = "0021_router_floor"
down_revision = "0020_gaia_languages"


def upgrade() -> None:
    op.add_column(
        "router",
        sa.Column(
            "floor", sa.Float(precision=53),
            comment="Logit of the best subroutine below which none fits; null where the threshold alone decides.",
        ),
        schema="gaia",
    )  # fmt: skip


def downgrade() -> None:
    op.drop_column("router", "floor", schema="gaia")
