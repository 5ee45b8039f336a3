"""The values of a replay: what came of a recorded question when it was asked again, and of a whole run of them.

Always: what a replay makes is no record. It is kept in a place of its own, nothing learns from it, and nothing counts
it as a decision of the bot.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NewType

from kb.ids import EntryId, WorkspaceId
from learning.errors import LearningError
from learning.ids import ConversationId, DecisionId, PersonId
from learning.recorder import AnswerDecision, RecordedDecision
from learning.replay.safety import Hazard

RunId = NewType("RunId", str)
#: How near two texts are, from -1 to 1.
Similarity = Callable[[str, str], float]


class NotReplayed(LearningError):
    """A recorded decision was not decided again, so that there is no pair; the message says why.

    Args:
        message: one sentence, without anybody's words.
        passing: whether it may go well when the run is resumed: the model did not answer in time, or was away.
    """

    def __init__(self, message: str, *, passing: bool = False) -> None:
        super().__init__(message)
        self.passing = passing


class State(StrEnum):
    """How far a case of a run is."""

    #: Not asked again yet.
    WAITING = "waiting"
    #: There is a pair.
    DONE = "done"
    #: Was tried and failed for a reason that may pass; tried again when the run is resumed.
    FAILED = "failed"
    #: There can be no pair.
    MISSING = "missing"


@dataclass(frozen=True)
class Attempt:
    """A recorded decision and what was decided when it was asked again."""

    #: As it was recorded.
    before: AnswerDecision
    #: What would have been recorded now; raw when it is given, redacted when it comes back.
    after: AnswerDecision
    #: What the message was taken to ask for; words of the agent.
    intent_before: str = ""
    intent_after: str = ""
    hazards_before: frozenset[Hazard] = frozenset()
    hazards_after: frozenset[Hazard] = frozenset()


#: Decides a recorded decision again; raises `NotReplayed` where it cannot.
Replayer = Callable[[RecordedDecision], Attempt]


class Answered(StrEnum):
    """What became of the answer."""

    BOTH = "both"
    NEITHER = "neither"
    #: It was not answered before, and is now.
    GAINED = "gained"
    #: It was answered before, and is not now.
    LOST = "lost"


@dataclass(frozen=True)
class Difference:
    """How a replayed decision differs from the recorded one; ids, numbers and words of ours, nobody's text."""

    answered: Answered
    #: Equal to the letter; equal but for case, spacing, emphasis and the numbers of sources.
    same_words: bool
    same_text: bool
    #: Cosine of what was said, -1 to 1; None where one of the two says nothing. Never decides alone.
    agreement: float | None
    #: Whether both come to the same: see `learning.replay.comparison.agree`.
    agrees: bool
    kinds: tuple[str, str]
    rules: tuple[str, str]
    intents: tuple[str, str]
    #: The entries that each answer says.
    said: tuple[tuple[EntryId, ...], tuple[EntryId, ...]]
    #: Calls of tools that differ in name or arguments.
    tools: int
    hazards: tuple[frozenset[Hazard], frozenset[Hazard]]
    confidence: tuple[float, float]


@dataclass(frozen=True)
class Used:
    """What one case took."""

    took: timedelta = timedelta()
    #: None where the model does not say, or none was asked.
    tokens_in: int | None = None
    tokens_out: int | None = None
    #: In the currency of the operator's prices; None where they are not known.
    cost: float | None = None


@dataclass(frozen=True)
class Case:
    """One recorded decision in a run."""

    decision: DecisionId
    #: Its place in the run, counting from 0.
    position: int
    state: State
    #: Who asked; what was replayed is under their key.
    asker: PersonId | None = None
    conversation: ConversationId | None = None
    #: Why there is no pair; empty where there is one, or it waits.
    reason: str = ""
    #: Only where there is a pair.
    difference: Difference | None = None
    used: Used = Used()


@dataclass(frozen=True)
class Run:
    """Decisions that are replayed in one way."""

    workspace: WorkspaceId
    id: RunId
    at: datetime
    #: What is different from when they were recorded: names and versions, as the application understands them.
    setup: Mapping[str, Any] = field(default_factory=dict)
    #: Text of the operator's that belongs to the setup, such as another prompt.
    text: str = ""


@dataclass(frozen=True)
class Progress:
    """How far a run is."""

    total: int
    done: int
    missing: int
    failed: int
    #: Whether it was stopped before everything had been tried.
    stopped: bool = False
    #: Why it stopped by itself; empty where it did not.
    why: str = ""

    @property
    def waiting(self) -> int:
        """How many were not tried yet."""
        return self.total - self.done - self.missing - self.failed
