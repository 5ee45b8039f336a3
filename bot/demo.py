"""The demo: a local workspace, the bot connected to it as to Slack, and a fictional company's knowledge base."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bot.assembly import running
from bot.cli.console import errors, progress
from bot.errors import Misconfigured
from bot.logs import set_up
from bot.sandbox import world
from bot.sandbox.server import serve
from bot.settings import Settings, alone
from bot.terminal import ingest_files

#: The fictional company, beside the packages in a clone.
FIXTURES = Path(__file__).parent.parent / "fixtures"
#: What the demo's knowledge base is made of.
KNOWLEDGE = ("knowledge.jsonl", "documents")


@contextlib.contextmanager
def running_demo(*, port: int, data_dir: Path | None) -> Iterator[str]:
    """The whole demo for as long as the block lasts; gives the page's URL.

    Raises:
        Misconfigured: the fictional company is not there, or the port is taken.
    """
    if not FIXTURES.is_dir():
        raise Misconfigured("The demo needs the folder fixtures/ of the repository; run it from a clone.")
    _forget_proxies()
    with contextlib.ExitStack() as stack:
        folder = data_dir or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="answerloop-demo-")))
        try:
            url = stack.enter_context(serve(port))
        except OSError as error:
            raise Misconfigured(f"Port {port} cannot be used ({error.strerror}); choose another with --port.") from None
        settings = demo_settings(url, folder)
        set_up("WARNING")
        errors.print("Loading the model; the first time it is prepared for serving, which takes a while …")
        made, _ = stack.enter_context(running(settings))
        with progress("Reading the fictional company's knowledge") as report:
            ingest_files(
                made.knowledge,
                made.sessions,
                made.identity.workspace(),
                [FIXTURES / name for name in KNOWLEDGE],
                prune=False,
                overwrite=False,
                report=report,
            )
        yield url


def demo_settings(url: str, data_dir: Path) -> Settings:
    """The bot's settings in the local workspace at `url`; nothing of the operator's own settings takes effect."""
    return alone(
        data_dir=data_dir,
        slack_bot_token=world.BOT_TOKEN,
        slack_app_token=world.APP_TOKEN,
        slack_signing_secret=world.SIGNING_SECRET,
        slack_base_url=f"{url}/api/",
        support_channel="C0SUPPORT",
        review_channel="C0REVIEW",
        staff="U0SAM",
        admins="U0ADA,U0ANN",
        support_hours="Mon-Sun 00:00-23:59",
    )


def _forget_proxies() -> None:
    # The Slack SDK sends even requests to this machine through a proxy that the environment names.
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        os.environ.pop(name, None)
        os.environ.pop(name.lower(), None)
