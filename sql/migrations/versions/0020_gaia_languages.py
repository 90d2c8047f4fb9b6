"""Gaia: the languages of answers and of the router's examples."""

import sqlalchemy as sa
from alembic import op

from datapunk.admin.migration import rows_of_all_owners

revision = "0020_gaia_languages"
down_revision = "0019_lake_pii_zones"


def upgrade() -> None:
    for table, comment in (
        ("answer", "ISO 639-1 code of the language of question and answer."),
        ("example", "ISO 639-1 code of its language; it is read as questions of that language are."),
    ):
        op.add_column(
            table,
            sa.Column("language", sa.Text, nullable=False, server_default="en", comment=comment),
            schema="gaia",
        )
    # Fitted anew with the next question.
    with rows_of_all_owners("gaia", "router"):
        op.execute("delete from gaia.router")
