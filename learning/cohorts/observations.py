"""Observations: what became of each question, as far as it was known a day later.

What is looked at never changes afterwards: votes and handoffs count for as long as a window is open, and a question
whose window is still open is not looked at yet. So recent questions, on which nobody had the time to complain, do not
look better than old ones, and a look tomorrow shows the same of today's. Only spot checks and what became of a
resolution come later.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from learning.ids import DecisionId
from learning.outcomes import AFTER_ANSWER, OutcomeKind
from learning.recorder import DecisionKind
from learning.signals import SignalKind
from learning.spot_checks import GIVEN_ALONE

#: How long after a question what happens still belongs to it; a day, so that everybody has been at work once.
WINDOW = AFTER_ANSWER


@dataclass(frozen=True)
class Checked:
    """What staff said of an answer that was drawn for a spot check."""

    #: Probability, above 0 and up to 1, with which it was drawn.
    chance: float
    wrong: bool


@dataclass(frozen=True)
class Observation:
    """One question and what became of it."""

    decision: DecisionId
    #: What hangs together: id of the conversation, or of the decision where it stands alone.
    conversation: str
    at: datetime
    kind: DecisionKind
    #: Name of a version to what it was, as `learning.cohorts.selection.VERSIONS` lists them.
    versions: Mapping[str, str] = field(default_factory=dict)
    #: Experiment to arm, and what an operator tagged.
    tags: Mapping[str, str] = field(default_factory=dict)
    latency: timedelta = timedelta()
    #: In the currency of the operator's prices; None where they are not known.
    cost: float | None = None
    #: How many people voted so when the window closed.
    up: int = 0
    down: int = 0
    #: Whether people were called for this question.
    handed_over: bool = False
    #: Whether the asker chose one of the questions that were offered, and took that back by a thumbs-down.
    clicked: bool = False
    wrong_click: bool = False
    #: None where nobody judged it.
    checked: Checked | None = None
    #: What happened afterwards and what did not, as far as it is known; of several resolutions, whether with any.
    outcomes: Mapping[OutcomeKind, bool] = field(default_factory=dict)
    #: What behaviour said until the window closed.
    signals: frozenset[SignalKind] = frozenset()

    @property
    def answered_alone(self) -> bool:
        """Whether an answer was given without a person and without asking back."""
        return self.kind in GIVEN_ALONE

    @property
    def autonomous(self) -> bool:
        """Whether an answer was given alone and nothing spoke against it."""
        return self.answered_alone and not self.down and not self.handed_over


def first_of_each(observations: Iterable[Observation]) -> list[Observation]:
    """The first question of each conversation, oldest first: what looks that are repeated can rely on.

    Later questions of a conversation depend on what was said before, and arrive when others have been counted.
    """
    known: dict[str, Observation] = {}
    for one in sorted(observations, key=lambda one: (one.at, one.decision)):
        known.setdefault(one.conversation, one)
    return list(known.values())
