"""Logging: one line each to standard error; ids and causes, never message text or tokens."""

import logging
import sys
import traceback


def set_up(level: str) -> None:
    """Send this process's log lines to standard error."""
    logging.basicConfig(
        level=level.upper(),
        stream=sys.stderr,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        force=True,
    )
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


def _short(filename: str) -> str:
    return "/".join(filename.replace("\\", "/").split("/")[-2:])
