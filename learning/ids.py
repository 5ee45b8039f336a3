"""The typed ids of what `learning` owns; all are ULIDs made by the injected id source."""

from typing import NewType

from kb.ids import EntryId, IdSource, WorkspaceId, new_ulid

PersonId = NewType("PersonId", str)
ConversationId = NewType("ConversationId", str)
MessageId = NewType("MessageId", str)
DecisionId = NewType("DecisionId", str)
FeedbackId = NewType("FeedbackId", str)
HandoffId = NewType("HandoffId", str)
ProposalId = NewType("ProposalId", str)
ReviewId = NewType("ReviewId", str)
SignalId = NewType("SignalId", str)
SpotCheckId = NewType("SpotCheckId", str)

__all__ = [
    "ConversationId",
    "DecisionId",
    "EntryId",
    "FeedbackId",
    "HandoffId",
    "IdSource",
    "MessageId",
    "PersonId",
    "ProposalId",
    "ReviewId",
    "SignalId",
    "SpotCheckId",
    "WorkspaceId",
    "new_ulid",
]
