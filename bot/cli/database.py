"""`answerloop database`: the schema."""

import typer

database = typer.Typer(no_args_is_help=True, help="The database's schema.")


@database.callback()
def _options() -> None:
    """The database's schema."""


@database.command()
def upgrade() -> None:
    """Bring the database to the newest revision; `serve` and `demo` do it by themselves."""
    from bot import schema
    from bot.cli.console import errors
    from bot.settings import load
    from kb.database import open_engine

    settings = load()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    schema.upgrade(open_engine(settings.database))
    errors.print("The database is up to date.")
