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
    with running(settings) as (_, url):
        where = f" for signed requests at {url}" if url else ""
        errors.print(f"Answerloop is listening{where}. Stop with Ctrl-C.", highlight=False, soft_wrap=True)
        wait_for_stop()
