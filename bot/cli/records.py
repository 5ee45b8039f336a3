"""`answerloop records` and `answerloop forget`: what was decided, whether the record is whole, and erasure."""

from typing import Annotated, Any

import typer

records = typer.Typer(
    no_args_is_help=True, help="Look at what was decided and why, and prove that nothing was changed."
)

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Workspace = Annotated[str, typer.Option(help="Workspace id; needed only where there are several.")]


@records.command("list")
def list_records(
    kind: Annotated[str, typer.Option(help="Only these: verbatim, generated, abstained, tool_call, …")] = "",
    before: Annotated[str, typer.Option(help="Go on from this record, towards older ones.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 20,
    workspace: Workspace = "",
    json: Json = False,
) -> None:
    """Print the newest records, newest first; with --json one JSON line each, texts included."""
    from bot.cli.console import print_json
    from bot.records import listed
    from bot.settings import load

    found = listed(load(), workspace, kind=kind, before=before, limit=limit)
    if json:
        for one in found:
            print_json(one)
    else:
        _table(found)


@records.command()
def show(
    decision: Annotated[str, typer.Argument(help="The record's id, as `list` prints it.")],
    workspace: Workspace = "",
    json: Json = False,
) -> None:
    """Print everything that is known of one decision."""
    from bot.cli.console import print_json
    from bot.records import shown
    from bot.settings import load

    found = shown(load(), workspace, decision)
    if json:
        print_json(found)
    else:
        _show(found)


@records.command()
def verify(
    head: Annotated[str, typer.Option(help="A head kept elsewhere, SEQ:HASH; the chain must run through it.")] = "",
    workspace: Workspace = "",
    json: Json = False,
) -> None:
    """Recompute the chain over all records; exits with 1 and names the first that is not what was written.

    Keep the head that it prints in another place: only with it an end that was cut off is found.
    """
    from bot.cli.console import errors, output, print_json, progress
    from bot.records import verified
    from bot.settings import load

    with progress("Verifying") as report:
        found = verified(load(), workspace, kept=head, report=report)
    if json:
        print_json(found)
    elif found["ok"]:
        output.print(
            f"{found['sealed']} records are whole, {found['waiting']} more wait to be sealed.", highlight=False
        )
        output.print(f"head {found['head']}", highlight=False, soft_wrap=True)
    else:
        errors.print(f"[bold red]Error:[/] {found['fault']['says']}", highlight=False, soft_wrap=True)
    if not found["ok"]:
        raise typer.Exit(1)


def forget(
    user: Annotated[str, typer.Argument(help="Their Slack id, such as U012AB3CD.")],
    workspace: Workspace = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json: Json = False,
) -> None:
    """Erase a person: who they are, and the key to all their words. It cannot be undone."""
    from bot.cli.console import output, print_json
    from bot.records import forget as erase
    from bot.settings import load

    if not yes:
        typer.confirm(f"Erase {user}? Nobody will be able to read what they wrote", abort=True)
    found = erase(load(), workspace, user)
    if json:
        print_json(found)
        return
    output.print(
        f"Erased. {found['messages']} messages and {found['explanations']} comments were emptied, "
        f"{found['records']} records can no longer be read, {len(found['proposals'])} proposals were let go of.",
        highlight=False,
    )
    output.print(
        "What vectors are left of words that were in use once go from an embedded index with `answerloop kb rebuild`.",
        highlight=False,
    )
    if found["entries"]:
        output.print(
            "These answers were approved from their words and stay; look whether they name anybody: "
            + ", ".join(found["entries"]),
            highlight=False,
        )


def _table(found: list[dict[str, Any]]) -> None:
    from rich.table import Table

    from bot.cli.console import output

    table = Table("record", "at", "what", "rule", "confidence", "question", box=None, pad_edge=False)
    for one in found:
        kept = "(erased)" if one["erased"] else "(cannot be read)" if one["unread"] else one["question"]
        row = (
            one["id"],
            one["at"][:19],
            one["kind"],
            one["rule"],
            f"{one['confidence']:.0%}",
            " ".join(kept.split())[:60],
        )
        table.add_row(*map(_plain, row))
    output.print(table)


def _show(found: dict[str, Any]) -> None:
    from rich.table import Table

    from bot.cli.console import output

    table = Table("", "", box=None, pad_edge=False, show_header=False)
    for name, value in found.items():
        if value not in (None, "", {}, []) and name != "evidence":
            table.add_row(f"[bold]{name}[/]", _plain(_words(value)))
    output.print(table)
    evidence = Table("evidence", "version", "score", "said", box=None, pad_edge=False)
    for item in found["evidence"]:
        evidence.add_row(item["entry"], str(item["version"]), f"{item['score']:.3f}", "yes" if item["used"] else "")
    if found["evidence"]:
        output.print(evidence)


def _words(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_words(inner)}" for name, inner in value.items() if inner not in (None, "", [], {}))
    if isinstance(value, (list, tuple)):
        return "\n".join(_words(inner) for inner in value)
    return str(value)


def _plain(text: str) -> str:
    from rich.markup import escape

    return escape(text)
