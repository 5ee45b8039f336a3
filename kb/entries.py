"""The values of the knowledge base: entries, their audience and provenance, and the evidence a search finds.

Values are frozen; a change to an entry is a new version, never an edit in place.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from kb.ids import EntryId, WorkspaceId


class EntryKind(StrEnum):
    """What an entry is."""

    ANSWER = "answer"
    PASSAGE = "passage"


class EntryStatus(StrEnum):
    """Whether a search may use an entry."""

    LIVE = "live"
    #: Taken out at once by 'Stop using this'; can be restored.
    STOPPED = "stopped"
    #: No longer part of the knowledge base: its source vanished or its approval was undone.
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Audience:
    """Who may be shown an entry."""

    #: Opaque references such as `channel:C1` or `group:S1`; empty means everyone in the workspace.
    refs: frozenset[str] = frozenset()

    def admits(self, readers: frozenset[str]) -> bool:
        """Whether it may be shown where `readers` are the references that hold for *everyone* who can read."""
        return not self.refs or bool(self.refs & readers)


EVERYONE = Audience()


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a version came from. Stays with the version for good."""

    #: `ingest` or `proposal`: the only two ways into the knowledge base.
    origin: str
    #: The file or URL for ingest; None for a proposal.
    source: str | None = None
    #: Where in the source: `row 12`, `page 3`, `Billing > Refunds`.
    position: str | None = None
    #: sha256 of the ingested text, so that an unchanged source is skipped.
    content_hash: str | None = None
    #: Opaque ids: the proposal, the conversations and the people whose words it came from.
    proposal: str | None = None
    conversations: tuple[str, ...] = ()
    people: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """What an entry shall say: the content of a version before it is published."""

    #: The question as people ask it; for a passage, its heading path.
    question: str
    #: The answer in Markdown; for a passage, its text.
    answer: str
    provenance: Provenance
    #: Further wordings of the same question.
    phrasings: tuple[str, ...] = ()
    kind: EntryKind = EntryKind.ANSWER
    audience: Audience = EVERYONE
    #: The day from which staff should look at it again.
    review_by: date | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One version of one thing the knowledge base knows."""

    workspace: WorkspaceId
    id: EntryId
    #: Counts from 1; every change, undo included, is the next version.
    version: int
    status: EntryStatus
    content: Draft
    #: The actor (opaque id) who made this version.
    created_by: str
    created_at: datetime

    @property
    def question(self) -> str:
        """The question as people ask it."""
        return self.content.question

    @property
    def answer(self) -> str:
        """The approved answer, in Markdown."""
        return self.content.answer

    @property
    def wordings(self) -> tuple[str, ...]:
        """The question and its phrasings: everything a question is compared with."""
        return (self.content.question, *self.content.phrasings)

    def with_phrasing(self, phrasing: str) -> Draft:
        """This entry's content with one more wording; unchanged where it is known already."""
        if phrasing in self.wordings:
            return self.content
        return replace(self.content, phrasings=(*self.content.phrasings, phrasing))


@dataclass(frozen=True, slots=True)
class Hit:
    """One ranked entry of the evidence."""

    entry: Entry
    #: The ranking's score; orders hits within one search and means nothing outside it.
    score: float
    #: The wording (or sentence of a passage) that matched best.
    matched: str
    #: Named features of the match, each documented in `kb.ranking`.
    features: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a search found for a question."""

    #: The text that was searched for.
    question: str
    #: Best first.
    hits: tuple[Hit, ...]
    #: Calibrated probability (0 to 1) that the first hit answers the question rightly; 0 without hits.
    confidence: float
    #: Identity of the embedding model, of the ranking and of the confidence model.
    model: str
    ranking: str
    calibration: str
    #: What the confidence was computed from, by the names of `kb.confidence`; empty where the first hit is a passage.
    signals: Mapping[str, float] = field(default_factory=dict)
    #: Calibrated probability (0 to 1) that one of the first three answers answers the question; 0 without answers.
    among_three: float = 0.0
    #: The version of the knowledge base that was searched; 0 where nothing was.
    knowledge: int = 0

    @property
    def best(self) -> Hit | None:
        """The first hit, if there is any."""
        return self.hits[0] if self.hits else None
