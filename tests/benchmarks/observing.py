"""Asking a scene's questions through the public face, and keeping what was measured about every candidate."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import kb
from kb.confidence import Coefficients
from kb.embedding import Embedder
from kb.ranking import COLUMNS, Numbers
from tests.benchmarks.scenes import Asked, Scene

WORKSPACE = kb.WorkspaceId("T0MEASURE")


@dataclass(frozen=True)
class Observed:
    """What one search measured."""

    asked: Asked
    #: The candidates' features (n, columns), in the order in which they were ranked; may have no rows.
    features: Numbers
    is_passage: NDArray[np.bool_]
    #: The candidates' keys in the scene, in the same order.
    keys: tuple[str, ...]
    #: The row of the right entry; None where it is not among the candidates or nothing is right.
    right: int | None
    #: The confidence that the search gave.
    confidence: float
    #: The share of the scene's questions that nothing known answers.
    novelty: float


class Remembering:
    """An embedder that embeds each text once, for scenes that share texts."""

    def __init__(self, inner: Embedder) -> None:
        self.model = inner.model
        self.dimension = inner.dimension
        self._inner = inner
        self._kept: dict[str, NDArray[np.float32]] = {}

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The vectors of `texts`."""
        missing = list(dict.fromkeys(text for text in texts if text not in self._kept))
        if missing:
            self._kept.update(zip(missing, self._inner.embed(missing), strict=True))
        return np.stack([self._kept[text] for text in texts])


def observe(scene: Scene, embedder: Embedder, coefficients: Coefficients, *, whitened: bool = False) -> list[Observed]:
    """Build the scene's knowledge base in a temporary folder and ask its questions.

    Args:
        whitened: search under the map that the scene's own wordings speak for.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        engine = kb.open_engine(f"sqlite:///{folder / 'measure.db'}")
        kb.Base.metadata.create_all(engine)
        sessions = kb.make_sessions(engine)
        index = kb.open_index(folder / "index")
        base = kb.KnowledgeBase(
            sessions=sessions,
            index=index,
            embedder=embedder,
            clock=kb.utc_now,
            ids=kb.new_ulid,
            coefficients=lambda: coefficients,
        )
        with sessions.begin() as session:
            keys = {
                base.publish(session, WORKSPACE, draft, by="measure").id: key for key, draft in scene.entries.items()
            }
        base.apply_pending(WORKSPACE)
        if whitened:
            whitening = base.learned_whitening(WORKSPACE)
            with sessions.begin() as session:
                base.calibrate(session, WORKSPACE, coefficients, whitening, labels=0)
        embedder.embed([asked.text for asked in scene.questions])
        novelty = sum(asked.right is None for asked in scene.questions) / max(len(scene.questions), 1)
        found = [_ask(base, asked, keys, novelty) for asked in scene.questions]
        index.close()
        engine.dispose()
    return found


def _ask(base: kb.KnowledgeBase, asked: Asked, keys: dict[kb.EntryId, str], novelty: float) -> Observed:
    evidence = base.search(WORKSPACE, asked.text, limit=1_000)
    rows = [[hit.features[name] for name in COLUMNS] for hit in evidence.hits]
    right = [row for row, hit in enumerate(evidence.hits) if keys[hit.entry.id] == asked.right]
    return Observed(
        asked,
        np.array(rows).reshape(len(rows), len(COLUMNS)),
        np.array([hit.entry.content.kind is kb.EntryKind.PASSAGE for hit in evidence.hits], dtype=bool),
        tuple(keys[hit.entry.id] for hit in evidence.hits),
        right[0] if right else None,
        evidence.confidence,
        novelty,
    )
