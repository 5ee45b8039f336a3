"""The flight recorder: one redacted, versioned record for every decision of an agent, written once.

What was written is encrypted under the key of who asked; what is counted stands in plain columns. Records are
append-only at the database, and a chain over them (`seal`, `verify`) shows what was changed, removed or reordered.
"""

from learning.recorder.safely import record_safely
from learning.recorder.seals import BATCH, Damage, Fault, Head, Verified, head, seal, verify
from learning.recorder.store import (
    decisions_using,
    for_post,
    for_question,
    in_conversation,
    known,
    newest,
    one,
    plain,
    posted,
    posts_of,
    record,
    under,
    workspaces,
)
from learning.recorder.values import (
    ANSWERS,
    SCHEMA_VERSION,
    AnswerDecision,
    DecisionKind,
    EvidenceItem,
    ModelUse,
    Post,
    RecordedDecision,
    Tool,
    ToolCall,
    Turn,
    Versions,
    evidence_items,
)

__all__ = [
    "ANSWERS",
    "BATCH",
    "SCHEMA_VERSION",
    "AnswerDecision",
    "Damage",
    "DecisionKind",
    "EvidenceItem",
    "Fault",
    "Head",
    "ModelUse",
    "Post",
    "RecordedDecision",
    "Tool",
    "ToolCall",
    "Turn",
    "Verified",
    "Versions",
    "decisions_using",
    "evidence_items",
    "for_post",
    "for_question",
    "head",
    "in_conversation",
    "known",
    "newest",
    "one",
    "plain",
    "posted",
    "posts_of",
    "record",
    "record_safely",
    "seal",
    "under",
    "verify",
    "workspaces",
]
