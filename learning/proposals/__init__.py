"""Proposals: changes that wait for a person.

Always: nothing reaches the knowledge base but through one of these and a review; the same meaning waits once, with all
its sources; what is near to something known says which and how.
"""

from learning.proposals.classification import (
    Classified,
    Nearness,
    Similarity,
    classify,
    nearest_pending,
    prepare,
    replacing,
)
from learning.proposals.reading import (
    QueueCounts,
    approved_phrasings,
    counts,
    needing_answer,
    of_decision,
    one,
    waiting,
    waiting_others,
    waiting_phrasings,
)
from learning.proposals.store import Outcome, Proposed, drop, propose, retype
from learning.proposals.values import (
    SHOWN_PREFIX,
    STATES,
    Origin,
    Proposal,
    ProposalDraft,
    ProposalKind,
    ProposalState,
    Source,
    Target,
    is_shown,
    shown_hash,
    shown_prefix,
)

__all__ = [
    "SHOWN_PREFIX",
    "STATES",
    "Classified",
    "Nearness",
    "Origin",
    "Outcome",
    "Proposal",
    "ProposalDraft",
    "ProposalKind",
    "ProposalState",
    "Proposed",
    "QueueCounts",
    "Similarity",
    "Source",
    "Target",
    "approved_phrasings",
    "classify",
    "counts",
    "drop",
    "is_shown",
    "nearest_pending",
    "needing_answer",
    "of_decision",
    "one",
    "prepare",
    "propose",
    "replacing",
    "retype",
    "shown_hash",
    "shown_prefix",
    "waiting",
    "waiting_others",
    "waiting_phrasings",
]
