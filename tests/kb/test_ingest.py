"""What ingest promises: once in, unchanged is skipped, changed is the next version, and what people decided stands."""

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import kb
from kb.ingest import IngestProgress, IngestReport, Stage, ingest

WORKSPACE = kb.WorkspaceId("T0DESK")
PARKING = "Where can I leave my bicycle?"


@pytest.fixture(scope="module")
def embedder(model_cache: Path) -> kb.Embedder:
    return kb.open_embedder(cache=model_cache)


class Desk:
    """A knowledge base and a folder of files that it is fed from."""

    def __init__(self, folder: Path, embedder: kb.Embedder) -> None:
        self.files = folder / "desk"
        self.files.mkdir()
        self.engine = kb.open_engine(f"sqlite:///{folder / 'kb.db'}")
        kb.Base.metadata.create_all(self.engine)
        self.sessions = kb.make_sessions(self.engine)
        self.index = kb.open_index(folder / "index")
        self.knowledge = kb.KnowledgeBase(
            sessions=self.sessions, index=self.index, embedder=embedder, clock=kb.utc_now, ids=kb.new_ulid
        )

    def write(self, name: str, text: str) -> None:
        (self.files / name).write_text(text, encoding="utf-8")

    def faq(self, *rows: tuple[str, ...], name: str = "faq.csv") -> None:
        text = io.StringIO()
        csv.writer(text).writerows([("question", "answer", "phrasings"), *rows])
        self.write(name, text.getvalue())

    def ingest(self, *, prune: bool = False, overwrite: bool = False) -> IngestReport:
        return ingest(
            self.knowledge, self.sessions, WORKSPACE, [self.files], by="operator", prune=prune, overwrite=overwrite
        )

    def live(self) -> dict[str, kb.Entry]:
        with self.sessions() as session:
            found = self.knowledge.entries(session, WORKSPACE, status=kb.EntryStatus.LIVE)
        return {entry.question: entry for entry in found}

    def first(self, question: str) -> str | None:
        best = self.knowledge.search(WORKSPACE, question).best
        return best.entry.answer if best else None

    def people_revise(self, entry: kb.Entry, **changes: Any) -> kb.Entry:
        """What an approved proposal does."""
        provenance = replace(entry.content.provenance, origin="proposal", proposal="P1", conversations=("C1",))
        with self.sessions.begin() as session:
            draft = replace(entry.content, provenance=provenance, **changes)
            return self.knowledge.revise(session, WORKSPACE, entry.id, draft, by="ada")


@pytest.fixture
def desk(tmp_path: Path, embedder: kb.Embedder) -> Iterator[Desk]:
    made = Desk(tmp_path, embedder)
    yield made
    made.index.close()
    made.engine.dispose()


def numbers(report: IngestReport) -> tuple[int, int, int, int, int]:
    return report.added, report.changed, report.unchanged, report.retired, report.vanished


def test_ingested_files_are_found_at_once_with_their_source_and_position(desk: Desk) -> None:
    desk.faq((PARKING, "In the yard behind the **mill**.", "Is there a bike rack?"))
    desk.write("house.md", "# House rules\n\n## Quiet\n\nAfter ten in the evening the music stops.\n")
    report = desk.ingest()
    assert numbers(report) == (2, 0, 0, 0, 0)
    assert not report.failed and report.not_indexed is None
    assert desk.first("bicycle stand, where is it?") == "In the yard behind the **mill**."
    assert desk.first("when does the music have to stop?") == "After ten in the evening the music stops."
    answer, passage = desk.live()[PARKING].content, desk.live()["House rules > Quiet"].content
    assert (answer.provenance.source, answer.provenance.position) == ("desk/faq.csv", "row 2")
    assert (passage.provenance.source, passage.provenance.position) == ("desk/house.md", "Quiet")
    assert answer.phrasings == ("Is there a bike rack?",)


def test_unchanged_files_write_nothing(desk: Desk) -> None:
    desk.faq((PARKING, "In the yard."), ("May I smoke?", "On the roof only."))
    desk.write("house.md", "# House rules\n\n## Quiet\n\nAfter ten the music stops.\n")
    desk.ingest()
    with desk.sessions() as session:
        before = desk.knowledge.version(session, WORKSPACE)
    report = desk.ingest(prune=True)
    assert numbers(report) == (0, 0, 3, 0, 0)
    assert report.indexed == 0
    with desk.sessions() as session:
        assert desk.knowledge.version(session, WORKSPACE) == before


def test_a_changed_answer_is_the_next_version_of_the_same_entry_and_is_found(desk: Desk) -> None:
    desk.faq(("May I smoke?", "On the roof only."), (PARKING, "In the yard."))
    desk.ingest()
    before = desk.live()[PARKING]
    desk.faq((PARKING, "In the cellar, from today."), ("May I smoke?", "On the roof only."))
    assert numbers(desk.ingest()) == (0, 1, 1, 0, 0)
    after = desk.live()[PARKING]
    assert (after.id, after.version) == (before.id, 2)
    assert desk.first(PARKING) == "In the cellar, from today."


def test_a_reworded_question_keeps_its_entry(desk: Desk) -> None:
    answer = "In the yard behind the mill, next to the ramp."
    desk.faq((PARKING, answer), ("May I smoke?", "On the roof only."))
    desk.ingest()
    before = desk.live()[PARKING]
    desk.faq(("Where do bicycles go?", answer), ("May I smoke?", "On the roof only."))
    assert numbers(desk.ingest()) == (0, 1, 1, 0, 0)
    assert desk.live()["Where do bicycles go?"].id == before.id


def test_one_inserted_paragraph_is_not_a_new_document(desk: Desk) -> None:
    sections = [f"## Room {n}\n\nRoom {n} has {n + 3} seats and a lamp with {n * 7} bulbs.\n" for n in range(30)]
    desk.write("rooms.md", "# Rooms\n\n" + "\n".join(sections))
    desk.ingest()
    before = {entry.id for entry in desk.live().values()}
    sections.insert(4, "## The new hall\n\nOpened this spring, with a stage and a piano.\n")
    sections[20] = sections[20].replace("seats", "comfortable seats")
    desk.write("rooms.md", "# Rooms\n\n" + "\n".join(sections))
    assert numbers(desk.ingest()) == (1, 1, 29, 0, 0)
    assert before < {entry.id for entry in desk.live().values()}


def test_what_vanished_is_retired_only_on_prune_and_comes_back_as_the_same_entry(desk: Desk) -> None:
    desk.faq((PARKING, "In the yard."), ("May I smoke?", "On the roof only."))
    desk.write("house.md", "# House rules\n\nAfter ten the music stops.\n")
    desk.ingest()
    before = desk.live()
    desk.faq(("May I smoke?", "On the roof only."))
    (desk.files / "house.md").unlink()
    assert numbers(desk.ingest()) == (0, 0, 1, 0, 2)
    assert len(desk.live()) == 3
    assert numbers(desk.ingest(prune=True)) == (0, 0, 1, 2, 0)
    assert set(desk.live()) == {"May I smoke?"}
    assert numbers(desk.ingest(prune=True)) == (0, 0, 1, 0, 0)
    desk.faq((PARKING, "In the yard."), ("May I smoke?", "On the roof only."))
    assert numbers(desk.ingest()) == (1, 0, 1, 0, 0)
    assert desk.live()[PARKING].id == before[PARKING].id
    assert desk.first(PARKING) == "In the yard."


def test_a_renamed_file_is_the_same_knowledge(desk: Desk) -> None:
    desk.faq(
        (PARKING, "In the yard."), ("May I smoke?", "On the roof only."), ("Is there tea?", "Yes, green and black.")
    )
    desk.ingest()
    before = {entry.id for entry in desk.live().values()}
    (desk.files / "faq.csv").unlink()
    desk.faq(
        (PARKING, "In the yard."),
        ("May I smoke?", "Nowhere."),
        ("Is there tea?", "Yes, green and black."),
        name="b.csv",
    )
    assert numbers(desk.ingest(prune=True)) == (0, 3, 0, 0, 0)
    assert {entry.id for entry in desk.live().values()} == before
    assert {entry.content.provenance.source for entry in desk.live().values()} == {"desk/b.csv"}
    assert numbers(desk.ingest(prune=True)) == (0, 0, 3, 0, 0)


def test_a_broken_file_is_named_and_the_rest_goes_in(desk: Desk) -> None:
    desk.write("a.pdf", "no PDF at all")
    desk.write("b.csv", "nothing,here\n1,2\n")
    desk.write("c.jsonl", '{"question": "Is there tea?", "answer": "Yes, always."}\n{"question": "Why?"}\n')
    desk.faq((PARKING, "In the yard."))
    report = desk.ingest()
    assert numbers(report) == (2, 0, 0, 0, 0)
    assert [(notice.source, notice.position) for notice in report.failed] == [
        ("desk/a.pdf", None),
        ("desk/b.csv", None),
        ("desk/c.jsonl", "row 2"),
    ]
    assert all(notice.reason for notice in report.failed)


def test_a_file_or_row_that_broke_takes_nothing_out(desk: Desk) -> None:
    desk.faq((PARKING, "In the yard."))
    desk.write("c.jsonl", '{"question": "Is there tea?", "answer": "Yes."}\n{"question": "Why?", "answer": "So."}\n')
    desk.ingest()
    desk.write("faq.csv", "broken")
    desk.write("c.jsonl", '{"question": "Is there tea?", "answer": "Yes."}\n{"question": "Why?", "answer": "So."\n')
    report = desk.ingest(prune=True)
    assert (report.retired, len(report.failed)) == (0, 2)
    assert set(desk.live()) == {PARKING, "Is there tea?", "Why?"}


def test_an_emptied_folder_takes_nothing_out(desk: Desk) -> None:
    desk.faq((PARKING, "In the yard."))
    desk.ingest()
    (desk.files / "faq.csv").unlink()
    report = desk.ingest(prune=True)
    assert (report.retired, len(report.failed)) == (0, 1)
    assert set(desk.live()) == {PARKING}


def test_a_correction_by_people_stands_until_the_operator_says_otherwise(desk: Desk) -> None:
    desk.faq((PARKING, "In the yard."))
    desk.ingest()
    desk.people_revise(desk.live()[PARKING], answer="In the cellar; the yard is closed.")
    assert numbers(desk.ingest()) == (0, 0, 1, 0, 0)
    desk.faq((PARKING, "In the yard, at the wall."))
    report = desk.ingest()
    assert numbers(report) == (0, 0, 0, 0, 0)
    assert [(notice.source, notice.position) for notice in report.kept] == [("desk/faq.csv", "row 2")]
    assert desk.live()[PARKING].answer == "In the cellar; the yard is closed."
    assert numbers(desk.ingest(overwrite=True)) == (0, 1, 0, 0, 0)
    assert desk.live()[PARKING].answer == "In the yard, at the wall."


def test_a_correction_by_people_outlives_its_file(desk: Desk) -> None:
    desk.faq((PARKING, "In the yard."), ("May I smoke?", "On the roof only."))
    desk.ingest()
    desk.people_revise(desk.live()[PARKING], answer="In the cellar.")
    desk.faq(("May I smoke?", "On the roof only."))
    report = desk.ingest(prune=True)
    assert (report.retired, len(report.kept)) == (0, 1)
    assert desk.live()[PARKING].answer == "In the cellar."


def test_what_people_stopped_is_not_brought_back_by_a_file(desk: Desk) -> None:
    desk.faq((PARKING, "In the yard."))
    desk.ingest()
    with desk.sessions.begin() as session:
        desk.knowledge.stop(session, WORKSPACE, desk.live()[PARKING].id, by="ada")
    assert numbers(desk.ingest()) == (0, 0, 1, 0, 0)
    desk.faq((PARKING, "In the yard, as ever."))
    assert [notice.reason for notice in desk.ingest().kept] == [
        "People stopped this entry since; the file's new text was not taken."
    ]
    assert not desk.live()
    desk.ingest(overwrite=True)
    assert desk.live()[PARKING].answer == "In the yard, as ever."


def test_what_people_retired_is_not_brought_back_by_a_file(desk: Desk) -> None:
    desk.faq((PARKING, "In the yard."))
    desk.ingest()
    with desk.sessions.begin() as session:
        desk.knowledge.retire(session, WORKSPACE, desk.live()[PARKING].id, by="ada")
    assert numbers(desk.ingest(prune=True)) == (0, 0, 1, 0, 0)
    assert not desk.live()


def test_learned_wordings_stay_with_an_entry_that_its_file_changes(desk: Desk) -> None:
    desk.faq((PARKING, "In the yard.", "Bike rack?|Cycle stand?"))
    desk.ingest()
    entry = desk.live()[PARKING]
    desk.people_revise(entry, phrasings=(*entry.content.phrasings, "Where to lock my two-wheeler?"))
    for answer in ("In the cellar.", "On the roof."):
        desk.faq((PARKING, answer, "Bike rack?"))
        assert numbers(desk.ingest()) == (0, 1, 0, 0, 0)
        after = desk.live()[PARKING]
        assert after.answer == answer
        assert after.content.phrasings == ("Bike rack?", "Where to lock my two-wheeler?")
        assert (after.content.provenance.origin, after.content.provenance.conversations) == ("ingest", ("C1",))


def test_workspaces_do_not_share_files(desk: Desk) -> None:
    desk.faq((PARKING, "In the yard."))
    desk.ingest()
    other = kb.WorkspaceId("T0OTHER")
    report = ingest(desk.knowledge, desk.sessions, other, [desk.files], by="operator", prune=True)
    assert numbers(report) == (1, 0, 0, 0, 0)
    assert len(desk.live()) == 1


def test_progress_tells_each_file_and_each_batch_of_the_index(desk: Desk) -> None:
    desk.faq((PARKING, "In the yard."))
    desk.write("house.md", "# House rules\n\nAfter ten the music stops.\n")
    seen: list[IngestProgress] = []
    ingest(desk.knowledge, desk.sessions, WORKSPACE, [desk.files], by="operator", progress=seen.append)
    assert seen == [
        IngestProgress(Stage.READING, 1, 2, "desk/faq.csv"),
        IngestProgress(Stage.READING, 2, 2, "desk/house.md"),
        IngestProgress(Stage.INDEXING, 2, 2),
    ]


def test_without_the_index_the_rows_are_kept_and_indexed_later(desk: Desk) -> None:
    desk.faq((PARKING, "In the yard."))
    report = ingest(desk.knowledge, desk.sessions, WORKSPACE, [desk.files], by="operator", apply=False)
    assert (report.added, report.indexed) == (1, 0)
    assert desk.first(PARKING) is None
    desk.knowledge.apply_pending(WORKSPACE)
    assert desk.first(PARKING) == "In the yard."


def test_an_index_that_is_away_is_said_and_loses_nothing(tmp_path: Path, desk: Desk, embedder: kb.Embedder) -> None:
    desk.faq((PARKING, "In the yard."))
    away = kb.KnowledgeBase(
        sessions=desk.sessions,
        index=kb.open_index("http://127.0.0.1:9"),
        embedder=embedder,
        clock=kb.utc_now,
        ids=kb.new_ulid,
    )
    report = ingest(away, desk.sessions, WORKSPACE, [desk.files], by="operator")
    assert report.added == 1
    assert report.not_indexed is not None
    desk.knowledge.apply_pending(WORKSPACE)
    assert desk.first(PARKING) == "In the yard."
