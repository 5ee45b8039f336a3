"""Chroma as a server, for when there is more than one process, and the index as one sees it that does not own it."""

from typing import TYPE_CHECKING

from kb.errors import IndexUnavailable
from kb.vector_index.chroma import ChromaIndex, at_server

if TYPE_CHECKING:
    from kb.vector_index.chroma import Client


class ServerIndex(ChromaIndex):
    """A Chroma server, for when there is more than one process; connects at the first call and again after a loss."""

    def __init__(self, url: str) -> None:
        """Remember where the server is.

        Args:
            url: such as `http://127.0.0.1:8000`.
        """
        super().__init__()
        self._url = url

    def _connect(self, home: str) -> "Client":
        return at_server(self._url)


class AwayIndex(ChromaIndex):
    """The index as a process sees it that does not own it: changes go to the database alone, the owner follows."""

    def _connect(self, home: str) -> "Client":
        raise IndexUnavailable("Another process owns the index; it will follow.")
