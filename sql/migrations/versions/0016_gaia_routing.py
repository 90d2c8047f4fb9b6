"""Gaia: the wording's part of the router, and items with their day and duration."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.types import UserDefinedType

from datapunk.admin.migration import personal_table, rows_of_all_owners, text

revision = "0016_gaia_routing"
down_revision = "0015_generations"


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
    # Fitted anew with the next question; names are taken in anew, with the owner's own and with places.
    for table in ("router", "name", "name_state"):
        with rows_of_all_owners("gaia", table):
            op.execute(f"delete from gaia.{table}")
    # The load brings it back with more columns, which `create or replace` cannot add.
    op.execute("drop function if exists gaia.matching_items(jsonb)")
