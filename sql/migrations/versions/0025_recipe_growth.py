"""Forge: which function tells how the rows have grown that a recipe learns from."""

import sqlalchemy as sa
from alembic import op

revision = "0025_recipe_growth"
down_revision = "0024_forge_accounts"


def upgrade() -> None:
    op.add_column(
        "recipe",
        sa.Column(
            "growth", sa.Text, nullable=False, server_default="lake.items_since",
            comment="Function (bigint, integer) that tells the newest row of what it learns from, and how many came"
            " after a row: schema-qualified.",
        ),
        schema="forge",
    )  # fmt: skip


def downgrade() -> None:
    op.drop_column("recipe", "growth", schema="forge")
