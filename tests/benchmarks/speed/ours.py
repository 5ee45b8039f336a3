"""The knowledge base on a folder, as the bot opens it: SQLite, embedded Chroma, the packaged model on ONNX Runtime."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import kb
from kb.embedding import Embedder, Weights

WORKSPACE = kb.WorkspaceId("T0SPEED")


@dataclass(frozen=True)
class Model:
    """The packaged model as it is measured."""

    #: Where its exports are kept.
    cache: Path
    threads: int
    weights: Weights

    def opened(self) -> Embedder:
        """Ready to embed."""
        return kb.open_embedder(cache=self.cache, threads=self.threads, weights=self.weights)

    def full(self) -> Embedder:
        """The same with full weights."""
        return kb.open_embedder(cache=self.cache, threads=self.threads)


@dataclass(frozen=True)
class Ours:
    """An open knowledge base and its parts."""

    base: kb.KnowledgeBase
    sessions: kb.Sessions
    index: kb.VectorIndex
    embedder: Embedder

    def add(self, drafts: Sequence[kb.Draft]) -> None:
        """Publish entries and carry them to the index."""
        with self.sessions.begin() as session:
            for draft in drafts:
                self.base.publish(session, WORKSPACE, draft, by="measure")
        self.base.apply_pending(WORKSPACE)


@contextmanager
def opened(folder: Path, embedder: Embedder) -> Iterator[Ours]:
    """The knowledge base in a folder, which is made where it is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    engine = kb.open_engine(f"sqlite:///{folder / 'knowledge.db'}")
    kb.Base.metadata.create_all(engine)
    sessions = kb.make_sessions(engine)
    index = kb.open_index(folder / "index")
    try:
        base = kb.KnowledgeBase(sessions=sessions, index=index, embedder=embedder, clock=kb.utc_now, ids=kb.new_ulid)
        yield Ours(base, sessions, index, embedder)
    finally:
        index.close()
        engine.dispose()


def kept(folder: Path, embedder: Embedder, drafts: Sequence[kb.Draft]) -> None:
    """Fill a folder with entries; one that an earlier run filled, wholly or in part, is gone on with."""
    with opened(folder, embedder) as ours:
        with ours.sessions() as session:
            there = ours.base.version(session, WORKSPACE)
        for start in range(there, len(drafts), 5_000):
            with ours.sessions.begin() as session:
                for draft in drafts[start : start + 5_000]:
                    ours.base.publish(session, WORKSPACE, draft, by="measure")
            ours.base.apply_pending(WORKSPACE)
        ours.base.apply_pending(WORKSPACE)
