"""The knowledge base as a LangChain retriever. Imported by name, because it brings LangChain along."""

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever

from kb.entries import Hit
from kb.errors import EmptyQuestion
from kb.ids import WorkspaceId
from kb.knowledge import KnowledgeBase


class KnowledgeRetriever(BaseRetriever):
    """Finds what one workspace knows, for readers who may see it.

    A document's text is the entry's answer; its metadata say which entry and version it is, how well it matched, and
    how likely the first one answers the question.
    """

    #: Where to search.
    knowledge: KnowledgeBase
    workspace: str
    #: How many documents to return at most.
    k: int = 5
    #: The audience references that hold for everyone who will read the answer.
    readers: frozenset[str] = frozenset()

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun, k: int | None = None
    ) -> list[Document]:
        try:
            evidence = self.knowledge.search(
                WorkspaceId(self.workspace), query, readers=self.readers, limit=self.k if k is None else k
            )
        except EmptyQuestion:
            # A chain that retrieves for a lone emoji goes on without documents.
            return []
        return [_document(hit, evidence.confidence if hit is evidence.best else None) for hit in evidence.hits]


def _document(hit: Hit, confidence: float | None) -> Document:
    entry = hit.entry
    origin = entry.content.provenance
    metadata = {
        "entry": entry.id,
        "version": entry.version,
        "kind": entry.content.kind.value,
        "question": entry.question,
        "matched": hit.matched,
        "score": hit.score,
        "source": origin.source,
        "position": origin.position,
    }
    if confidence is not None:
        metadata["confidence"] = confidence
    return Document(page_content=entry.answer, id=f"{entry.id}:{entry.version}", metadata=metadata)
