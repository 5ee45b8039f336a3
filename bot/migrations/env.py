"""Run by Alembic with a connection that `bot.schema` has opened."""

from alembic import context

from bot.schema import is_ours, metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata(),
    include_object=is_ours,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
