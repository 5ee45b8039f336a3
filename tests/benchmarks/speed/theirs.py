"""The other side: langchain-chroma with HuggingFaceEmbeddings on the same weights; absent where it is not installed."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import kb
from kb.embedding_models import find_model
from kb.vectors import Vector

#: Said where there is nothing to compare with.
MISSING = "langchain-chroma and langchain-huggingface are missing (pip install '.[bench]'); ours is measured alone."


def there() -> bool:
    """Whether both packages are installed."""
    return all(find_spec(name) is not None for name in ("langchain_chroma", "langchain_huggingface"))


class Theirs:
    """A store in a folder as its documentation has it, but for cosine as the distance and unit vectors, as ours has."""

    def __init__(self, folder: Path, *, threads: int) -> None:
        import torch
        from chromadb.config import Settings
        from langchain_chroma import Chroma
        from langchain_huggingface import HuggingFaceEmbeddings

        torch.set_num_threads(threads)
        weights = find_model("").folder
        self._embeddings = HuggingFaceEmbeddings(
            model_name=str(weights), model_kwargs={"device": "cpu"}, encode_kwargs={"normalize_embeddings": True}
        )
        self._store: Any = Chroma(
            collection_name="speed",
            embedding_function=self._embeddings,
            persist_directory=str(folder),
            client_settings=Settings(anonymized_telemetry=False, is_persistent=True, persist_directory=str(folder)),
            collection_metadata={"hnsw:space": "cosine"},
        )

    def add(self, drafts: Sequence[kb.Draft]) -> None:
        """One document per entry, question and answer in it, so that both can be found as ours are."""
        self._store.add_texts(
            [f"{draft.question}\n{draft.answer}" for draft in drafts],
            metadatas=[{"question": draft.question} for draft in drafts],
        )

    def fill(self, drafts: Sequence[kb.Draft], vectors: Vector) -> None:
        """The same with vectors that are known, for a store that is only searched; what is there already stays."""
        for start in range(self._store._collection.count(), len(drafts), 1_000):
            part = drafts[start : start + 1_000]
            self._store._collection.upsert(
                ids=[f"{start + number}" for number in range(len(part))],
                embeddings=vectors[start : start + 1_000],
                documents=[f"{draft.question}\n{draft.answer}" for draft in part],
                metadatas=[{"question": draft.question} for draft in part],
            )

    def search(self, question: str) -> Any:
        """The eight nearest documents with their scores: as many hits as ours shows."""
        return self._store.similarity_search_with_relevance_scores(question, k=8)
