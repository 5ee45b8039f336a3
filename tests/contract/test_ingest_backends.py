"""Ingest on both databases: what came from which file is read back from the versions' provenance, per workspace."""

import secrets
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import kb
from kb.ingest import IngestReport, ingest


class _Unused:
    """Nothing is embedded or indexed here."""

    model = "none@0"
    dimension = 2

    def embed(self, texts: list[str]) -> NDArray[np.float32]:
        raise AssertionError("Nothing may be embedded while files are read and written.")


@pytest.fixture
def knowledge(sessions: kb.Sessions, tmp_path: Path) -> kb.KnowledgeBase:
    index = kb.open_index("http://127.0.0.1:9")
    return kb.KnowledgeBase(sessions=sessions, index=index, embedder=_Unused(), clock=kb.utc_now, ids=kb.new_ulid)


def test_files_are_recognised_again_on_every_database(
    knowledge: kb.KnowledgeBase, sessions: kb.Sessions, tmp_path: Path
) -> None:
    workspace = kb.WorkspaceId(f"T{secrets.token_hex(4)}")
    file = tmp_path / "desk" / "faq.csv"
    file.parent.mkdir()

    def run(text: str, *, prune: bool = False) -> tuple[int, int, int, int]:
        file.write_text("question,answer\n" + text, encoding="utf-8")
        report: IngestReport = ingest(
            knowledge, sessions, workspace, [file.parent], by="operator", prune=prune, apply=False
        )
        assert not report.failed
        return report.added, report.changed, report.unchanged, report.retired

    assert run("Where is it?,Here\nWhen is it?,Now\n") == (2, 0, 0, 0)
    assert run("When is it?,Now\nWhere is it?,Here\n") == (0, 0, 2, 0)
    assert run("Where is it?,Over there\nWhen is it?,Now\nWho is it?,Ünal’s “team”\n") == (1, 1, 1, 0)
    assert run("Who is it?,Ünal’s “team”\n", prune=True) == (0, 0, 1, 2)
    assert run("Who is it?,Ünal’s “team”\nWhen is it?,Now\n", prune=True) == (1, 0, 1, 0)
    with sessions() as session:
        live = knowledge.entries(session, workspace, status=kb.EntryStatus.LIVE)
    assert {(entry.question, entry.version) for entry in live} == {("When is it?", 3), ("Who is it?", 1)}
