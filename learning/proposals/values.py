"""What a proposal is: a change that waits for a person, with everything a reviewer is shown and nothing hidden."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from kb.entries import EVERYONE, Audience
from kb.ids import EntryId, WorkspaceId
from learning.audit import canonical
from learning.conversations import Place, Privacy
from learning.ids import ConversationId, DecisionId, HandoffId, PersonId, ProposalId
from learning.redaction import Allowed, Detail, contact_details

#: Characters of the shown hash that a button carries; 64 bits, made anew at each change.
SHOWN_PREFIX = 16


class ProposalKind(StrEnum):
    """What a proposal would do."""

    NEW_ENTRY = "new_entry"
    #: One more wording of a known question.
    NEW_PHRASING = "new_phrasing"
    #: A better answer in the place of an entry's version.
    REPLACES = "replaces"
    #: A near question with a different answer; the reviewer chooses what becomes of the two.
    CONFLICTS = "conflicts"
    #: An entry goes.
    RETIRE = "retire"


class ProposalState(StrEnum):
    """Where a proposal stands."""

    PENDING = "pending"
    APPROVED = "approved"
    #: Remembered: the same is not proposed again.
    REJECTED = "rejected"
    #: Approved, then taken back.
    UNDONE = "undone"
    #: Lost its ground before anyone decided.
    DROPPED = "dropped"


#: Every allowed change of state.
STATES: Mapping[ProposalState, frozenset[ProposalState]] = {
    ProposalState.PENDING: frozenset({ProposalState.APPROVED, ProposalState.REJECTED, ProposalState.DROPPED}),
    ProposalState.APPROVED: frozenset({ProposalState.UNDONE}),
    ProposalState.REJECTED: frozenset(),
    ProposalState.UNDONE: frozenset(),
    ProposalState.DROPPED: frozenset(),
}


class Origin(StrEnum):
    """What made somebody, or the bot, propose it."""

    RESOLUTION = "resolution"
    CORRECTION = "correction"
    VOTES = "votes"
    #: A click on one of the nearest questions.
    CLICK = "click"
    ADD_COMMAND = "add_command"
    #: A thumbs-down without a correction: somebody should write an answer.
    THUMBS_DOWN = "thumbs_down"


@dataclass(frozen=True)
class ProposalDraft:
    """What would be said: the content that a reviewer reads, edits and approves."""

    question: str
    #: Markdown; empty while it needs an answer.
    answer: str
    phrasings: tuple[str, ...] = ()
    audience: Audience = EVERYONE


@dataclass(frozen=True)
class Source:
    """One thing that speaks for a proposal."""

    origin: Origin
    #: Whose words or whose vote it is.
    person: PersonId
    place: Place
    #: Who can read along at that place.
    privacy: Privacy = Privacy.OPEN
    conversation: ConversationId | None = None
    decision: DecisionId | None = None
    handoff: HandoffId | None = None

    @property
    def key(self) -> str:
        """The same for the same source, so that it counts once."""
        named = (self.origin, self.person, self.place.channel, self.place.thread)
        about = (self.conversation, self.decision, self.handoff)
        return hashlib.sha256(canonical([*named, *about])).hexdigest()


@dataclass(frozen=True)
class Target:
    """A version of an entry."""

    entry: EntryId
    version: int


@dataclass(frozen=True)
class Proposal:
    """A change that waits for a person, or waited."""

    workspace: WorkspaceId
    id: ProposalId
    kind: ProposalKind
    state: ProposalState
    #: What the first source was.
    origin: Origin
    draft: ProposalDraft
    #: The version it was made against; None for a new entry.
    target: Target | None
    #: Oldest first.
    sources: tuple[Source, ...]
    #: Where the draft's text comes from; decides where the card may stand.
    privacy: Privacy
    #: Whether an answer has to be written before it can be approved.
    needs_answer: bool
    #: Who edited the draft last, if anyone did.
    edited_by: PersonId | None
    decided_by: PersonId | None
    decided_at: datetime | None
    #: Why it was rejected or dropped.
    reason: str | None
    #: The version that the approval made.
    applied: Target | None
    #: The entry's version before the approval; 0 where there was none.
    previous_version: int | None
    #: Counts from 1; each change adds one. Names the change in the keys of effects.
    revision: int
    created_at: datetime

    @property
    def count(self) -> int:
        """How many sources speak for it."""
        return len(self.sources)

    @property
    def conversations(self) -> int:
        """In how many conversations it came up; two people who say the same in one count once."""
        return len({source.conversation or source.place for source in self.sources})

    @property
    def pending(self) -> bool:
        """Whether it still waits."""
        return self.state is ProposalState.PENDING

    @property
    def private(self) -> bool:
        """Whether its text comes from where not everyone can read."""
        return self.privacy is not Privacy.OPEN

    @property
    def people(self) -> frozenset[PersonId]:
        """Whose words it is made of: the sources' people and who edited it."""
        edited = () if self.edited_by is None else (self.edited_by,)
        return frozenset((*(source.person for source in self.sources), *edited))

    def contact_details(self, allowed: Allowed | None = None) -> Mapping[str, tuple[Detail, ...]]:
        """What a reviewer should look at twice, by part: `question`, `answer`, `phrasings`; empty parts left out.

        Args:
            allowed: what may stand as it is, and is not mentioned.
        """
        parts = {
            "question": self.draft.question,
            "answer": self.draft.answer,
            "phrasings": "\n".join(self.draft.phrasings),
        }
        found = {part: contact_details(text, allowed=allowed) for part, text in parts.items()}
        return {part: details for part, details in found.items() if details}


def shown_hash(proposal: Proposal) -> str:
    """sha256 over what a reviewer decides on: kind, target, every text, audience and privacy.

    The number of sources is left out: one more person who says the same does not make a card stale.
    """
    shown = {
        "id": proposal.id,
        "kind": proposal.kind,
        "target": None if proposal.target is None else [proposal.target.entry, proposal.target.version],
        "question": proposal.draft.question,
        "phrasings": list(proposal.draft.phrasings),
        "answer": proposal.draft.answer,
        "audience": sorted(proposal.draft.audience.refs),
        "privacy": proposal.privacy,
        "needs_answer": proposal.needs_answer,
    }
    return hashlib.sha256(canonical(shown)).hexdigest()


def shown_prefix(proposal: Proposal) -> str:
    """The part of the shown hash that a button carries."""
    return shown_hash(proposal)[:SHOWN_PREFIX]


def is_shown(proposal: Proposal, shown: str) -> bool:
    """Whether a hash, or a prefix of at least `SHOWN_PREFIX` characters, is that of the proposal as it is now."""
    return len(shown) >= SHOWN_PREFIX and shown_hash(proposal).startswith(shown)
