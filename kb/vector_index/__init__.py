"""The vector index: a port, and Chroma behind it, embedded or as a server."""

from pathlib import Path

from kb.vector_index import chroma
from kb.vector_index.embedded import EmbeddedIndex
from kb.vector_index.port import VectorIndex, Vectors
from kb.vector_index.server import AwayIndex, ServerIndex

__all__ = ["AwayIndex", "EmbeddedIndex", "ServerIndex", "VectorIndex", "Vectors", "open_index"]


def open_index(where: str | Path) -> VectorIndex:
    """The index at a URL (a Chroma server) or in a folder (embedded).

    Raises:
        IndexLocked: another process owns the folder.
    """
    at_server = isinstance(where, str) and where.startswith(("http://", "https://"))
    index = ServerIndex(str(where)) if at_server else EmbeddedIndex(Path(where))
    chroma.load()
    return index
