"""`answerloop cohorts`: decisions that share versions or a tag, and two of them compared."""

from typing import Annotated, Any

import typer

cohorts = typer.Typer(no_args_is_help=True, help="Compare what was answered with one version or arm and with another.")

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Workspace = Annotated[str, typer.Option(help="Workspace id; needed only where there are several.")]
Cohort = Annotated[
    str,
    typer.Argument(
        help="A name as `list` prints it, or conditions by commas: experiment=arm, code=0.1.0, since=2026-11-01."
    ),
]


@cohorts.command("list")
def list_cohorts(workspace: Workspace = "", json: Json = False) -> None:
    """Print the cohorts that versions make, the newest first, and those of every tag and experiment."""
    from bot.cli.console import print_json
    from bot.cohorts import listed
    from bot.settings import load

    found = listed(load(), workspace)
    if json:
        print_json(found)
    else:
        _list(found)


@cohorts.command()
def compare(first: Cohort, second: Cohort, workspace: Workspace = "", json: Json = False) -> None:
    """Print the figures of two cohorts with their differences; questions count once they are a day old.

    The interval of a difference is for one look that was planned. Who looks again and again, until it is clear, goes by
    the last column.
    """
    from bot.cli.console import print_json, progress
    from bot.cohorts import compared
    from bot.settings import load

    with progress("Comparing"):
        found = compared(load(), workspace, first, second)
    if json:
        print_json(found)
    else:
        _compare(found)


def _list(found: dict[str, Any]) -> None:
    from rich.table import Table

    from bot.cli.console import output

    rows = [*found["cohorts"], *found["tags"]]
    if not rows:
        output.print("There are no questions yet that are a day old.")
        return
    table = Table("cohort", "from", "to", "questions", "conversations", "what it shares", box=None, pad_edge=False)
    for one in rows:
        shared = ", ".join(f"{name}={value[:12]}" for name, value in one["shared"].items())
        counts = (str(one["questions"]), str(one["conversations"]))
        table.add_row(*map(_plain, (one["name"], one["since"][:10], one["until"][:10], *counts, shared)))
    output.print(table)


def _compare(found: dict[str, Any]) -> None:
    from rich.table import Table

    from bot.cli.console import output

    for side in ("first", "second"):
        one = found[side]
        line = f"{side}: {one['cohort']}, {one['questions']} questions in {one['conversations']} conversations"
        output.print(line, markup=False, highlight=False)
    level = f"{found['level']:.0%}"
    table = Table("", "first", "second", f"difference ({level})", f"at any look ({level})", box=None, pad_edge=False)
    for one in found["measures"]:
        unit = one["unit"]
        figures = (_words(one["first"], unit), _words(one["second"], unit))
        apart = (_words(one["difference"], unit, signed=True), _words(one["any_look"], unit, signed=True))
        table.add_row(one["name"].replace("_", " "), *map(_plain, (*figures, *apart)))
    output.print(table)


def _words(interval: dict[str, float] | None, unit: str, *, signed: bool = False) -> str:
    if interval is None:
        return "—"
    estimate, low, high = (_number(interval[name], unit, signed) for name in ("estimate", "low", "high"))
    return f"{estimate} ({low} to {high})"


def _number(value: float, unit: str, signed: bool) -> str:
    sign = "+" if signed else ""
    if unit == "share":
        return f"{value * 100:{sign}.1f}"
    return f"{value:{sign}.3g}" + (" s" if unit == "seconds" else "")


def _plain(text: str) -> str:
    from rich.markup import escape

    return escape(text)
