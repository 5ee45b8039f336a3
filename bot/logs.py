"""Logging: one line each to standard error; ids and causes, never message text or tokens.

What we write holds no words of people. What libraries write may, so every line goes through redaction as well, under a
key that is forgotten with the process; and what ends a thread or the process is told by its cause, not in its words.
"""

import logging
import os
import sys
import threading
import traceback
from types import TracebackType

from learning.redaction import Redactor

_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_KEY_BYTES = 32

log = logging.getLogger(__name__)


def set_up(level: str) -> None:
    """Send this process's log lines to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Redacting(_FORMAT))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    # This one would otherwise write past us.
    durable = logging.getLogger("dbos")
    durable.handlers, durable.propagate = [handler], False
    sys.excepthook = _ended
    threading.excepthook = lambda args: _ended(args.exc_type, args.exc_value, args.exc_traceback)
    # These log payloads and SQL with its values when asked to be talkative; they are not asked.
    for name in (
        "slack_sdk",
        "slack_bolt",
        "sqlalchemy",
        "httpx",
        "httpcore",
        "openai",
        "websockets",
        "alembic",
        "sentence_transformers",
        "fusion_utils",
        "chromadb",
        "opentelemetry",
        "urllib3",
    ):
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))
    # Every failed call reaches us as an error, which is retried, told or logged with a reference.
    logging.getLogger("slack_sdk.web.base_client").setLevel(logging.CRITICAL)


def cause(error: BaseException) -> str:
    """What went wrong and where, without the error's own words: a library may put anybody's text into them."""
    # Slack's own word for it, where the error is Slack's.
    said = getattr(getattr(error, "response", None), "data", None)
    code = f" ({said.get('error')})" if isinstance(said, dict) else ""
    frames = traceback.extract_tb(error.__traceback__)
    where = " < ".join(f"{frame.name} ({_short(frame.filename)}:{frame.lineno})" for frame in reversed(frames[-8:]))
    return f"{type(error).__name__}{code} in {where or 'an unknown place'}"


class Redacting(logging.Formatter):
    """Writes lines with placeholders in the place of details and secrets, tracebacks included."""

    def __init__(self, form: str) -> None:
        super().__init__(form)
        self._redactor = Redactor(os.urandom(_KEY_BYTES))

    def format(self, record: logging.LogRecord) -> str:
        """The line, redacted."""
        return self._redactor.redact(super().format(record))


def _ended(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    """Tell what ended a thread or the process; stopping on purpose is nothing to tell."""
    if not issubclass(kind, (KeyboardInterrupt, SystemExit)):
        log.critical("ended by %s", cause((error or kind()).with_traceback(trace)))


def _short(filename: str) -> str:
    return "/".join(filename.replace("\\", "/").split("/")[-2:])
