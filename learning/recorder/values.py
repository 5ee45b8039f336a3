"""The values of the flight recorder: what a decision was made of, and what is said about it in the record.

Texts are raw when they are given to `record` and redacted when they come back.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from kb.entries import Evidence
from kb.ids import EntryId, WorkspaceId
from learning.conversations import Place
from learning.ids import ConversationId, DecisionId, PersonId

#: The shape of a record as this code writes it; older ones stay readable.
SCHEMA_VERSION = 2


class DecisionKind(StrEnum):
    """What was decided."""

    #: An approved answer, said as it stands.
    VERBATIM = "verbatim"
    #: A model wrote it from evidence.
    GENERATED = "generated"
    #: Not sure enough: a person and the nearest questions were offered.
    ABSTAINED = "abstained"
    #: Not allowed to answer here or for this person.
    DECLINED = "declined"
    #: Written for staff to send.
    DRAFTED = "drafted"
    #: An agent called a tool.
    TOOL_CALL = "tool_call"
    #: A model of an agent spoke; recorded for agents that are not ours.
    MODEL_MESSAGE = "model_message"
    #: A rule of the agent's instructions was applied.
    RULE_APPLIED = "rule_applied"


#: What answers a question, or says that there is no answer. What an agent's tools and models did is no answer to
#: anybody, and where the bot may not speak it cannot be good or bad.
ANSWERS = frozenset({DecisionKind.VERBATIM, DecisionKind.GENERATED, DecisionKind.ABSTAINED, DecisionKind.DRAFTED})


@dataclass(frozen=True)
class EvidenceItem:
    """One entry that was before the bot when it decided."""

    entry: EntryId
    version: int
    #: The ranking's score; orders within one search.
    score: float
    #: Named features as `kb.ranking` documents them.
    features: Mapping[str, float] = field(default_factory=dict)
    #: Whether the answer said it; False where it was merely seen.
    used: bool = False


@dataclass(frozen=True)
class Turn:
    """One message of the conversation before the decision."""

    #: In which part: `user`, `staff`, `bot`, or what else the agent calls it; empty where it is not known.
    who: str
    text: str


@dataclass(frozen=True)
class Tool:
    """A tool that a model was offered."""

    name: str
    description: str = ""
    #: JSON schema of its arguments.
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ToolCall:
    """A call of a tool: asked for by a model, or made."""

    name: str
    #: JSON values by the names of the tool's arguments.
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Versions:
    """What a decision was made with; enough to make it again."""

    #: Name of the language model; empty where none was asked.
    model: str = ""
    #: sha256 of the prompt's fixed part; empty where none was asked.
    prompt_hash: str = ""
    #: Version of the knowledge base: its count of changes.
    kb_version: int = 0
    #: Identity of the embedding model, the ranking and the confidence model.
    embedding: str = ""
    ranking: str = ""
    calibration: str = ""
    #: Version of the program.
    code: str = ""
    #: Version of the instructions that stood in the prompt; 0 where there are none.
    instructions: int = 0
    #: Experiment to the arm that the conversation was in.
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ModelUse:
    """What a model was asked for and gave back."""

    #: The text it wrote, before anything of it was withheld.
    output: str = ""
    #: What it thought aloud, where it tells.
    reasoning: str = ""
    #: The provider's word for why it stopped; None where it never said.
    finish_reason: str | None = None
    #: Tokens read and written; None where the model does not say.
    tokens_in: int | None = None
    tokens_out: int | None = None
    #: In the currency of the operator's prices; None where they are not known.
    cost: float | None = None
    #: What it was offered.
    tools: tuple[Tool, ...] = ()


@dataclass(frozen=True)
class AnswerDecision:
    """One decision as the bot made it; raw when given to `record`, redacted when it comes back."""

    #: Where the question stands, and the question's own `ts` there: together the record's key.
    place: Place
    ts: str
    kind: DecisionKind
    #: Name of the rule that chose the kind; for a tool call the tool's name.
    rule: str
    #: The question's text as it was searched for.
    question: str
    #: The turns before it that were taken into account, oldest first.
    turns: tuple[Turn, ...] = ()
    #: Best first.
    evidence: tuple[EvidenceItem, ...] = ()
    #: Calibrated probability, 0 to 1, that the first evidence answers rightly.
    confidence: float = 0.0
    #: Named numbers that the confidence was computed from; without them it could not be fitted again later.
    signals: Mapping[str, float] = field(default_factory=dict)
    #: What was posted; what a tool gave back.
    answer: str = ""
    #: What was done with it: a word of the caller, such as `thread`, `direct`, `draft`.
    action: str = ""
    #: The tool calls that a model asked for; for a tool call the one that was made.
    calls: tuple[ToolCall, ...] = ()
    model: ModelUse = ModelUse()
    #: Further facts of the making, such as citations taken out; never words of people.
    facts: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)
    versions: Versions = Versions()
    #: From receiving the question to the first text of the answer.
    latency: timedelta = timedelta()
    #: What of it went where: `search`, `model`.
    stages: Mapping[str, timedelta] = field(default_factory=dict)
    asker: PersonId | None = None
    conversation: ConversationId | None = None
    #: What it was made under: the `ts` of another decision at the same place, or the id of the agent's run that its
    #: model messages and tool calls share; None where it stands for itself.
    parent: str | None = None


@dataclass(frozen=True)
class RecordedDecision:
    """A decision as it stands in the record."""

    workspace: WorkspaceId
    id: DecisionId
    at: datetime
    schema_version: int
    #: Redacted.
    decision: AnswerDecision
    #: Whether its texts are gone, because the person who asked was erased.
    erased: bool = False
    #: Why its texts are not here although they were not erased; empty where they are.
    unread: str = ""

    @property
    def kind(self) -> DecisionKind:
        """What was decided."""
        return self.decision.kind

    @property
    def used(self) -> tuple[EvidenceItem, ...]:
        """The evidence that the answer said."""
        return tuple(item for item in self.decision.evidence if item.used)


@dataclass(frozen=True)
class Post:
    """A message in which a decision was said."""

    place: Place
    ts: str


def evidence_items(evidence: Evidence, used: Collection[EntryId] = ()) -> tuple[EvidenceItem, ...]:
    """What a search found, as a decision keeps it.

    Args:
        evidence: the search's result.
        used: the entries that the answer says; none where the bot abstained.
    """
    return tuple(
        EvidenceItem(
            entry=hit.entry.id,
            version=hit.entry.version,
            score=hit.score,
            features=dict(hit.features),
            used=hit.entry.id in used,
        )
        for hit in evidence.hits
    )
