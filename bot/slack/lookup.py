"""Looking for what an earlier call may have posted: the process died, or the answer never came.

A message shows in the thread's history a moment after Slack has taken it, so a look that finds nothing is repeated
until that moment is over. What Slack shows later still would be posted twice; `tests/benchmarks/kill_window.py`
measures how wide that window is.
"""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from slack_sdk import WebClient

from bot.effects import Effect

#: The `event_type` of our message metadata; its payload holds the effect's key.
METADATA_TYPE = "answerloop_effect"
#: How long after a call its message may still be missing from the history.
SETTLE = timedelta(seconds=3)
#: Between two looks.
PAUSE_SECONDS = 0.5
#: How far our clock and Slack's may be apart when we ask for messages since an effect began.
CLOCK_SKEW = timedelta(minutes=2)
#: Messages of one page (Slack gives some apps no more than 15) and pages of one look.
PAGE = 200
PAGES = 5

Found = dict[str, Any]


def metadata(key: str) -> dict[str, Any]:
    """What every message of ours carries, so that it can be found again."""
    return {"event_type": METADATA_TYPE, "event_payload": {"key": key}}


def key_of(message: Found) -> str | None:
    """The key that a message carries, if it is one of ours that has one."""
    payload = (message.get("metadata") or {}).get("event_payload") or {}
    return payload.get("key")


def since(client: WebClient, channel: str, thread: str | None, effect: Effect) -> list[Found]:
    """What was said at a place since an effect began, in the order in which Slack gives it.

    Raises:
        SlackApiError: Slack does not show the place.
    """
    oldest = str((effect.begun_at - CLOCK_SKEW).timestamp())
    if thread is None:
        pages: Any = client.conversations_history(channel=channel, oldest=oldest, limit=PAGE, include_all_metadata=True)
    else:
        pages = client.conversations_replies(
            channel=channel, ts=thread, oldest=oldest, limit=PAGE, include_all_metadata=True
        )
    found: list[Found] = []
    for number, page in enumerate(pages, start=1):
        found += page.get("messages") or []
        if number == PAGES:
            break
    return found


def looks(tried: datetime, now: datetime, settle: timedelta = SETTLE) -> Iterator[None]:
    """One turn per look: the first at once, the last when what was posted at `tried` must have become visible."""
    left = min((settle - (now - tried)).total_seconds(), settle.total_seconds())
    deadline = time.monotonic() + left
    yield
    while time.monotonic() < deadline:
        time.sleep(PAUSE_SECONDS)
        yield
