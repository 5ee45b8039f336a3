"""Vocabulary: stems as numbers, so that the words of many texts lie side by side and are compared in one go.

A text is kept packed: one number per word, in order. That takes a fraction of the memory of its words, and to compare a
question with what a search brings is a few array operations instead of a walk from word to word.
"""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from kb.entries import Entry
from kb.text import STOP_WORDS, stems

#: A text as the 32-bit numbers of its stems, in order; of a stem that stood before in it the complement (~number), so
#: that what is not negative is each of its stems once.
Packed = bytes
StemNumbers = NDArray[np.int32]
#: The number of a stem that no entry has ever had.
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

    def __len__(self) -> int:
        """How many stems there are; every number is less."""
        return len(self._numbers)

    def number(self, stem: str) -> int:
        """The number of a stem; `UNKNOWN` where no entry has ever had it."""
        return self._numbers.get(stem, UNKNOWN)

    def pack(self, text: str) -> Packed:
        """A text of an entry, packed; stems that are new get their numbers."""
        return _packed([self._numbers[stem] for stem in stems(text)])

    def packed(self, found: Sequence[str]) -> Packed | None:
        """The stems of a text that is no entry's, packed; None where no entry can have all of them."""
        numbers = [self.number(stem) for stem in found]
        return None if UNKNOWN in numbers else _packed(numbers)


class _Numbers(dict[str, int]):
    """Numbers that are given when they are first asked for; stop words have the first ones."""

    def __init__(self) -> None:
        super().__init__((stem, number) for number, stem in enumerate(sorted(STOP_WORDS)))
        self._giving = Lock()

    def __missing__(self, stem: str) -> int:
        with self._giving:
            return self.setdefault(stem, len(self))


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
    wordings = tuple(map(vocabulary.pack, entry.wordings))
    body = vocabulary.pack(entry.answer)
    once = dict.fromkeys(array("i", b"".join([body, *wordings])))
    every = array("i", [number for number in once if number >= 0]).tobytes()
    return Words(wordings, body, every)


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


def is_telling(packed: StemNumbers) -> NDArray[np.bool_]:
    """Which stand for a stem that is no stop word and did not stand before; not for what is `UNKNOWN`."""
    return packed >= STOP_COUNT


def is_stop(packed: StemNumbers) -> NDArray[np.bool_]:
    """Which stand for a stop word that did not stand before."""
    return (packed >= 0) & (packed < STOP_COUNT)


def _packed(numbers: list[int]) -> Packed:
    if len(set(numbers)) < len(numbers):
        before: set[int] = set()
        for place, number in enumerate(numbers):
            if number in before:
                numbers[place] = ~number
            before.add(number)
    return array("i", numbers).tobytes()
