"""What commands do with the knowledge base, on a real store: above all, nothing that was not asked for."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import kb
from bot import terminal
from bot.assembly import store
from bot.settings import load

WORKSPACE = kb.WorkspaceId("T0ANSWER")


class TurnedEmbedder:
    """Another model: the real one with every vector reversed, which keeps all cosines; remembers what it embedded."""

    def __init__(self, inner: kb.Embedder) -> None:
        self.model = f"turned-{inner.model}"
        self.dimension = inner.dimension
        self.texts: list[str] = []
        self._inner = inner

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.texts += texts
        return np.ascontiguousarray(self._inner.embed(texts)[:, ::-1])


def test_a_question_after_a_change_of_model_is_answered_without_embedding_everything_anew(
    tmp_path: Path, model_cache: Path
) -> None:
    (tmp_path / "models").symlink_to(model_cache)
    with store(load(data_dir=tmp_path)) as opened:
        _learn(opened.knowledge, opened.sessions, "Where is the printer?", "On the second floor.")
        opened.knowledge.apply_pending(WORKSPACE)

        before = kb.open_embedder(cache=model_cache)
        new = TurnedEmbedder(before)
        knowledge = kb.KnowledgeBase(
            sessions=opened.sessions,
            index=opened.index,
            embedder=new,
            previous=before,
            clock=kb.utc_now,
            ids=kb.new_ulid,
        )
        changed = replace(opened, knowledge=knowledge)
        # What nobody has carried to the index yet is found as well.
        _learn(knowledge, opened.sessions, "Where can I park my car?", "Behind the house.")
        asking = terminal.requests(changed)["ask"]
        for question, answer in (
            ("where is the printer?", "On the second floor."),
            ("where can I park my car?", "Behind the house."),
        ):
            found = asking({"question": question, "workspace": WORKSPACE})
            assert (found["kind"], found["answer"]) == ("verbatim", answer)
        assert new.texts == []

        # Asked for, it is done: then the new model answers.
        assert terminal.requests(changed)["apply"]({"workspace": WORKSPACE}) == 2
        assert asking({"question": "where is the printer?", "workspace": ""})["answer"] == "On the second floor."
        assert new.texts[-1] == "where is the printer?"


def _learn(knowledge: kb.KnowledgeBase, sessions: kb.Sessions, question: str, answer: str) -> None:
    with sessions.begin() as session:
        said = kb.Draft(question, answer, kb.Provenance("ingest", source="desk.csv"))
        knowledge.publish(session, WORKSPACE, said, by="ada")
