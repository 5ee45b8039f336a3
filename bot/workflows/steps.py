"""Steps of a workflow: each result is kept, so that a workflow that runs again goes on where it was.

A step may run more than once, so every step is written to be repeated. What may pass by itself (a network that is
away, a server that is busy) is tried again, more and more slowly; everything else ends the workflow at once.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from dbos import DBOS
from slack_sdk.errors import SlackApiError
from sqlalchemy.exc import OperationalError

from kb.errors import IndexUnavailable

T = TypeVar("T")

#: Slack's own words for 'try again later'.
_PASSING = frozenset({"ratelimited", "internal_error", "fatal_error", "service_unavailable", "request_timeout"})


def step(name: str, work: Callable[..., T], *args: Any) -> T:
    """Run one step of the present workflow, or give its kept result."""
    return DBOS.run_step(
        {
            "name": name,
            "retries_allowed": True,
            "max_attempts": 6,
            "interval_seconds": 0.5,
            "backoff_rate": 2.5,
            "should_retry": may_pass,
        },
        work,
        *args,
    )


def may_pass(error: BaseException) -> bool:
    """Whether the same call may work a little later."""
    if isinstance(error, SlackApiError):
        status = getattr(error.response, "status_code", 200)
        return error.response.get("error") in _PASSING or status == 429 or status >= 500
    return isinstance(error, (OSError, OperationalError, IndexUnavailable))
