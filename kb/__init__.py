"""The knowledge base: what is known and how it is found. Knows nothing of Slack, learning or language models.

`KnowledgeBase` is the way in. Importing this package loads no model and opens nothing. The LangChain retriever stands
in `kb.retriever`, which is imported by name because it brings LangChain along.
"""

from kb.clock import Clock, utc_now
from kb.confidence import Coefficients, coefficients_from, shipped
from kb.database import Base, Sessions, make_sessions, open_engine
from kb.embedding import Embedder, open_embedder
from kb.entries import (
    EVERYONE,
    Audience,
    Draft,
    Entry,
    EntryKind,
    EntryStatus,
    Evidence,
    Hit,
    Provenance,
)
from kb.errors import (
    EmptyQuestion,
    IndexLocked,
    IndexUnavailable,
    InvalidDraft,
    KnowledgeError,
    ModelMissing,
    StaleVersion,
    UnknownEntry,
    UnreadableSource,
)
from kb.ids import EntryId, IdSource, WorkspaceId, new_ulid
from kb.indexing import Progress
from kb.knowledge import KnowledgeBase
from kb.reconcile import RebuildReport, VerifyReport
from kb.vector_index import EmbeddedIndex, ServerIndex, VectorIndex, open_index

__all__ = [
    "EVERYONE",
    "Audience",
    "Base",
    "Clock",
    "Coefficients",
    "Draft",
    "EmbeddedIndex",
    "Embedder",
    "EmptyQuestion",
    "Entry",
    "EntryId",
    "EntryKind",
    "EntryStatus",
    "Evidence",
    "Hit",
    "IdSource",
    "IndexLocked",
    "IndexUnavailable",
    "InvalidDraft",
    "KnowledgeBase",
    "KnowledgeError",
    "ModelMissing",
    "Progress",
    "Provenance",
    "RebuildReport",
    "ServerIndex",
    "Sessions",
    "StaleVersion",
    "UnknownEntry",
    "UnreadableSource",
    "VectorIndex",
    "VerifyReport",
    "WorkspaceId",
    "coefficients_from",
    "make_sessions",
    "new_ulid",
    "open_embedder",
    "open_engine",
    "open_index",
    "shipped",
    "utc_now",
]
