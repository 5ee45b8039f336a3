"""The tables of the knowledge base. What is known stands here; the vector index only points at it.

`entries` says which version is current, `entry_versions` holds every version whole and is never updated. Each change
takes the workspace's next number from `kb_versions` and leaves an `index_ops` row under it in the same transaction.
`vector_collections` says up to which of those numbers a collection has followed, `collection_points` what is in it.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKeyConstraint, Index, Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kb.database import Base, Ref, Ulid, UtcDateTime, Workspace

#: A sha256 in hexadecimal.
_Digest = String(64)
#: Identity of an embedding model: its name and the beginning of its weights' hash.
_Model = String(200)
#: Name of a collection in the vector index.
_Collection = String(200)


class KbVersionRow(Base):
    """How many changes the knowledge base of a workspace has seen; its row lock puts changes in one order."""

    __tablename__ = "kb_versions"

    workspace: Mapped[str] = mapped_column(Workspace, primary_key=True)
    version: Mapped[int] = mapped_column(Integer)


class EntryRow(Base):
    """The current version of an entry, with what lists and searches filter by."""

    __tablename__ = "entries"
    __table_args__ = (
        Index(None, "workspace", "changed_in"),
        Index(None, "workspace", "source_hash"),
    )

    workspace: Mapped[str] = mapped_column(Workspace, primary_key=True)
    id: Mapped[str] = mapped_column(Ulid, primary_key=True)
    version: Mapped[int] = mapped_column(Integer)
    status: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(16))
    #: References of the audience; an empty list means everyone.
    audience: Mapped[list[str]] = mapped_column(JSON)
    #: sha256 of the source's path or URL, which may be longer than an index allows; None without a source.
    source_hash: Mapped[str | None] = mapped_column(_Digest)
    #: The knowledge base's version that this version of the entry made.
    changed_in: Mapped[int] = mapped_column(Integer)


class EntryVersionRow(Base):
    """One version of an entry, whole; rows are only ever added."""

    __tablename__ = "entry_versions"
    __table_args__ = (ForeignKeyConstraint(["workspace", "entry_id"], ["entries.workspace", "entries.id"]),)

    workspace: Mapped[str] = mapped_column(Workspace, primary_key=True)
    entry_id: Mapped[str] = mapped_column(Ulid, primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    status: Mapped[str] = mapped_column(String(16))
    #: Question, phrasings, answer, kind, audience, review date and provenance: see `kb.snapshots`.
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_by: Mapped[str] = mapped_column(Ref)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class IndexOpRow(Base):
    """A change that every collection of the workspace has to follow."""

    __tablename__ = "index_ops"

    workspace: Mapped[str] = mapped_column(Workspace, primary_key=True)
    #: The knowledge base's version that the change made; counts without gaps.
    seq: Mapped[int] = mapped_column(Integer, primary_key=True)
    entry_id: Mapped[str] = mapped_column(Ulid)
    version: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class VectorRow(Base):
    """The vector of a text under a model, so that no text is embedded twice and a rebuild embeds nothing."""

    __tablename__ = "vectors"

    workspace: Mapped[str] = mapped_column(Workspace, primary_key=True)
    model: Mapped[str] = mapped_column(_Model, primary_key=True)
    text_hash: Mapped[str] = mapped_column(_Digest, primary_key=True)
    dimension: Mapped[int] = mapped_column(Integer)
    #: `dimension` little-endian 32-bit floats of unit length.
    vector: Mapped[bytes] = mapped_column(LargeBinary)


class CollectionRow(Base):
    """A collection of the vector index and how far it has followed the changes."""

    __tablename__ = "vector_collections"
    __table_args__ = (UniqueConstraint("workspace", "model", "generation"),)

    workspace: Mapped[str] = mapped_column(Workspace, primary_key=True)
    name: Mapped[str] = mapped_column(_Collection, primary_key=True)
    model: Mapped[str] = mapped_column(_Model)
    dimension: Mapped[int] = mapped_column(Integer)
    #: A rebuild makes the next generation beside the serving one.
    generation: Mapped[int] = mapped_column(Integer)
    #: Every change up to this number is in the collection.
    applied_seq: Mapped[int] = mapped_column(Integer)
    #: When it first held everything; None while it is being built.
    ready_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: Who is writing to it now, and until when that claim holds.
    claimed_by: Mapped[str | None] = mapped_column(Ulid)
    claimed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PointRow(Base):
    """A point that is, or is about to be, in a collection; written before the index is."""

    __tablename__ = "collection_points"
    __table_args__ = (Index(None, "workspace", "collection", "entry_id"),)

    workspace: Mapped[str] = mapped_column(Workspace, primary_key=True)
    collection: Mapped[str] = mapped_column(_Collection, primary_key=True)
    #: `{entry id}:{role}:{first 16 hexadecimal digits of the text's hash}`
    point: Mapped[str] = mapped_column(String(64), primary_key=True)
    entry_id: Mapped[str] = mapped_column(Ulid)
    text_hash: Mapped[str] = mapped_column(_Digest)


class WhiteningRow(Base):
    """A linear map learned from a workspace's wordings; part of the ranking's version."""

    __tablename__ = "whitenings"

    workspace: Mapped[str] = mapped_column(Workspace, primary_key=True)
    version: Mapped[str] = mapped_column(String(32), primary_key=True)
    model: Mapped[str] = mapped_column(_Model)
    dimension: Mapped[int] = mapped_column(Integer)
    #: `dimension` times `dimension` little-endian 32-bit floats, row by row.
    matrix: Mapped[bytes] = mapped_column(LargeBinary)


class CalibrationRow(Base):
    """How a workspace ranks and how sure it is, from a moment on; rows are only ever added."""

    __tablename__ = "calibrations"

    workspace: Mapped[str] = mapped_column(Workspace, primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    #: The coefficients: see `kb.confidence.coefficients_to`.
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    #: The map that goes with them; None while every direction counts the same.
    whitening: Mapped[str | None] = mapped_column(String(32))
    #: How many labels they were fitted to.
    labels: Mapped[int] = mapped_column(Integer)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


__all__ = [
    "CalibrationRow",
    "CollectionRow",
    "EntryRow",
    "EntryVersionRow",
    "IndexOpRow",
    "KbVersionRow",
    "PointRow",
    "VectorRow",
    "WhiteningRow",
]
