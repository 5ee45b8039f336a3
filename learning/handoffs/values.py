"""What a handoff is, the states it can be in, and the one table of moves between them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from kb.ids import WorkspaceId
from learning.conversations import Place
from learning.ids import ConversationId, HandoffId, PersonId


class HandoffState(StrEnum):
    """Where a handoff stands."""

    #: Waits for a person.
    OPEN = "open"
    #: A person has it; the bot is quiet.
    CLAIMED = "claimed"
    RESOLVED = "resolved"
    CANCELLED = "cancelled"


class HandoffReason(StrEnum):
    """Why people were brought in."""

    #: The asker wrote that they want a person.
    ASKED = "asked"
    BUTTON = "button"
    THUMBS_DOWN = "thumbs_down"
    ABSTAINED_TWICE = "abstained_twice"


class Consent(StrEnum):
    """Whether the asker lets the bot pass on what was said earlier."""

    NOT_ASKED = "not_asked"
    ASKED = "asked"
    GIVEN = "given"
    REFUSED = "refused"


class Move(StrEnum):
    """What can be done with a handoff."""

    CLAIM = "claim"
    RELEASE = "release"
    REASSIGN = "reassign"
    RESOLVE = "resolve"
    CANCEL = "cancel"
    REOPEN = "reopen"


#: Every allowed move: from which states, to which.
MOVES: Mapping[Move, tuple[frozenset[HandoffState], HandoffState]] = {
    Move.CLAIM: (frozenset({HandoffState.OPEN}), HandoffState.CLAIMED),
    Move.RELEASE: (frozenset({HandoffState.CLAIMED}), HandoffState.OPEN),
    Move.REASSIGN: (frozenset({HandoffState.CLAIMED}), HandoffState.CLAIMED),
    Move.RESOLVE: (frozenset({HandoffState.CLAIMED}), HandoffState.RESOLVED),
    Move.CANCEL: (frozenset({HandoffState.OPEN, HandoffState.CLAIMED}), HandoffState.CANCELLED),
    Move.REOPEN: (frozenset({HandoffState.RESOLVED}), HandoffState.OPEN),
}

#: The states in which people still owe an answer.
LIVE = frozenset({HandoffState.OPEN, HandoffState.CLAIMED})


@dataclass(frozen=True)
class Resolution:
    """How people settled a handoff; the answer's text is read with `resolution_text`."""

    id: str
    by: PersonId
    at: datetime
    #: Whether it may become a proposal.
    learn: bool
    #: The resolution of another handoff whose answer settled this one too; None where it was settled by itself.
    along: str | None = None


@dataclass(frozen=True)
class Handoff:
    """A conversation given to people."""

    workspace: WorkspaceId
    id: HandoffId
    conversation: ConversationId
    asker: PersonId
    #: Channel and ts of the message that could not be answered.
    question: tuple[str, str]
    reason: HandoffReason
    state: HandoffState
    claimed_by: PersonId | None
    claimed_at: datetime | None
    #: The staff room: the thread under the card; None until the card is posted.
    room: Place | None
    #: Whether staff cannot see the asker's thread, so that the bot carries words both ways.
    relay: bool
    consent: Consent
    #: When Resolve was offered; offered once.
    offered_resolve_at: datetime | None
    resolution: Resolution | None
    #: What the asker said; None while they have not.
    solved: bool | None
    #: Counts from 1; each change adds one. Names the change in the keys of effects.
    revision: int
    #: When it was opened, or opened again last.
    opened_at: datetime
    #: The move that led to the present state (`open` at first), and who made it.
    last_move: str
    moved_by: PersonId

    @property
    def live(self) -> bool:
        """Whether people still owe an answer."""
        return self.state in LIVE


@dataclass(frozen=True)
class Opened:
    """The outcome of opening."""

    handoff: Handoff
    #: False where there was a live one already.
    created: bool
