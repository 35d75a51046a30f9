"""Runs the migrations on the connection that :mod:`pasar.commerce.demo.database` hands over."""

from __future__ import annotations

from alembic import context

from pasar.commerce.demo.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table="demo_version",
    # SQLite cannot alter a column: later versions rebuild the table.
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
