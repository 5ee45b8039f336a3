"""The command line. Commands import what they need when they run: `--help` loads no model."""

import logging
import sys

from bot.cli.console import errors


def main() -> None:
    """Run `answerloop`; an error is one clear line and a non-zero exit."""
    from bot.cli.app import app

    try:
        app()
    except Exception as error:
        if not _is_meant(error):
            raise
        errors.print(f"[bold red]Error:[/] {_plain(error)}", highlight=False, soft_wrap=True)
        logging.getLogger(__name__).debug("cause", exc_info=error)
        sys.exit(1)
    except KeyboardInterrupt:
        errors.print("Stopped.")
        sys.exit(130)


def _is_meant(error: Exception) -> bool:
    """Whether an error was raised on purpose and says what to do; the libraries' own are loaded only to ask that."""
    from bot.errors import BotError

    if isinstance(error, BotError):
        return True
    from kb.errors import KnowledgeError
    from learning.errors import LearningError

    return isinstance(error, (KnowledgeError, LearningError))


def _plain(error: Exception) -> str:
    from rich.markup import escape

    return escape(str(error))
