"""Run by Alembic with a connection that `bot.schema` has opened."""

from alembic import context

from bot.schema import is_ours, metadata, rendered

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata(),
    include_object=is_ours,
    render_item=rendered,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
