"""`answerloop calibration`: how sure the bot is and what it promises, over time, and the way back."""

from typing import Annotated

import typer

calibration = typer.Typer(no_args_is_help=True, help="Look at the promised wrong rate, or go back to an earlier fit.")

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Workspace = Annotated[str, typer.Option(help="Workspace id; needed only where there are several.")]


@calibration.command("list")
def list_(
    workspace: Workspace = "",
    limit: Annotated[int, typer.Option(min=1, help="How many of the newest.")] = 20,
    json: Json = False,
) -> None:
    """Print the thresholds, the estimated wrong rate and the fit behind them, newest first."""
    from bot import terminal
    from bot.cli.console import output, print_json
    from bot.settings import load

    found = terminal.budgets(load(), workspace, limit)
    if json:
        print_json(found)
        return
    if not found:
        output.print("Nothing was asked yet, so nothing has been fitted.")
        return
    from rich.table import Table

    table = Table(
        "when", "asked", "fit", "answers from", "offers from", "alone", "wrong, 95 %", box=None, pad_edge=False
    )
    for row in found:
        low, high = row["wrong"]["low"], row["wrong"]["high"]
        table.add_row(
            row["at"][:16].replace("T", " "),
            f"{row['asked']:,}",
            str(row["calibration"]),
            f"{row['answer']:.3f}",
            f"{row['offer']:.3f}",
            f"{row['answered_alone']:.0%}",
            f"{row['wrong']['value']:.1%} ({low:.1%} to {high:.1%}) of {row['max_wrong']:.1%}",
        )
    output.print(table)
    if found[0]["alarm"]:
        output.print(f"\n{found[0]['alarm']}", markup=False)


@calibration.command()
def restore(
    version: Annotated[int, typer.Argument(min=0, help="The fit to go back to; 0 is what is shipped.")],
    workspace: Workspace = "",
) -> None:
    """Rank and be sure as an earlier fit did; the next labels move it on from there as they come."""
    from bot import terminal
    from bot.cli.console import output
    from bot.settings import load

    made = terminal.restore_calibration(load(), workspace, version)
    output.print(f"Fit {version} is in use again, as {made}.", highlight=False)
