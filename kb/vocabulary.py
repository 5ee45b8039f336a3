"""Vocabulary: stems as numbers, so that the words of many texts lie side by side and are compared in one go.

A text is kept packed: one number per word, in order. To compare a question with all that a search brings then takes a
few array operations instead of a walk from word to word.
"""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from kb.entries import Entry
from kb.text import STOP_WORDS, folded_words, stem_of

#: A text as the 32-bit numbers of its stems, in order; of a stem that stood before in it the complement (~number), so
#: that what is not negative is each of its stems once.
Packed = bytes
StemNumbers = NDArray[np.int32]
#: The number of a stem that no entry has ever had; in what is packed the same number is a mark, so it is never packed.
UNKNOWN = -1
#: Stop words have the first numbers.
STOP_COUNT = len(STOP_WORDS)


class Vocabulary:
    """The number of every stem that an entry has had; safe for several threads.

    Numbers are never taken back, so that what was packed once can always be read. They tell the order in which stems
    were met, on which nothing that is found may depend.
    """

    def __init__(self) -> None:
        self._numbers = _Numbers()
        self._words = _Words(self._numbers)

    def __len__(self) -> int:
        """How many stems there are; every number is less."""
        return len(self._numbers)

    def number(self, stem: str) -> int:
        """The number of a stem; `UNKNOWN` where no entry has ever had it and it is no stop word."""
        return self._numbers.get(stem, UNKNOWN)

    def learn(self, text: str) -> list[int]:
        """The numbers of the stems of an entry's text, in order; stems that are new get theirs."""
        return list(map(self._words.__getitem__, folded_words(text)))

    def forget_words(self) -> None:
        """Let go of which word has which stem; the numbers of the stems stay."""
        self._words.clear()

    def packed(self, found: Sequence[str]) -> Packed | None:
        """The stems of a text that is no entry's, packed; None where no entry can have all of them."""
        numbers = [self.number(stem) for stem in found]
        return None if UNKNOWN in numbers else pack(numbers)


class _Numbers(dict[str, int]):
    """Numbers that are given when they are first asked for; stop words have the first ones."""

    def __init__(self) -> None:
        super().__init__((stem, number) for number, stem in enumerate(sorted(STOP_WORDS)))
        self._giving = Lock()

    def __missing__(self, stem: str) -> int:
        with self._giving:
            return self.setdefault(stem, len(self))


class _Words(dict[str, int]):
    """The numbers of the stems of words, so that no word of entries that are read together is stemmed twice."""

    def __init__(self, stems: _Numbers) -> None:
        super().__init__()
        self._stems = stems

    def __missing__(self, word: str) -> int:
        number = self[word] = self._stems[stem_of(word)]
        return number


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one version of an entry."""

    #: One per wording, in the entry's order.
    wordings: tuple[Packed, ...]
    body: Packed
    #: Every stem in any of them, once.
    every: Packed


def words_of(entry: Entry, vocabulary: Vocabulary) -> Words:
    """The words of an entry's version."""
    body, *wordings = map(vocabulary.learn, (entry.answer, *entry.wordings))
    every = dict.fromkeys(chain(body, *wordings))
    return Words(tuple(map(pack, wordings)), pack(body), array("i", every).tobytes())


@dataclass(frozen=True, slots=True)
class StemCounts:
    """In how many of an entry's wordings each stem stands."""

    #: Each stem once.
    stems: Packed
    #: As many 32-bit numbers.
    counts: bytes
    wordings: int


def counted(wordings: Sequence[Packed]) -> StemCounts:
    """Count the wordings of an entry that have each stem."""
    numbers = unpacked(b"".join(wordings))
    stems, counts = np.unique(numbers[numbers >= 0], return_counts=True)
    return StemCounts(stems.tobytes(), counts.astype(np.int32).tobytes(), len(wordings))


def pack(numbers: Sequence[int]) -> Packed:
    """A text packed, from the numbers of its stems in order."""
    if len(set(numbers)) == len(numbers):
        return array("i", numbers).tobytes()
    before: set[int] = set()
    marked = array("i")
    for number in numbers:
        marked.append(~number if number in before else number)
        before.add(number)
    return marked.tobytes()


def unpacked(text: Packed) -> StemNumbers:
    """The numbers of a text as they are packed, (words,)."""
    return np.frombuffer(text, dtype=np.int32)


def side_by_side(texts: Sequence[Packed]) -> tuple[StemNumbers, NDArray[np.intp]]:
    """The numbers of texts one after the other, (words,), and which text each belongs to, (words,)."""
    lengths = np.array([len(text) // 4 for text in texts], dtype=np.intp)
    return unpacked(b"".join(texts)), np.repeat(np.arange(len(texts)), lengths)


def plain(packed: StemNumbers) -> StemNumbers:
    """The same numbers without the mark of what stood before."""
    found: StemNumbers = np.where(packed < 0, ~packed, packed)
    return found


def is_stop(packed: StemNumbers) -> NDArray[np.bool_]:
    """Which stand for a stop word that did not stand before."""
    return (packed >= 0) & (packed < STOP_COUNT)
