"""The port that an app is reached by: Socket Mode or signed HTTP, chosen when the workspace starts."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

from bot.sandbox.wire import Json


class Kind(StrEnum):
    """What is carried; the values are Socket Mode's envelope types."""

    EVENT = "events_api"
    INTERACTION = "interactive"
    COMMAND = "slash_commands"


@dataclass
class Timing:
    """How patient the workspace is; the defaults are Slack's."""

    #: How long an app has to acknowledge (https://docs.slack.dev/apis/events-api/#responding).
    ack: timedelta = timedelta(seconds=3)
    #: How long before each further try (https://docs.slack.dev/apis/events-api/#retries).
    retries: tuple[timedelta, ...] = (timedelta(0), timedelta(minutes=1), timedelta(minutes=5))
    #: How long a trigger can be used (https://docs.slack.dev/interactivity/handling-user-interaction).
    trigger: timedelta = timedelta(seconds=3)


@dataclass(frozen=True)
class Parcel:
    """One thing on its way to the app."""

    kind: Kind
    payload: Json
    #: Number of the try, 0 for the first.
    attempt: int = 0
    #: Why the try before did not count; empty for the first.
    reason: str = ""


@dataclass(frozen=True)
class Ack:
    """What came of one try."""

    #: The app has taken it.
    ok: bool
    #: What the app answered with, such as `response_action`; None for a bare acknowledgement.
    payload: Json | None = None
    #: Why it does not count, in Slack's words for `retry_reason`.
    reason: str = ""
    #: The app asked not to be tried again.
    final: bool = False


class Transport(Protocol):
    """Carries parcels to the app."""

    #: `socket_mode` or `http`.
    name: str

    async def send(self, parcel: Parcel) -> Ack:
        """Send once and wait for the app's acknowledgement, as long as `Timing.ack` says."""
        ...
