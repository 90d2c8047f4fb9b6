"""Alembic's entry: runs the migrations on the connection that datapunk.admin.install hands over."""

from alembic import context

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    version_table="schema_version",
    version_table_schema="ops",
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
