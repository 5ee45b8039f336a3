"""The vectors of the questions asked last: a question that is asked again costs no second embedding.

Kept in memory only, by the hash of the text, so that no question is held longer than it takes to answer it.
"""

from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import TypeVar

from kb.embedding import Embedder
from kb.text import text_hash
from kb.vectors import Vector

_T = TypeVar("_T")

#: How many are kept; at about 2 kB each.
_MOST = 4_096


class QuestionVectors:
    """Embeds questions and remembers a bounded number of them; safe for several threads."""

    def __init__(self, most: int = _MOST) -> None:
        """Start with none.

        Args:
            most: how many to keep; the one that was not asked for longest goes first.
        """
        self._most = most
        self._lock = Lock()
        self._beside = ThreadPoolExecutor(thread_name_prefix="question")
        self._kept: OrderedDict[tuple[str, str], Vector] = OrderedDict()

    def of(self, text: str, embedder: Embedder) -> Vector:
        """The vector of a question by a model, (dimension,); not to be written to."""
        known = self._known(text, embedder)
        return self._embed(text, embedder) if known is None else known

    def beside(self, text: str, embedder: Embedder, work: Callable[[], _T]) -> tuple[Vector, _T]:
        """The same, and what `work` gives, which a thread of its own does while the question is embedded.

        It is not the embedding that is given away: a thread that begins waits for the interpreter as long as this one
        has something to do, and embedding takes longest.
        """
        known = self._known(text, embedder)
        if known is not None:
            return known, work()
        working = self._beside.submit(work)
        vector = self._embed(text, embedder)
        return vector, working.result()

    def _known(self, text: str, embedder: Embedder) -> Vector | None:
        key = embedder.model, text_hash(text)
        with self._lock:
            known = self._kept.get(key)
            if known is not None:
                self._kept.move_to_end(key)
            return known

    def _embed(self, text: str, embedder: Embedder) -> Vector:
        # Outside of the lock: two who ask the same at the same moment may both embed it, nobody waits for others.
        made: Vector = embedder.embed([text])[0]
        made.flags.writeable = False
        with self._lock:
            self._kept[embedder.model, text_hash(text)] = made
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return made
