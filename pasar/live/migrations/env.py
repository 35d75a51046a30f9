"""What alembic runs: the migrations of live streams, on the connection it is given."""

from alembic import context

from pasar.live.schema import VERSION_TABLE, metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
)
with context.begin_transaction():
    context.run_migrations()
