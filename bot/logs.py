"""Logging: one line each to standard error; ids and causes, never message text or tokens."""

import logging
import sys


def set_up(level: str) -> None:
    """Send this process's log lines to standard error."""
    logging.basicConfig(
        level=level.upper(),
        stream=sys.stderr,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        force=True,
    )
    # These log payloads and SQL with its values when asked to be talkative; they are not asked.
    for name in ("slack_sdk", "slack_bolt", "sqlalchemy", "httpx", "httpcore", "openai", "websockets", "alembic"):
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))
