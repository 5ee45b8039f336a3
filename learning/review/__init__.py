"""Reviews: what people decide on proposals, and on entries in use.

Always: authority is the actor's roles as looked up for this act; nothing is changed without a review and an audit
record in the same transaction; nothing here commits.
"""

from learning.review.changes import KnowledgeChanges
from learning.review.decisions import ConflictChoice, approve, edit, reject, undo
from learning.review.entries import stop_entry, undo_stop
from learning.review.record import Review, ReviewAction, of_proposal, one, standing_stop, undo_of

__all__ = [
    "ConflictChoice",
    "KnowledgeChanges",
    "Review",
    "ReviewAction",
    "approve",
    "edit",
    "of_proposal",
    "one",
    "reject",
    "standing_stop",
    "stop_entry",
    "undo",
    "undo_of",
    "undo_stop",
]
