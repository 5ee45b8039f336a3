"""The command line. Commands import what they need when they run: `--help` loads no model."""

import logging
import sys

from bot.cli.console import errors


def main() -> None:
    """Run `answerloop`; an error is one clear line and a non-zero exit."""
    from bot.cli.app import app
    from bot.errors import BotError
    from kb.errors import KnowledgeError
    from learning.errors import LearningError

    try:
        app()
    except (BotError, KnowledgeError, LearningError) as error:
        errors.print(f"[bold red]Error:[/] {_plain(error)}", highlight=False, soft_wrap=True)
        logging.getLogger(__name__).debug("cause", exc_info=error)
        sys.exit(1)
    except KeyboardInterrupt:
        errors.print("Stopped.")
        sys.exit(130)


def _plain(error: Exception) -> str:
    from rich.markup import escape

    return escape(str(error))
