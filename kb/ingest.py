"""Files become knowledge: read, compared with what they said before, written, indexed.

What a file says as before is left alone, what it says differently becomes the next version of the same entry, and what
is no longer in it is retired only when asked. A file that cannot be read is named with its reason, and the others go
in. Nothing is read or embedded inside a transaction.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from kb.database import Sessions, reading
from kb.errors import IndexUnavailable
from kb.file_changes import FileChanges, Outcome
from kb.ids import WorkspaceId
from kb.ingested import ingested
from kb.knowledge import KnowledgeBase
from kb.readings import Notice
from kb.sources import find


class Stage(StrEnum):
    """What ingest is busy with."""

    READING = "reading"
    INDEXING = "indexing"


@dataclass(frozen=True)
class IngestProgress:
    """How far it is."""

    stage: Stage
    #: Files while reading, changes while indexing.
    done: int
    total: int
    #: The file that was just read; empty while indexing.
    source: str = ""


@dataclass(frozen=True)
class IngestReport:
    """What became of the files. Numbers count entries: questions with their answers, and passages."""

    files: int = 0
    #: New, or back after they had vanished.
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    #: Taken out because they are no longer in their file.
    retired: int = 0
    #: No longer in their file, and left in because nobody asked to take them out.
    vanished: int = 0
    #: Where the file says something new and what people decided stands.
    kept: tuple[Notice, ...] = ()
    #: Files and rows that could not be read.
    failed: tuple[Notice, ...] = ()
    #: Changes that were carried to the index; those before this run included.
    indexed: int = 0
    #: Why the index has not followed; it can be made to later, nothing is lost. None where it has.
    not_indexed: str | None = None


def ingest(
    knowledge: KnowledgeBase,
    sessions: Sessions,
    workspace: WorkspaceId,
    paths: Sequence[Path],
    *,
    by: str,
    prune: bool = False,
    overwrite: bool = False,
    apply: bool = True,
    progress: Callable[[IngestProgress], None] | None = None,
) -> IngestReport:
    """Bring the knowledge base to what files say.

    Args:
        paths: files, and folders with all that is readable in them.
        by: the operator, an opaque id.
        prune: retire what is no longer in its file, and what came from files that are no longer in these folders.
        overwrite: let the files win over what people changed or stopped since.
        apply: carry the changes to the index, too; another process does it where that owns the index.
        progress: called after each file and each batch of the index.
    """
    tell = progress or (lambda _: None)
    found = find(paths)
    with reading(sessions) as session:
        before = knowledge.version(session, workspace)
        book = ingested(session, workspace)
    files = FileChanges(knowledge, sessions, workspace, book, by=by, prune=prune, overwrite=overwrite)
    names = frozenset(source.name for source in found.sources)
    for number, source in enumerate(found.sources, start=1):
        files.take_in(source, names)
        tell(IngestProgress(Stage.READING, number, len(found.sources), source.name))
    files.take_out_missing(found.folders, names)
    report = _report(files, len(found.sources), found.failed)
    if not apply:
        return report

    def indexing(done: int, total: int) -> None:
        # The index counts every change that there ever was; what a person waits for are this run's.
        tell(IngestProgress(Stage.INDEXING, max(done - before, 0), max(total - before, 0)))

    try:
        return replace(report, indexed=knowledge.apply_pending(workspace, indexing))
    except IndexUnavailable as error:
        return replace(report, not_indexed=str(error))


def _report(files: FileChanges, count: int, failed: Sequence[Notice]) -> IngestReport:
    counts = files.counts
    return IngestReport(
        files=count,
        added=counts[Outcome.ADDED],
        changed=counts[Outcome.CHANGED],
        unchanged=counts[Outcome.UNCHANGED],
        retired=counts[Outcome.RETIRED],
        vanished=counts[Outcome.VANISHED],
        kept=tuple(files.kept),
        failed=(*failed, *files.failed),
    )


__all__ = ["IngestProgress", "IngestReport", "Notice", "Stage", "ingest"]
