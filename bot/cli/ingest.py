"""`answerloop ingest`: files become knowledge."""

from pathlib import Path
from typing import Annotated

import typer


def ingest(
    paths: Annotated[list[Path], typer.Argument(help="Files, and folders with all that is readable in them.")],
    workspace: Annotated[str, typer.Option(help="Workspace id; needed only where there are several.")] = "",
    prune: Annotated[bool, typer.Option("--prune", help="Retire what is no longer in its file.")] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Let the files win over what people changed or stopped since.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Read questions with answers (CSV, JSON lines) and documents (Markdown, HTML, PDF, DOCX).

    What has not changed is skipped, what has changed becomes a new version. A file that cannot be read is named, the
    rest goes in, and the exit status is 1.
    """
    from bot import terminal
    from bot.cli.console import print_json, progress
    from bot.settings import load

    with progress("Reading") as report:
        found = terminal.ingest(load(), paths, workspace, prune=prune, overwrite=overwrite, report=report)
    if json:
        print_json(found)
    else:
        _show(found)
    if found["failed"]:
        raise typer.Exit(1)


def _show(found: dict[str, object]) -> None:
    from bot.cli.console import errors, output

    counts = ("files", "added", "changed", "unchanged", "retired", "vanished")
    output.print(", ".join(f"{name} {found[name]}" for name in counts), highlight=False)
    for name in ("kept", "failed"):
        notices = found[name]
        assert isinstance(notices, list)
        for notice in notices:
            errors.print(f"{name}: {notice}", markup=False, highlight=False, soft_wrap=True)
    if found["not_indexed"]:
        errors.print(f"The index has not followed yet: {found['not_indexed']}", markup=False)
