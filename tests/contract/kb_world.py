"""A small knowledge base on real parts, for the suites of `kb`: one workspace of its own for each test."""

import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import kb
from kb import collections
from kb.embedding import Embedder
from kb.vector_index import VectorIndex

#: A little of what a help desk knows: enough that answers compete.
FAQ = {
    "How do I reset my password?": "Open **Settings > Security** and choose *Reset password*.",
    "How long does shipping take?": "Three to five working days.",
    "Can I get a refund?": "Yes, within 30 days of the purchase.",
    "Do you ship to Switzerland?": "Yes; customs are paid by us.",
    "Where do I find my invoice?": "Under **Account > Invoices**, as PDF.",
    "How do I change the delivery address?": "Until it is packed, under **Orders > Change address**.",
}


@contextmanager
def chroma_server(folder: Path, port: int | None = None) -> Iterator[str]:
    """The URL of a Chroma server over `folder`, on a port of its own where none is given."""
    if port is None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = int(free.getsockname()[1])
    chroma = Path(sys.executable).parent / "chroma"
    command = [str(chroma), "run", "--path", str(folder), "--host", "127.0.0.1", "--port", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_for(url, server)
        yield url
    finally:
        server.kill()
        server.wait()


class CountingEmbedder:
    """The real embedder, and every text that it was given; `turned` makes another model of it."""

    def __init__(self, inner: Embedder, *, turned: bool = False) -> None:
        self.model = f"turned-{inner.model}" if turned else inner.model
        self.dimension = inner.dimension
        self.texts: list[str] = []
        self._inner = inner
        # Reversing every vector keeps all cosines, so that another model finds the same.
        self._step = -1 if turned else 1

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.texts += texts
        return np.ascontiguousarray(self._inner.embed(texts)[:, :: self._step])


class Killed(BaseException):
    """Stands for kill -9: nothing catches it on the way."""


class DyingIndex:
    """The real index, until a given number of calls have been made; the last one may have had its effect or not."""

    def __init__(self, inner: VectorIndex, calls: int, *, after: bool) -> None:
        self.exclusive = inner.exclusive
        self.turn = inner.turn
        self._inner = inner
        self._left = calls
        self._after = after

    def __getattr__(self, name: str) -> Any:
        def call(*args: Any) -> Any:
            self._left -= 1
            if self._left == 0 and not self._after:
                raise Killed
            found = getattr(self._inner, name)(*args)
            if self._left == 0:
                raise Killed
            return found

        return call


class World:
    """A knowledge base and a workspace of its own."""

    def __init__(
        self, sessions: kb.Sessions, index: VectorIndex, embedder: Embedder, previous: Embedder | None = None
    ) -> None:
        self.sessions = sessions
        self.index = index
        self.embedder = CountingEmbedder(embedder)
        self.workspace = kb.WorkspaceId(f"T{secrets.token_hex(6)}")
        self.knowledge = self.another()

    def another(
        self,
        *,
        index: VectorIndex | None = None,
        embedder: Embedder | None = None,
        previous: Embedder | None = None,
    ) -> kb.KnowledgeBase:
        """A knowledge base over the same database, as another process would have."""
        return kb.KnowledgeBase(
            sessions=self.sessions,
            index=index or self.index,
            embedder=embedder or self.embedder,
            previous=previous,
            clock=kb.utc_now,
            ids=kb.new_ulid,
        )

    def publish(self, *drafts: kb.Draft, apply: bool = True) -> list[kb.Entry]:
        """Publish drafts in one transaction."""
        with self.sessions.begin() as session:
            made = [self.knowledge.publish(session, self.workspace, each, by="ada") for each in drafts]
        if apply:
            self.knowledge.apply_pending(self.workspace)
        return made

    def learn_faq(self) -> dict[str, kb.Entry]:
        """Publish `FAQ`; the entries by their question."""
        return {entry.question: entry for entry in self.publish(*map(draft, FAQ, FAQ.values()))}

    def search(self, question: str, readers: frozenset[str] = frozenset(), limit: int = 5) -> kb.Evidence:
        """Search the workspace."""
        return self.knowledge.search(self.workspace, question, readers=readers, limit=limit)

    def forget(self) -> None:
        """Remove the workspace's collections; an embedded index keeps files open for each."""
        with self.sessions() as session:
            made = collections.all_of(session, self.workspace)
        for one in made:
            self.index.drop(one.name)

    def pending(self) -> int:
        """Changes that the collection has not followed."""
        return self.knowledge.verify(self.workspace).pending


def draft(
    question: str,
    answer: str = "See the help page.",
    *phrasings: str,
    audience: kb.Audience = kb.EVERYONE,
    kind: kb.EntryKind = kb.EntryKind.ANSWER,
) -> kb.Draft:
    """A draft from a file."""
    return kb.Draft(
        question, answer, kb.Provenance("ingest", source="faq.csv"), phrasings=phrasings, audience=audience, kind=kind
    )


def what_it_says(evidence: kb.Evidence) -> tuple[object, ...]:
    """Everything about evidence but which version and id of the entries it holds, and who made them."""
    hits = [(hit.entry.content, hit.score, hit.matched, dict(hit.features)) for hit in evidence.hits]
    versions = evidence.model, evidence.ranking, evidence.calibration
    return evidence.question, hits, evidence.confidence, dict(evidence.signals), versions


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    index = kb.open_index(url)
    deadline = time.monotonic() + 30
    while True:
        try:
            index.collections()
            return
        except kb.IndexUnavailable:
            assert server.poll() is None, "the Chroma server ended"
            assert time.monotonic() < deadline, "the Chroma server did not come up"
            time.sleep(0.1)
            index = kb.open_index(url)
