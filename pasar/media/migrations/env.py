"""What alembic runs: the migrations of media, on the connection it is given."""

from alembic import context

from pasar.media.schema import VERSION_TABLE, metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
)
with context.begin_transaction():
    context.run_migrations()
