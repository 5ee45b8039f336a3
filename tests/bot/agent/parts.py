"""What the agent's tests share: entries, evidence, and a search over a fixed table."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from kb.entries import Draft, Entry, EntryKind, EntryStatus, Evidence, Hit, Provenance
from kb.ids import EntryId, WorkspaceId


def hit(question: str, answer: str, *, kind: EntryKind = EntryKind.ANSWER, source: str | None = None) -> Hit:
    entry = Entry(
        workspace=WorkspaceId("T1"),
        id=EntryId("E-" + question[:20]),
        version=3,
        status=EntryStatus.LIVE,
        content=Draft(question, answer, Provenance("ingest", source=source, position="page 2"), kind=kind),
        created_by="ada",
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    return Hit(entry=entry, score=1.0, matched=question)


def passage(title: str, text: str, source: str = "guide.md") -> Hit:
    return hit(title, text, kind=EntryKind.PASSAGE, source=source)


def evidence(confidence: float, *hits: Hit, question: str = "") -> Evidence:
    sure = confidence if hits else 0.0
    return Evidence(question, hits, sure, model="m", ranking="r", calibration="c", among_three=sure)


def always(confidence: float, *hits: Hit) -> Callable[[str], Evidence]:
    return lambda question: evidence(confidence, *hits, question=question)


def table(found: Mapping[str, Evidence]) -> Callable[[str], Evidence]:
    """A search that finds what stands in a table, and nothing for anything else."""
    return lambda question: found.get(question, evidence(0.0, question=question))
