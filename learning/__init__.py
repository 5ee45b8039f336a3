"""The learning library: it records, listens, proposes, reviews and measures for any agent.

It knows no chat service and no web framework: people are opaque ids, places are opaque references. An agent that wants
one object takes `LearningLoop`; one that holds its own transactions calls the functions of the modules, which never
commit.
"""

from learning.callbacks import DecisionRecorder
from learning.conversations import Place, Privacy
from learning.encryption import Vault
from learning.errors import (
    AlreadyDecided,
    LearningError,
    MasterKeyWrong,
    NotAllowed,
    Stale,
    Tampered,
    Unknown,
    WrongState,
)
from learning.feedback import Rating, Reason
from learning.loop import Knowledge, LearningLoop
from learning.people import Actor, Role
from learning.proposals import Origin, Proposal, ProposalDraft, ProposalKind, ProposalState, Source, Target
from learning.recorder import AnswerDecision, DecisionKind, EvidenceItem, RecordedDecision, Versions, evidence_items
from learning.redaction import Redactor
from learning.review import ConflictChoice

__all__ = [
    "Actor",
    "AlreadyDecided",
    "AnswerDecision",
    "ConflictChoice",
    "DecisionKind",
    "DecisionRecorder",
    "EvidenceItem",
    "Knowledge",
    "LearningError",
    "LearningLoop",
    "MasterKeyWrong",
    "NotAllowed",
    "Origin",
    "Place",
    "Privacy",
    "Proposal",
    "ProposalDraft",
    "ProposalKind",
    "ProposalState",
    "Rating",
    "Reason",
    "RecordedDecision",
    "Redactor",
    "Role",
    "Source",
    "Stale",
    "Tampered",
    "Target",
    "Unknown",
    "Vault",
    "Versions",
    "WrongState",
    "evidence_items",
]
