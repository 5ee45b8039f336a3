"""`answerloop demo`: the loop on this machine, with a stand-in for Slack and a fictional company."""

from pathlib import Path
from typing import Annotated

import typer


def demo(
    tour: Annotated[bool, typer.Option("--tour", help="Play the whole loop by itself, then stop.")] = False,
    json: Annotated[bool, typer.Option("--json", help="With --tour: one JSON line per step.")] = False,
    port: Annotated[int, typer.Option(help="Port of the page; 0 takes a free one.")] = 8484,
    data_dir: Annotated[
        Path | None, typer.Option(help="Keep the data in this folder; without it every demo starts afresh.")
    ] = None,
) -> None:
    """Open a local workspace, put the bot into it, and show the page where you can be any of its people."""
    from bot.demo import running_demo

    if tour:
        port = 0
    with running_demo(port=port, data_dir=data_dir) as url:
        if not tour:
            _wait(url)
        elif not _tour(url, json=json):
            raise typer.Exit(1)


def _wait(url: str) -> None:
    from bot.cli.console import errors
    from bot.slack.connection import wait_for_stop

    errors.print(f"\n  Open [bold]{url}[/]\n", highlight=False)
    errors.print("  Be Uma and ask a question in #help, Sam who supports, Ada who approves. Stop with Ctrl-C.\n")
    wait_for_stop()


def _tour(url: str, *, json: bool) -> bool:
    from dataclasses import asdict

    from bot.cli.console import output, print_json
    from bot.tour import Closed, play

    closed = False
    for step in play(url):
        if json:
            print_json(asdict(step))
        elif isinstance(step, Closed):
            output.print(f"\nTour {'closed' if step.ok else 'NOT closed'} in {step.seconds:.1f} s", highlight=False)
        else:
            mark = "[green]✓[/]" if step.ok else "[red]✗[/]"
            output.print(f"{mark} {step.step:<42} {step.seconds:5.1f} s  {step.detail}", highlight=False)
        closed = step.ok
    return closed
