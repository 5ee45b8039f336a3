"""The learning library: it records, listens, proposes, reviews and measures for any agent.

It knows no chat service and no web framework: people are opaque ids, places are opaque references. An agent that wants
one object takes `LearningLoop`; one that holds its own transactions calls the functions of the modules, which never
commit. A name is loaded when it is first used, so that whoever wants one quick thing of the library (redaction, at the
command line) does not wait for the database and LangChain.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from learning.callbacks import DecisionRecorder
    from learning.conversations import Place, Privacy
    from learning.encryption import Vault
    from learning.errors import (
        AlreadyDecided,
        LearningError,
        MasterKeyWrong,
        ModelNotThere,
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
    from learning.redaction import Allowed, Redaction, Redactor
    from learning.review import ConflictChoice

__all__ = [
    "Actor",
    "Allowed",
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
    "ModelNotThere",
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
    "Redaction",
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
#: Which names each module gives.
_GIVEN = {
    "callbacks": "DecisionRecorder",
    "conversations": "Place Privacy",
    "encryption": "Vault",
    "errors": "AlreadyDecided LearningError MasterKeyWrong ModelNotThere NotAllowed Stale Tampered Unknown WrongState",
    "feedback": "Rating Reason",
    "loop": "Knowledge LearningLoop",
    "people": "Actor Role",
    "proposals": "Origin Proposal ProposalDraft ProposalKind ProposalState Source Target",
    "recorder": "AnswerDecision DecisionKind EvidenceItem RecordedDecision Versions evidence_items",
    "redaction": "Allowed Redaction Redactor",
    "review": "ConflictChoice",
}
_HOMES = {name: module for module, names in _GIVEN.items() for name in names.split()}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'learning' has no attribute '{name}'")
    return getattr(import_module(f"learning.{_HOMES[name]}"), name)
