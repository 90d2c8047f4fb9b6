"""Positions are identified by instant and place, whichever export tells of them; items of an import lie together, so a
block range index finds them at no cost to the import."""

from alembic import op

from datapunk.admin.migration import rows_of_all_owners

revision = "0006_lake_at_speed"
down_revision = "0005_gaia"


def upgrade() -> None:
    with rows_of_all_owners("lake", "position"):
        op.execute("delete from lake.position where latitude is null or longitude is null")
        op.execute(
            "delete from lake.position as p using lake.position as better"
            " where p.owner_id = better.owner_id and p.occurred_at = better.occurred_at"
            " and p.latitude = better.latitude and p.longitude = better.longitude"
            " and (p.device, p.source) < (better.device, better.source)"
        )
    # An upgrade runs before the functions that rely on it are loaded, with nobody else at work on these tables.
    op.execute(
        "-- squawk-ignore adding-not-nullable-field\nalter table lake.position alter column latitude set not null"
    )
    op.execute(
        "-- squawk-ignore adding-not-nullable-field\nalter table lake.position alter column longitude set not null"
    )
    op.execute("-- squawk-ignore ban-drop-constraint\nalter table lake.position drop constraint position_pk")
    op.create_primary_key(
        "position_pk", "position", ["owner_id", "occurred_at", "latitude", "longitude"], schema="lake"
    )
    op.execute("-- squawk-ignore require-concurrent-index-deletion\ndrop index lake.item_import_ix")
    op.create_index("item_import_ix", "item", ["import_id"], schema="lake", postgresql_using="brin")
