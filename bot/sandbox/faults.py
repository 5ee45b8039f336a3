"""Faults on request: what can go wrong between Slack and an app, caused once or a given number of times.

A fault waits until something it fits comes by. `refresh` is the exception: it happens at once.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from bot.sandbox.wire import Json


class FaultKind(StrEnum):
    """What can be made to go wrong."""

    #: The app's acknowledgement of an event gets lost; the event is tried again, as after a timeout.
    MISS_ACK = "miss_ack"
    #: An event comes twice under the same event id.
    DUPLICATE = "duplicate"
    #: An event comes twice under two event ids.
    DUPLICATE_NEW_ID = "duplicate_new_id"
    #: An event is held back until the one after it was sent.
    REORDER = "reorder"
    #: Slack asks the connection to be made anew.
    REFRESH = "refresh"
    #: A Web API call is answered 429 with Retry-After.
    RATE_LIMIT = "rate_limit"
    #: A signed HTTP request carries a wrong signature.
    BAD_SIGNATURE = "bad_signature"
    #: A trigger is too old when the app gets it.
    EXPIRED_TRIGGER = "expired_trigger"


@dataclass
class Fault:
    """One requested fault."""

    kind: FaultKind
    #: How often it still happens.
    count: int = 1
    #: Only this Web API method (rate_limit); any where empty.
    method: str = ""
    #: Only this type of event, such as `app_mention`; any where empty.
    event: str = ""
    #: Seconds in the Retry-After header.
    retry_after: int = 1

    def fits(self, method: str, event: str) -> bool:
        """Whether it is meant for this call or this event."""
        return self.count > 0 and self.method in ("", method) and self.event in ("", event)


@dataclass
class Faults:
    """The faults that wait to happen."""

    waiting: list[Fault] = field(default_factory=list)

    def request(self, fault: Fault) -> None:
        """Let `fault` happen when something it fits comes by."""
        self.waiting.append(fault)

    def take(self, kind: FaultKind, *, method: str = "", event: str = "") -> Fault | None:
        """The next fault of `kind` that fits, counted down; None where nothing is to go wrong."""
        for fault in self.waiting:
            if fault.kind is kind and fault.fits(method, event):
                fault.count -= 1
                if fault.count == 0:
                    self.waiting.remove(fault)
                return fault
        return None

    def clear(self) -> None:
        """Forget what was requested and did not happen."""
        self.waiting.clear()

    def shown(self) -> list[Json]:
        """What still waits to happen."""
        return [
            {"kind": str(fault.kind), "count": fault.count, "method": fault.method, "event": fault.event}
            for fault in self.waiting
        ]
