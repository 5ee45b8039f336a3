"""Time is given, never taken: every service receives a `Clock` and tests pass their own."""

from collections.abc import Callable
from datetime import UTC, datetime

#: Returns the present moment as an aware datetime in UTC.
Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The present moment, aware, in UTC; the clock that production uses."""
    return datetime.now(UTC)
