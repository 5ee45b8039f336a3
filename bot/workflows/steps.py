"""Steps of a workflow: each result is kept, so that a workflow that runs again goes on where it was.

A step may run more than once, so every step is written to be repeated. What may pass by itself (a network that is
away, a server that is busy) is tried again, more and more slowly; everything else ends the workflow at once. Of an
error only its kind is kept: DBOS stores errors as they are, and their words may be somebody's.
"""

import logging
from collections.abc import Callable
from typing import Any, TypeVar

from dbos import DBOS
from sqlalchemy.exc import OperationalError

from bot.logs import cause
from bot.slack.errors import may_pass as slack_may_pass
from kb.errors import IndexUnavailable

log = logging.getLogger(__name__)

T = TypeVar("T")

#: Tries of one step, and the seconds between the first two; half a minute altogether.
TRIES = 6
FIRST_PAUSE = 0.5
SLOWER = 2.5


class StepFailed(Exception):
    """A step cannot be done; says which step and what kind of error, and nothing else."""


class StepAway(StepFailed):
    """Something that a step needs has been away for as long as it was tried; it may be there later."""


def step(name: str, work: Callable[..., T], *args: Any) -> T:
    """Run one step of the present workflow, or give its kept result.

    Raises:
        StepAway: what it needs is away; a later run may do it.
        StepFailed: it cannot be done.
    """
    tries = 0

    def guarded() -> T:
        nonlocal tries
        tries += 1
        try:
            return work(*args)
        except Exception as error:
            kind = f"{name}: {type(error).__name__}"
            if not may_pass(error):
                log.error("step %s failed: %s", name, cause(error))
                raise StepFailed(kind) from None
            log.warning("step %s, try %d: %s", name, tries, cause(error))
            if tries < TRIES:
                raise _Again(kind) from None
            raise StepAway(kind) from None

    return DBOS.run_step(
        {
            "name": name,
            "retries_allowed": True,
            "max_attempts": TRIES,
            "interval_seconds": FIRST_PAUSE,
            "backoff_rate": SLOWER,
            "should_retry": lambda error: isinstance(error, _Again),
        },
        guarded,
    )


def may_pass(error: BaseException) -> bool:
    """Whether the same call may work a little later."""
    return slack_may_pass(error) or isinstance(error, (OSError, OperationalError, IndexUnavailable))


class _Again(StepFailed):
    """One try of several."""
