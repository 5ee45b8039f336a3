"""`answerloop kb`: the knowledge base's index, checked and rebuilt from the database."""

from typing import Annotated

import typer

knowledge = typer.Typer(no_args_is_help=True, help="Check the index, or rebuild it from the database.")

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Workspace = Annotated[str, typer.Option(help="Workspace id; needed only where there are several.")]
#: How many of a long list are shown to a person.
_SHOWN = 5


@knowledge.command()
def verify(workspace: Workspace = "", json: Json = False) -> None:
    """Compare the index with the database; exits with 1 where they differ."""
    from bot import terminal
    from bot.settings import load

    _report(terminal.verify(load(), workspace), json)


@knowledge.command()
def rebuild(workspace: Workspace = "", json: Json = False) -> None:
    """Build the index anew from the vectors in the database; nothing is embedded that was before."""
    from bot import terminal
    from bot.cli.console import progress
    from bot.settings import load

    with progress("Rebuilding") as report:
        found = terminal.rebuild(load(), workspace, report)
    _report(found, json)


def _report(found: dict[str, object], json: bool) -> None:
    from bot.cli.console import output, print_json

    if json:
        print_json(found)
    else:
        for name, value in found.items():
            output.print(f"{name}: {_words(value)}", markup=False, highlight=False)
        if not found.get("ok", True):
            output.print(
                "What is pending follows when `answerloop serve` or `answerloop ingest` runs; "
                "`answerloop kb rebuild` makes the index anew.",
                highlight=False,
            )
    if not found.get("ok", True):
        raise typer.Exit(1)


def _words(value: object) -> str:
    if isinstance(value, (list, tuple)):
        more = [f"and {len(value) - _SHOWN} more (all with --json)"] if len(value) > _SHOWN else []
        return ", ".join([*map(str, value[:_SHOWN]), *more]) or "none"
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)
