"""The values of outcomes: what can happen after an answer, for how long it is waited for, and what it says.

Silence says nothing. Somebody who leaves after an answer may have been helped, or may have given up.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from learning.ids import DecisionId

#: How long after an answer somebody comes back, or is passed on to people.
AFTER_ANSWER = timedelta(hours=24)
#: How long a resolution has to last.
AFTER_RESOLUTION = timedelta(days=7)


class OutcomeKind(StrEnum):
    """What happened afterwards."""

    #: Who asked wrote again within a day.
    REPLIED = "replied"
    #: Nobody wrote within a day, neither who asked nor anybody else but staff.
    NO_FURTHER_INBOUND = "no_further_inbound"
    #: People were called for the question within a day.
    HANDED_OVER = "handed_over"
    #: What people had settled was opened again, or handed over anew, within a week.
    REOPENED = "reopened"
    #: What people had settled stayed so for a week.
    STAYED_RESOLVED = "stayed_resolved"


class Meaning(StrEnum):
    """What an outcome says of how well somebody was helped."""

    GOOD = "good"
    BAD = "bad"
    UNKNOWN = "unknown"


#: What it says that something happened; that it did not happen is always unknown.
MEANINGS: Mapping[OutcomeKind, Meaning] = {
    OutcomeKind.REPLIED: Meaning.UNKNOWN,
    OutcomeKind.NO_FURTHER_INBOUND: Meaning.UNKNOWN,
    OutcomeKind.HANDED_OVER: Meaning.BAD,
    OutcomeKind.REOPENED: Meaning.BAD,
    OutcomeKind.STAYED_RESOLVED: Meaning.GOOD,
}


@dataclass(frozen=True)
class Window:
    """For how long after something one waits for what it leads to."""

    #: What opened it: empty for the answer itself, otherwise the resolution (handoff and number of change).
    began_by: str
    opens: datetime
    closes: datetime
    #: Name and version of the rule that judges it.
    rule: str


@dataclass(frozen=True)
class Finding:
    """Whether one thing happened in a window."""

    kind: OutcomeKind
    happened: bool
    #: What shows it: the `ts` of a message, the id of a handoff and the number of its change; empty for nothing.
    shown_by: str = ""


@dataclass(frozen=True)
class Judged:
    """A window that has closed, with everything that was looked for in it."""

    decision: DecisionId
    window: Window
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Outcome:
    """A finding about a decision, as it is kept."""

    decision: DecisionId
    kind: OutcomeKind
    happened: bool
    window: Window
    #: What shows it, as in `Finding`.
    shown_by: str
    #: The scheduled moment at which it was looked for.
    found_at: datetime

    @property
    def meaning(self) -> Meaning:
        """What it says of how well somebody was helped."""
        return MEANINGS[self.kind] if self.happened else Meaning.UNKNOWN
