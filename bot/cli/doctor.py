"""`answerloop doctor`: what works, what does not, and what to do about it."""

from typing import Annotated

import typer


def doctor(json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False) -> None:
    """Check settings, database, index, model and Slack; exits with 1 where something is wrong."""
    from dataclasses import asdict

    from bot.cli.console import output, print_json
    from bot.doctor import examine
    from bot.settings import load

    findings = examine(load())
    if json:
        print_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            mark = "[green]✓[/]" if finding.ok else "[red]✗[/]"
            output.print(f"{mark} [bold]{finding.what}[/]: ", end="", highlight=False)
            output.print(finding.detail, markup=False, highlight=False, soft_wrap=True)
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)
