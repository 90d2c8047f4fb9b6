"""Alembic's entry: runs the migrations on the connection that datapunk.admin.install hands over."""

from alembic import context

# Offline (`alembic upgrade --sql`) the statements are printed, for squawk to check.
target = {"dialect_name": "postgresql"} if context.is_offline_mode() else {}
context.configure(
    connection=context.config.attributes.get("connection"),
    **target,
    version_table="schema_version",
    version_table_schema="ops",
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
