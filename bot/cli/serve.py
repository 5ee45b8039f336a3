"""`answerloop serve`: the bot itself."""


def serve() -> None:
    """Connect to Slack and answer until stopped."""
    from bot.assembly import running
    from bot.cli.console import errors
    from bot.logs import set_up
    from bot.settings import load
    from bot.slack.connection import wait_for_stop

    settings = load()
    set_up(settings.log_level)
    with running(settings):
        errors.print("Answerloop is listening. Stop with Ctrl-C.")
        wait_for_stop()
