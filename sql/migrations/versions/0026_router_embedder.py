"""Gaia: the embedder that a router of Forge has for itself, and where its classes lie."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.types import UserDefinedType

revision = "0026_router_embedder"
down_revision = "0025_recipe_growth"


class VectorType(UserDefinedType[object]):
    """A vector of pgvector, of any dimension."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        """Return the type's name in DDL."""
        return "public.vector"


def upgrade() -> None:
    op.add_column(
        "router",
        sa.Column(
            "embedder", sa.Text,
            comment="Embedder of its version, by the SHA-256 of the graph; null where it is the model.",
        ),
        schema="gaia",
    )  # fmt: skip
    op.add_column(
        "router",
        sa.Column(
            "direction", VectorType(),
            comment="Where the examples of the class lie: a question that lies less near than the floor is declined.",
        ),
        schema="gaia",
    )  # fmt: skip


def downgrade() -> None:
    op.drop_column("router", "direction", schema="gaia")
    op.drop_column("router", "embedder", schema="gaia")
