"""Candidates: entries made ready to be compared with questions, and a bounded memory of them.

A version of an entry never changes, so what was made ready for it may be kept; whether it may be *used* is asked of SQL
at every search.
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock

import numpy as np
from sqlalchemy.orm import Session

from kb import changes, vectors
from kb.entries import Entry, EntryKind
from kb.ids import EntryId, WorkspaceId
from kb.keywords import Words, words_of
from kb.points import PointRole, texts_of
from kb.text import normalise
from kb.vectors import Vector
from kb.whitening import Whitening

#: How many candidates are kept; at about 10 kB each.
_MOST = 8_192


@dataclass(frozen=True)
class Candidate:
    """One version of an entry, ready for comparison."""

    entry: Entry
    #: The ids of its points; a point of the index that is not among them is a leftover of another version.
    points: frozenset[str]
    #: The wordings (of a passage: heading and sentences).
    texts: tuple[str, ...]
    #: What a question is compared with, one vector per row: first the middle of the wordings at unit length, then the
    #: answer (of a passage both are its whole text), then `texts`.
    block: Vector
    #: The middle of the wordings (of a passage: its whole text) as it is.
    middle: Vector
    words: Words
    #: The wordings in the form in which two count as the same.
    exact: frozenset[str]
    #: The middle under the map that was used last, by its version; worked out once.
    _mapped: dict[str, Vector] = field(default_factory=dict, compare=False, repr=False)

    def mapped(self, whitening: Whitening) -> Vector:
        """The middle of the wordings under a map, (dimension,)."""
        found = self._mapped.get(whitening.version)
        if found is None:
            found = whitening.apply(self.middle)
            self._mapped.clear()
            self._mapped[whitening.version] = found
        return found

    @property
    def is_passage(self) -> bool:
        """Whether it is a passage of a document."""
        return self.entry.content.kind is EntryKind.PASSAGE


def candidate_of(entry: Entry, known: Mapping[str, Vector]) -> Candidate | None:
    """Make an entry ready; None while the index has not followed it, so that its texts have no vectors yet.

    Args:
        known: vectors by the hash of their text.
    """
    texts = texts_of(entry)
    if not all(each.text_hash in known for each in texts):
        return None
    near = [each for each in texts if each.role is not PointRole.ANSWER]
    body = next(each for each in texts if each.role is PointRole.ANSWER)
    near_vectors = np.stack([known[each.text_hash] for each in near])
    answer = known[body.text_hash]
    passage = entry.content.kind is EntryKind.PASSAGE
    middle = answer if passage else near_vectors.mean(axis=0)
    return Candidate(
        entry=entry,
        points=frozenset(each.id for each in texts),
        texts=tuple(each.text for each in near),
        block=np.vstack([middle / max(float(np.linalg.norm(middle)), 1e-12), answer, near_vectors]),
        middle=middle,
        words=words_of(entry),
        exact=frozenset() if passage else frozenset(map(normalise, entry.wordings)),
    )


class CandidateMemory:
    """Remembers the candidates used last; safe for several threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: OrderedDict[tuple[str, str, str, int], Candidate] = OrderedDict()

    def load(
        self, session: Session, workspace: WorkspaceId, model: str, versions: Mapping[EntryId, int]
    ) -> dict[EntryId, Candidate]:
        """The candidates for the given versions; those whose texts have no vectors yet are left out."""
        found: dict[EntryId, Candidate] = {}
        with self._lock:
            for entry, version in versions.items():
                key = (workspace, model, entry, version)
                if key in self._kept:
                    self._kept.move_to_end(key)
                    found[entry] = self._kept[key]
        missing = {entry: version for entry, version in versions.items() if entry not in found}
        if missing:
            fresh = _read(session, workspace, model, missing)
            found |= fresh
            self._keep(workspace, model, fresh)
        return found

    def _keep(self, workspace: WorkspaceId, model: str, fresh: Mapping[EntryId, Candidate]) -> None:
        with self._lock:
            for entry, candidate in fresh.items():
                self._kept[(workspace, model, entry, candidate.entry.version)] = candidate
            while len(self._kept) > _MOST:
                self._kept.popitem(last=False)


def _read(
    session: Session, workspace: WorkspaceId, model: str, versions: Mapping[EntryId, int]
) -> dict[EntryId, Candidate]:
    entries = changes.some(session, workspace, versions.items())
    hashes = [point.text_hash for entry in entries.values() for point in texts_of(entry)]
    known = vectors.known(session, workspace, model, hashes)
    ready = {entry.id: candidate_of(entry, known) for entry in entries.values()}
    return {entry: candidate for entry, candidate in ready.items() if candidate is not None}
