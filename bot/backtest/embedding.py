"""An embedder that remembers: the texts of a backtest are embedded in batches, beside the loop that asks them.

Always: a text is embedded once, in a batch that follows from the order of the texts alone, so that chance in timing
changes no figure.
"""

from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import Self

import numpy as np
from numpy.typing import NDArray

from kb.embedding import Embedder

#: How many texts are embedded between two chances to use them.
_SLICE = 512


class Remembering:
    """Embeds each text once; a context, because a thread of its own works ahead."""

    def __init__(self, inner: Embedder) -> None:
        self.model = inner.model
        self.dimension = inner.dimension
        self._inner = inner
        self._kept: dict[str, NDArray[np.float32]] = {}
        self._coming: dict[str, Future[None]] = {}
        self._ahead = ThreadPoolExecutor(1, thread_name_prefix="embedding")

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let go of what nobody needs any more."""
        self._ahead.shutdown(cancel_futures=True)

    def begin(self, texts: Iterable[str]) -> None:
        """Embed texts ahead of their use, those that are used first at first."""
        fresh = (text for text in dict.fromkeys(texts) if text not in self._kept)
        while part := list(islice(fresh, _SLICE)):
            coming = self._ahead.submit(self._learn, part)
            self._coming |= dict.fromkeys(part, coming)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The vectors of `texts`, (len(texts), dimension)."""
        missing = [text for text in dict.fromkeys(texts) if text not in self._kept]
        for text in missing:
            if text in self._coming:
                self._coming[text].result()
        self._learn([text for text in missing if text not in self._kept])
        return np.stack([self._kept[text] for text in texts])

    def _learn(self, texts: Sequence[str]) -> None:
        if texts:
            self._kept.update(zip(texts, self._inner.embed(texts), strict=True))
