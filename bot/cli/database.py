"""`answerloop database`: the schema."""

import typer

database = typer.Typer(no_args_is_help=True, help="The database's schema.")


@database.callback()
def _options() -> None:
    """The database's schema."""


@database.command()
def upgrade() -> None:
    """Bring the database to the newest revision; `serve` and `demo` do it by themselves."""
    from bot.cli.console import errors
    from bot.database import open_database
    from bot.settings import load

    open_database(load()).close()
    errors.print("The database is up to date.")
