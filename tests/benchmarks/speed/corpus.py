"""Entries made of real text, in any number, and questions that are none of them.

To embed a hundred thousand entries would take longer than all measurements together. So eleven thousand real
texts are embedded once and kept in a file; they are the first entries, and what is missing to a larger number is two of
them in one, whose vector is taken to lie midway. What an index costs does not depend on that; recall is told for real
texts alone, too.
"""

import random
from collections.abc import Iterable, Sequence
from hashlib import sha256
from itertools import islice, pairwise
from pathlib import Path

import numpy as np

import kb
from kb.embedding import Embedder
from kb.text import sentences
from kb.vectors import Vector
from tests.benchmarks.public_data import rows

_ORIGIN = kb.Provenance("ingest")
#: How many texts of each of three sources; the smallest has no more.
_PER_SOURCE = 3_600
#: Between two texts that are one; in no text of the sources.
_JOINT = "\n\n\n"


def texts(data: Path) -> list[str]:
    """The real texts, each once: medical questions, banking requests, sentences of articles, in equal parts."""
    medical = (row["question"] for row in rows(data, "medquad_half"))
    banking = (row["text"] for row in rows(data, "banking77_train"))
    articles = (each for row in rows(data, "squad2_dev_passages") for each in sentences(row["text"]))
    return [text for source in (medical, banking, articles) for text in islice(_once(source), _PER_SOURCE)]


def entries(real: Sequence[str], count: int) -> list[kb.Draft]:
    """`count` entries; those of a smaller number are the first of a larger one.

    A question is a text and its answer the one that stands next in its source, so that there are as many points as in
    life, two per entry, and no text is embedded for two of them twice.
    """
    chance = random.Random(1)
    drafts = [kb.Draft(text, following, _ORIGIN) for text, following in pairwise(real)]
    chance.shuffle(drafts)
    while len(drafts) < count:
        first, second, third, fourth = chance.sample(real, 4)
        drafts.append(kb.Draft(f"{first}{_JOINT}{second}", f"{third}{_JOINT}{fourth}", _ORIGIN))
    return drafts[:count]


def _once(found: Iterable[str]) -> Iterable[str]:
    return dict.fromkeys(text.strip() for text in found)


def asked(data: Path, count: int) -> list[str]:
    """Questions that are no entry, half customers' and half about articles."""
    customers = [row["text"] for row in rows(data, "banking77_test")]
    readers = [row["question"] for row in rows(data, "squad2_dev_questions")]
    chance = random.Random(2)
    found = [*chance.sample(customers, count - count // 2), *chance.sample(readers, count // 2)]
    chance.shuffle(found)
    return found


class Remembered:
    """An embedder that knows the vectors of real texts from a file, and of two in one from both."""

    def __init__(self, inner: Embedder, real: Sequence[str], cache: Path) -> None:
        """Read the file, or embed and write it."""
        self.model = inner.model
        self.dimension = inner.dimension
        self._inner = inner
        digest = sha256("\n".join((inner.model, *real)).encode()).hexdigest()[:16]
        kept = cache / f"texts-{digest}.npy"
        if not kept.exists():
            cache.mkdir(parents=True, exist_ok=True)
            np.save(kept, inner.embed(real))
        self._known: dict[str, Vector] = dict(zip(real, np.load(kept), strict=True))

    def embed(self, texts: Sequence[str]) -> Vector:
        """The vectors of `texts`; unknown ones are embedded."""
        missing = [text for text in texts if text not in self._known and _JOINT not in text]
        made = dict(zip(missing, self._inner.embed(missing), strict=True)) if missing else {}
        return np.stack([self._vector(text, made) for text in texts])

    def whole(self, drafts: Sequence[kb.Draft]) -> Vector:
        """The vectors of question and answer in one, for entries of real texts."""
        return self.embed([f"{draft.question}{_JOINT}{draft.answer}" for draft in drafts])

    def _vector(self, text: str, made: dict[str, Vector]) -> Vector:
        if _JOINT not in text:
            return self._known[text] if text in self._known else made[text]
        middle = np.mean([self._known[part] for part in text.split(_JOINT)], axis=0)
        unit: Vector = (middle / np.linalg.norm(middle)).astype(np.float32)
        return unit
