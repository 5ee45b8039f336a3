"""Steps of a workflow: each result is kept, so that a workflow that runs again goes on where it was.

A step may run more than once, so every step is written to be repeated. What may pass by itself (a network that is
away, a server that is busy) is tried again, more and more slowly; everything else ends the workflow at once.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from dbos import DBOS
from sqlalchemy.exc import OperationalError

from bot.slack.errors import may_pass as slack_may_pass
from kb.errors import IndexUnavailable

T = TypeVar("T")


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
    return slack_may_pass(error) or isinstance(error, (OSError, OperationalError, IndexUnavailable))
