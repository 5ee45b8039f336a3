"""`answerloop ask`: a question at the terminal."""

from typing import Annotated, Any

import typer


def ask(
    question: Annotated[str, typer.Argument(help="The question, in quotes.")],
    workspace: Annotated[str, typer.Option(help="Workspace id; needed only where there are several.")] = "",
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Print the answer, the confidence and the sources, as everyone in the workspace could see them."""
    from bot import terminal
    from bot.cli.console import print_json, progress
    from bot.settings import load

    with progress("Looking it up") as report:
        found = terminal.ask(load(), question, workspace, report)
    if json:
        print_json(found)
    else:
        _show(found)


def _show(found: dict[str, Any]) -> None:
    from rich.markdown import Markdown
    from rich.table import Table

    from bot.cli.console import output

    output.print(Markdown(found["answer"]))
    output.print(f"\n[bold]{found['kind']}[/], confidence {found['confidence']:.0%}", highlight=False)
    if found["sources"]:
        table = Table("", "source", "from", box=None, pad_edge=False)
        for source in found["sources"]:
            table.add_row(str(source["number"]), source["title"], source["source"] or "—")
        output.print(table)
    if found["nearest"]:
        output.print("\nNearest questions:")
        for near in found["nearest"]:
            output.print(f"  • {near}", markup=False)
