"""What files change: each row or passage is compared with the entry that it was, and written where it says more.

What people decided meanwhile stands: a correction or a stop made in a conversation is not overwritten by a file unless
asked, and wordings that were learned stay with their entry. A file is one transaction, counted once it is committed.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from functools import partial
from typing import TypeVar

from sqlalchemy.orm import Session

from kb import changes, documents, rows
from kb.database import Sessions, reading
from kb.entries import Draft, Entry, EntryStatus
from kb.errors import KnowledgeError, UnreadableSource
from kb.ids import WorkspaceId
from kb.ingested import Ingested
from kb.knowledge import KnowledgeBase
from kb.matching import by_content, by_likeness
from kb.readings import ORIGIN, Notice, Reading
from kb.sources import CONVERTED, LINES, TABLES, Source, read_text

_T = TypeVar("_T")
#: Changes in one transaction; a file that has more is several, so that it does not keep other writers waiting.
_CHUNK = 1_000


class Outcome(StrEnum):
    """What became of an entry."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    RETIRED = "retired"
    VANISHED = "vanished"
    KEPT = "kept"


#: What became of some entries, with what an operator should know of it.
_Outcomes = list[tuple[Outcome, Notice | None]]


def read(source: Source) -> Reading:
    """What one file says.

    Raises:
        UnreadableSource: it cannot be read at all; the message gives the reason.
    """
    if source.format in TABLES:
        return rows.read_csv(read_text(source.path), source.name)
    if source.format in LINES:
        return rows.read_jsonl(read_text(source.path), source.name)
    if source.format in CONVERTED:
        return documents.read_document(documents.convert(source.path), source.name, paged=source.format == ".pdf")
    return documents.read_document(read_text(source.path), source.name)


class FileChanges:
    """One run over files: what it may do, and what has come of it so far."""

    def __init__(
        self,
        knowledge: KnowledgeBase,
        sessions: Sessions,
        workspace: WorkspaceId,
        book: Mapping[str, tuple[Ingested, ...]],
        *,
        by: str,
        prune: bool,
        overwrite: bool,
    ) -> None:
        """Begin a run.

        Args:
            book: what came from which file so far.
            by: the operator, an opaque id.
            prune: retire what is gone.
            overwrite: let files win over what people changed or stopped.
        """
        self._knowledge = knowledge
        self._sessions = sessions
        self._workspace = workspace
        self._book = book
        self._by = by
        self._prune = prune
        self._overwrite = overwrite
        #: Earlier names of files that were renamed or moved.
        self._renamed: set[str] = set()
        #: How many entries each outcome had.
        self.counts = dict.fromkeys(Outcome, 0)
        #: Where the file says something new and what people decided stands.
        self.kept: list[Notice] = []
        #: Files and rows that could not be read.
        self.failed: list[Notice] = []

    def take_in(self, source: Source, names: frozenset[str]) -> None:
        """Take in one file; `names` are those of all files of this run."""
        try:
            said = read(source)
            self.failed += said.failed
            known = self._book.get(source.name) or self._under_another_name(said.drafts, names)
            pairs, gone = self._paired(said.drafts, known)
            for chunk in _chunks(pairs):
                self._write(partial(self._take_all, pairs=chunk))
            # A row that cannot be read may be one that seems to be gone.
            self._take_out(gone, source.name, prune=self._prune and not said.failed)
        except UnreadableSource as error:
            self.failed.append(Notice(source.name, str(error)))
        except KnowledgeError as error:
            self.failed.append(Notice(source.name, f"Its entries were changed at the same time; try again. ({error})"))

    def take_out_missing(self, folders: Sequence[str], names: frozenset[str]) -> None:
        """Take out what came from files that are no longer in the folders."""
        for name, known in sorted(self._book.items()):
            inside = any(name.startswith(f"{folder}/") for folder in folders)
            if inside and name not in names and name not in self._renamed:
                self._take_out(known, name, prune=self._prune)

    def _under_another_name(self, drafts: Sequence[Draft], names: frozenset[str]) -> tuple[Ingested, ...]:
        """What came from the file when it was called otherwise: half of it and more said the same there."""
        hashes = {draft.provenance.content_hash for draft in drafts}
        best, most = "", 0
        for name, known in self._book.items():
            if name not in names and name not in self._renamed:
                same = len(hashes & {each.content_hash for each in known})
                best, most = (name, same) if same > most else (best, most)
        if most * 2 < max(len(hashes), 1):
            return ()
        self._renamed.add(best)
        return self._book[best]

    def _paired(
        self, drafts: Sequence[Draft], known: Sequence[Ingested]
    ) -> tuple[list[tuple[Draft, Ingested | None]], list[Ingested]]:
        """Each draft with the entry that it was, and the entries that are gone."""
        found = by_content([draft.provenance.content_hash for draft in drafts], [each.content_hash for each in known])
        left = [each for index, each in enumerate(known) if index not in found.values()]
        open_now = {index: draft for index, draft in enumerate(drafts) if index not in found}
        was = {index: known[old] for index, old in found.items()}
        if left and open_now:
            with reading(self._sessions) as session:
                said = changes.some(session, self._workspace, ((each.entry, each.version) for each in left))
            contents = {index: said[each.entry].content for index, each in enumerate(left)}
            was |= {index: left[old] for index, old in by_likeness(open_now, contents).items()}
        taken = {each.entry for each in was.values()}
        return [(draft, was.get(index)) for index, draft in enumerate(drafts)], [
            each for each in left if each.entry not in taken
        ]

    def _write(self, change: Callable[[Session], _Outcomes]) -> None:
        # What a transaction did is counted once it is committed.
        with self._sessions.begin() as session:
            outcomes = change(session)
        for outcome, notice in outcomes:
            self.counts[outcome] += 1
            self.kept += [notice] if notice is not None else []

    def _take_all(self, session: Session, pairs: Sequence[tuple[Draft, Ingested | None]]) -> _Outcomes:
        return [self._take(session, draft, was) for draft, was in pairs]

    def _retire_all(self, session: Session, gone: Sequence[Ingested], source: str) -> _Outcomes:
        return [self._retire(session, each, source) for each in gone]

    def _take(self, session: Session, draft: Draft, was: Ingested | None) -> tuple[Outcome, Notice | None]:
        """Write what a file says now of one entry."""
        if was is None:
            self._knowledge.publish(session, self._workspace, draft, by=self._by)
            return Outcome.ADDED, None
        if was.content_hash == draft.provenance.content_hash:
            return self._moved(session, draft, was), None
        current = self._knowledge.get(session, self._workspace, was.entry)
        back = was.content_hash is None and was.current == was.version
        if not (back or self._overwrite or self._is_as_ingested(session, current, was)):
            what = "stopped" if current.status is EntryStatus.STOPPED else "changed"
            reason = f"People {what} this entry since; the file's new text was not taken."
            return Outcome.KEPT, Notice(_source(draft), reason, draft.provenance.position)
        history = self._knowledge.history(session, self._workspace, was.entry)
        self._revise(session, current, _with_learned(draft, history), EntryStatus.LIVE)
        return (Outcome.ADDED if back else Outcome.CHANGED), None

    def _moved(self, session: Session, draft: Draft, was: Ingested) -> Outcome:
        """Note the new name of a file whose entry says the same as before."""
        if not was.untouched:
            return Outcome.UNCHANGED
        if was.entry not in {each.entry for name in self._renamed for each in self._book[name]}:
            return Outcome.UNCHANGED
        current = self._knowledge.get(session, self._workspace, was.entry)
        provenance = replace(
            current.content.provenance, source=draft.provenance.source, position=draft.provenance.position
        )
        self._revise(session, current, replace(current.content, provenance=provenance), EntryStatus.LIVE)
        return Outcome.CHANGED

    def _take_out(self, gone: Sequence[Ingested], source: str, *, prune: bool) -> None:
        gone = [each for each in gone if each.status is not EntryStatus.RETIRED]
        if prune:
            for chunk in _chunks(gone):
                self._write(partial(self._retire_all, gone=chunk, source=source))
        else:
            self.counts[Outcome.VANISHED] += len(gone)

    def _retire(self, session: Session, was: Ingested, source: str) -> tuple[Outcome, Notice | None]:
        current = self._knowledge.get(session, self._workspace, was.entry)
        stopped = current.status is EntryStatus.STOPPED and current.version == was.version
        if not (stopped or self._overwrite or self._is_as_ingested(session, current, was)):
            reason = "People changed this entry since; it stays although it is no longer in the file."
            return Outcome.KEPT, Notice(source, reason, current.content.provenance.position)
        # Without the hash it is known later that the file, and not a person, took it out.
        provenance = replace(current.content.provenance, origin=ORIGIN, source=source, content_hash=None)
        self._revise(session, current, replace(current.content, provenance=provenance), EntryStatus.RETIRED)
        return Outcome.RETIRED, None

    def _is_as_ingested(self, session: Session, current: Entry, was: Ingested) -> bool:
        """Whether people did no more than teach the entry further wordings."""
        if current.status is not EntryStatus.LIVE:
            return False
        if current.version == was.version:
            return True
        said = self._knowledge.get(session, self._workspace, was.entry, was.version)
        return (current.question, current.answer, current.content.audience) == (
            said.question,
            said.answer,
            said.content.audience,
        )

    def _revise(self, session: Session, current: Entry, draft: Draft, status: EntryStatus) -> None:
        self._knowledge.revise(
            session, self._workspace, current.id, draft, by=self._by, expected_version=current.version, status=status
        )


def _with_learned(draft: Draft, history: Sequence[Entry]) -> Draft:
    """The file's content with the wordings that people taught the entry, and where those came from."""
    known = {draft.question, *draft.phrasings}
    taught: dict[str, None] = {}
    seen: set[str] = set()
    for version in history:
        if version.content.provenance.origin != draft.provenance.origin:
            taught |= dict.fromkeys(wording for wording in version.wordings if wording not in seen)
        seen.update(version.wordings)
    learned = [wording for wording in history[-1].content.phrasings if wording in taught and wording not in known]
    if not learned:
        return draft
    origin = history[-1].content.provenance
    provenance = replace(
        draft.provenance, proposal=origin.proposal, conversations=origin.conversations, people=origin.people
    )
    return replace(draft, phrasings=(*draft.phrasings, *learned), provenance=provenance)


def _source(draft: Draft) -> str:
    return draft.provenance.source or ""


def _chunks(changing: Sequence[_T]) -> Iterator[Sequence[_T]]:
    return (changing[start : start + _CHUNK] for start in range(0, len(changing), _CHUNK))
