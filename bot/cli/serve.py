"""`answerloop serve`: the bot itself."""

from typing import Annotated

import typer


def serve(
    otel: Annotated[
        bool,
        typer.Option(
            "--otel", help="Export decisions as OpenTelemetry spans over OTLP; OTEL_* variables say where to."
        ),
    ] = False,
) -> None:
    """Connect to Slack and answer until stopped."""
    import contextlib

    from bot.assembly import running
    from bot.cli.console import errors
    from bot.logs import set_up
    from bot.settings import load
    from bot.slack.connection import wait_for_stop
    from bot.telemetry import exporting, nobody

    settings = load()
    set_up(settings.log_level)
    with exporting() if otel else contextlib.nullcontext(nobody) as observe, running(settings, observe) as (_, url):
        where = f" for signed requests at {url}" if url else ""
        errors.print(f"Answerloop is listening{where}. Stop with Ctrl-C.", highlight=False, soft_wrap=True)
        wait_for_stop()
