"""The retriever passes LangChain's own suite, and its documents say where they come from."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from langchain_core.retrievers import BaseRetriever
from langchain_tests.integration_tests import RetrieversIntegrationTests

import kb
from kb.retriever import KnowledgeRetriever

WORKSPACE = kb.WorkspaceId("T0RETRIEVER")


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory, model_cache: Path) -> Iterator[kb.KnowledgeBase]:
    folder = tmp_path_factory.mktemp("retriever")
    engine = kb.open_engine(f"sqlite:///{folder / 'kb.db'}")
    kb.Base.metadata.create_all(engine)
    index = kb.open_index(folder / "index")
    sessions = kb.make_sessions(engine)
    made = kb.KnowledgeBase(
        sessions=sessions,
        index=index,
        embedder=kb.open_embedder(cache=model_cache),
        clock=kb.utc_now,
        ids=kb.new_ulid,
    )
    with sessions.begin() as session:
        for number, topic in enumerate(("shipping", "refunds", "passwords", "invoices")):
            origin = kb.Provenance("ingest", source="faq.csv", position=f"row {number}")
            made.publish(session, WORKSPACE, kb.Draft(f"What about {topic}?", f"All of {topic}.", origin), by="ada")
    made.apply_pending()
    yield made
    index.close()
    engine.dispose()


class TestKnowledgeRetriever(RetrieversIntegrationTests):
    """LangChain's standard suite."""

    @pytest.fixture(autouse=True)
    def _given(self, knowledge: kb.KnowledgeBase) -> None:
        self._knowledge = knowledge

    @property
    def retriever_constructor(self) -> type[BaseRetriever]:
        return KnowledgeRetriever

    @property
    def retriever_constructor_params(self) -> dict[str, Any]:
        return {"knowledge": self._knowledge, "workspace": WORKSPACE}

    @property
    def retriever_query_example(self) -> str:
        return "How do refunds work?"


def test_a_document_says_what_it_is_and_how_sure_the_search_was(knowledge: kb.KnowledgeBase) -> None:
    first, second, *_ = KnowledgeRetriever(knowledge=knowledge, workspace=WORKSPACE).invoke("what about refunds")
    assert first.page_content == "All of refunds."
    assert first.metadata["source"] == "faq.csv"
    assert first.metadata["position"] == "row 1"
    assert first.id == f"{first.metadata['entry']}:1"
    assert first.metadata["confidence"] > 0.9
    assert "confidence" not in second.metadata


def test_a_lone_emoji_retrieves_nothing(knowledge: kb.KnowledgeBase) -> None:
    assert KnowledgeRetriever(knowledge=knowledge, workspace=WORKSPACE).invoke("🎉") == []
