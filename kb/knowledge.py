"""The knowledge base: one object that changes, indexes and finds what is known.

Changes take the caller's session and never commit. Indexing and searching open short transactions of their own, and
nothing is embedded inside one.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from kb import calibrations, changes, collections, vectors
from kb.calibrations import Calibration
from kb.clock import Clock
from kb.confidence import Coefficients, shipped
from kb.database import Sessions, reading
from kb.embedding import Embedder
from kb.entries import Draft, Entry, EntryKind, EntryStatus, Evidence
from kb.ids import EntryId, IdSource, WorkspaceId
from kb.indexing import Indexer, Progress, collection_for
from kb.reconcile import RebuildReport, VerifyReport, rebuild, verify
from kb.search import Search
from kb.text import text_hash
from kb.vector_index import VectorIndex
from kb.whitening import Whitening, learn

#: From how many entries with several wordings at most the map is learned, the newest ones.
_WHITENED = 5_000
#: How many entries are read ahead unless said otherwise: what fits into memory beside everything else.
WARMED = 100_000


class KnowledgeBase:
    """What every workspace knows, over one database and one vector index."""

    def __init__(
        self,
        *,
        sessions: Sessions,
        index: VectorIndex,
        embedder: Embedder,
        clock: Clock,
        ids: IdSource,
        previous: Embedder | None = None,
        coefficients: Callable[[], Coefficients] = shipped,
    ) -> None:
        """Put the parts together; nothing is read or opened yet.

        Args:
            previous: the embedder in use before; it answers for a workspace until the new one's collection is complete.
            coefficients: how to rank and how sure to be.
        """
        self._sessions = sessions
        self._index = index
        self._embedder = embedder
        self._previous = previous
        self._clock = clock
        self._ids = ids
        self._indexer = Indexer(sessions, index, clock, ids)
        self._shipped = coefficients()
        self._search = Search(sessions, index, self._shipped)

    def publish(self, session: Session, workspace: WorkspaceId, draft: Draft, *, by: str) -> Entry:
        """Make a new entry, live at once.

        Args:
            by: the actor, an opaque id.

        Raises:
            InvalidDraft: the question or the answer holds no words.
        """
        return changes.publish(session, workspace, EntryId(self._ids()), draft, by=by, now=self._clock())

    def revise(
        self,
        session: Session,
        workspace: WorkspaceId,
        entry_id: EntryId,
        draft: Draft,
        *,
        by: str,
        expected_version: int | None = None,
        status: EntryStatus | None = None,
    ) -> Entry:
        """Write an entry's next version.

        Args:
            expected_version: the version that the decision rests on; None where it rests on none.
            status: None keeps the present one.

        Raises:
            UnknownEntry: there is no such entry.
            StaleVersion: the current version is not the expected one.
            InvalidDraft: the question or the answer holds no words.
        """
        return changes.revise(
            session,
            workspace,
            entry_id,
            draft,
            by=by,
            now=self._clock(),
            status=status,
            expected_version=expected_version,
        )

    def stop(
        self,
        session: Session,
        workspace: WorkspaceId,
        entry_id: EntryId,
        *,
        by: str,
        expected_version: int | None = None,
    ) -> Entry:
        """Take an entry out of search at once; `restore` brings it back.

        Raises:
            UnknownEntry: there is no such entry.
            StaleVersion: the current version is not the expected one.
        """
        return self._set(session, workspace, entry_id, EntryStatus.STOPPED, by, expected_version)

    def retire(
        self,
        session: Session,
        workspace: WorkspaceId,
        entry_id: EntryId,
        *,
        by: str,
        expected_version: int | None = None,
    ) -> Entry:
        """Take an entry out of the knowledge base; its versions stay.

        Raises:
            UnknownEntry: there is no such entry.
            StaleVersion: the current version is not the expected one.
        """
        return self._set(session, workspace, entry_id, EntryStatus.RETIRED, by, expected_version)

    def restore(
        self, session: Session, workspace: WorkspaceId, entry_id: EntryId, *, to_version: int, by: str
    ) -> Entry:
        """Write a new version with the content and the status of an earlier one.

        Args:
            to_version: the version to go back to; 0 means before there was any, so the entry retires.

        Raises:
            UnknownEntry: there is no such entry or version.
        """
        return changes.restore(session, workspace, entry_id, to_version=to_version, by=by, now=self._clock())

    def get(self, session: Session, workspace: WorkspaceId, entry_id: EntryId, version: int | None = None) -> Entry:
        """One version of an entry; without a number the current one.

        Raises:
            UnknownEntry: there is no such entry or version.
        """
        return changes.get(session, workspace, entry_id, version)

    def history(self, session: Session, workspace: WorkspaceId, entry_id: EntryId) -> tuple[Entry, ...]:
        """Every version of an entry, oldest first.

        Raises:
            UnknownEntry: there is no such entry.
        """
        return changes.history(session, workspace, entry_id)

    def entries(
        self,
        session: Session,
        workspace: WorkspaceId,
        *,
        status: EntryStatus | None = None,
        kind: EntryKind | None = None,
        source: str | None = None,
    ) -> tuple[Entry, ...]:
        """The current versions of the entries, oldest entry first, narrowed by what is given.

        Args:
            source: exactly as in the provenance.
        """
        return changes.entries(session, workspace, status=status, kind=kind, source=source)

    def version(self, session: Session, workspace: WorkspaceId) -> int:
        """How many changes the knowledge base of the workspace has seen; recorded with every decision."""
        return changes.kb_version(session, workspace)

    def workspaces(self, session: Session) -> tuple[WorkspaceId, ...]:
        """Every workspace that knows, or ever knew, something."""
        return changes.workspaces(session)

    def audiences(self, session: Session, workspace: WorkspaceId) -> frozenset[str]:
        """Every audience reference that a live entry carries: what readers have to be checked against."""
        return changes.audiences(session, workspace)

    def search(
        self, workspace: WorkspaceId, question: str, *, readers: frozenset[str] = frozenset(), limit: int | None = None
    ) -> Evidence:
        """Find evidence for a question.

        Args:
            readers: the audience references that hold for everyone who will read the answer.
            limit: how many hits to return at most; None for the first eight answers and the first eight passages.

        Raises:
            EmptyQuestion: there are no words in it.
            IndexUnavailable: the index is away.
        """
        return self._search.find(workspace, question, self._serving(workspace), readers=readers, limit=limit)

    def warm(self, workspace: WorkspaceId, most: int = WARMED) -> int:
        """Read ahead what searches compare, so that not even the first of them waits; how many entries that were.

        Harmless when called again.

        Args:
            most: how many entries at most, the newest first.
        """
        return self._search.warm(workspace, self._serving(workspace), most)

    def saying(self, session: Session, workspace: WorkspaceId, answer: str) -> tuple[Entry, ...]:
        """The live entries, whoever may see them, whose answer has these words in this order, oldest first.

        A search finds what is near a question; this finds what says the same, however far its question is.
        """
        found = changes.current(session, workspace, self._search.saying(workspace, answer))
        return tuple(entry for entry in found.values() if entry.status is EntryStatus.LIVE)

    def apply_pending(self, workspace: WorkspaceId | None = None, progress: Progress | None = None) -> int:
        """Carry changes to the index; how many were carried. Safe to repeat, to run twice at once, and to kill.

        Searches find every change that was committed before, once this returns. After a change of model the first
        call embeds everything anew, and goes on carrying changes to what serves as it does; calls beside it do not
        wait for that.

        Args:
            workspace: None for all of them.
            progress: called with how many changes are carried and how many there are.

        Raises:
            IndexUnavailable: the index is away; nothing is lost, call again.
        """
        lagging = self._behind() if workspace is None else (workspace,)
        moving = [each for each in lagging if self._serving(each) is not self._embedder]
        carried = {each: self.apply_to_serving(each, None if each in moving else progress) for each in lagging}
        for each in moving:
            carried[each] = self._move(each, progress, carried[each])
        return sum(carried.values())

    def apply_to_serving(self, workspace: WorkspaceId, progress: Progress | None = None) -> int:
        """Carry changes only to what searches use now, and leave a model that does not serve yet as it is.

        Args:
            progress: called with how many changes are carried and how many there are.

        Raises:
            IndexUnavailable: the index is away; nothing is lost, call again.
        """
        serving = self._serving(workspace)
        return self._indexer.follow(collection_for(self._sessions, workspace, serving), serving, progress).changes

    @property
    def shipped(self) -> Coefficients:
        """How every workspace ranks and how sure it is before it has any labels."""
        return self._shipped

    def calibration(self, workspace: WorkspaceId) -> Calibration:
        """How the workspace ranks and how sure it is now."""
        return self._search.calibration(workspace, self._serving(workspace))

    def learned_whitening(self, workspace: WorkspaceId) -> Whitening:
        """The map that the workspace's approved wordings speak for now; nothing is embedded for it."""
        embedder = self._serving(workspace)
        with reading(self._sessions) as session:
            entries = changes.entries(session, workspace, status=EntryStatus.LIVE, kind=EntryKind.ANSWER)
            telling = [each.wordings for each in entries if len(each.wordings) > 1][-_WHITENED:]
            hashes = [[text_hash(wording) for wording in wordings] for wordings in telling]
            known = vectors.known(session, workspace, embedder.model, [each for mine in hashes for each in mine])
        found = ([known[each] for each in mine if each in known] for mine in hashes)
        return learn((np.stack(mine) for mine in found if len(mine) > 1), embedder.dimension)

    def calibrate(
        self, session: Session, workspace: WorkspaceId, coefficients: Coefficients, whitening: Whitening, labels: int
    ) -> Calibration:
        """Rank and be sure by these from now on, as the next version; earlier versions stay.

        Args:
            labels: how many labels the coefficients were fitted to.
        """
        made = Calibration(0, coefficients, whitening, labels=labels)
        return calibrations.keep(session, workspace, made, model=self._serving(workspace).model, clock=self._clock)

    def restore_calibration(self, session: Session, workspace: WorkspaceId, version: int) -> Calibration:
        """Go back to an earlier calibration, as the next version; 0 is what is shipped.

        Raises:
            UnknownCalibration: there is no such version.
        """
        embedder = self._serving(workspace)
        earlier = calibrations.load(
            session,
            workspace,
            version,
            model=embedder.model,
            dimension=embedder.dimension,
            shipped=self._shipped,
        )
        return calibrations.keep(session, workspace, earlier, model=embedder.model, clock=self._clock)

    def similar(self, one: str, other: str) -> float:
        """The cosine (-1 to 1) of two texts."""
        first, second = self._embedder.embed([one, other])
        return float(first @ second)

    def similarities(self, text: str, others: Sequence[str]) -> NDArray[np.float32]:
        """The cosines of a text and others, (len(others),); what was embedded for a search lately is not again."""
        if not others:
            return np.empty(0, dtype=np.float32)
        first, *rest = (self._search.vector(each, self._embedder) for each in (text, *others))
        found: NDArray[np.float32] = np.stack(rest) @ first
        return found

    def rebuild(self, workspace: WorkspaceId, progress: Progress | None = None) -> RebuildReport:
        """Make the workspace's collection anew from SQL, embedding nothing that has been embedded; the old one serves
        meanwhile.

        Raises:
            IndexUnavailable: the index is away.
        """
        return rebuild(self._sessions, self._index, self._indexer, self._embedder, workspace, progress, self._clock)

    def verify(self, workspace: WorkspaceId) -> VerifyReport:
        """Compare the workspace's collection with SQL, point by point and vector by vector.

        Raises:
            IndexUnavailable: the index is away.
        """
        return verify(self._sessions, self._index, self._embedder, workspace)

    def _set(
        self,
        session: Session,
        workspace: WorkspaceId,
        entry_id: EntryId,
        status: EntryStatus,
        by: str,
        expected_version: int | None,
    ) -> Entry:
        return changes.revise(
            session,
            workspace,
            entry_id,
            None,
            by=by,
            now=self._clock(),
            status=status,
            expected_version=expected_version,
        )

    def _serving(self, workspace: WorkspaceId) -> Embedder:
        if self._previous is None:
            return self._embedder
        with reading(self._sessions) as session:
            new = collections.serving(session, workspace, self._embedder.model)
            old = collections.serving(session, workspace, self._previous.model)
        return (
            self._previous if old is not None and old.ready and not (new is not None and new.ready) else self._embedder
        )

    def _move(self, workspace: WorkspaceId, progress: Progress | None, carried: int) -> int:
        """Embed for the new model while the one before serves; how many changes this call carried in the end.

        Args:
            carried: how many it carried to what serves.
        """

        def serve_on() -> None:
            if self._previous is not None and self._indexer.lags(before):
                self._indexer.follow(before, self._previous)

        before = collection_for(self._sessions, workspace, self._previous or self._embedder)
        new = collection_for(self._sessions, workspace, self._embedder)
        moved = self._indexer.follow_aside(new, self._embedder, serve_on, progress)
        if moved is not None:
            return moved.changes
        # Somebody else embeds. What is not complete yet will hold this call's changes before it serves; what became
        # complete a moment ago may have done so without them.
        return self.apply_to_serving(workspace) if self._serving(workspace) is self._embedder else carried

    def _behind(self) -> tuple[WorkspaceId, ...]:
        models = [each.model for each in (self._previous, self._embedder) if each is not None]
        with reading(self._sessions) as session:
            return tuple(sorted({each for model in models for each in collections.behind(session, model)}))
