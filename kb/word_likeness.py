"""How like a question's words are to those of texts: weighted cosines, coverage, BM25; all texts in one go.

What is found of a text is summed in the order of its own words, or of the question's, so that it does not depend on
what the text is compared beside.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from kb.keywords import KeywordIndex
from kb.ranking import Numbers
from kb.vocabulary import UNKNOWN, Packed, StemCounts, StemNumbers, is_stop, plain, side_by_side, unpacked

#: The usual BM25 constants: how fast repetition saturates, how much length counts.
_K1, _B = 1.2, 0.75
#: How many imagined wordings with the words of any entry stand beside an entry's own, and at how many wordings half of
#: what they say counts: with fewer, chance decides which words they have.
_IMAGINED, _HALF = 2.0, 10.0
#: Likelihoods are told in tens, which keeps them about as large as what else is measured.
_UNIT = 10.0
#: The most words that likelihoods are of. Nobody's wordings have every word of a long message, and each that is missing
#: would speak against an entry, the more so the more wordings it has.
_MOST_WORDS = 8
Places = NDArray[np.intp]


class WordLikeness:
    """A question made ready to be compared with texts, its words weighed as the index has it now."""

    def __init__(self, index: KeywordIndex, question: Sequence[str]) -> None:
        """Weigh the words of a question.

        Args:
            index: whose entries the texts belong to.
            question: its stems, in order.
        """
        #: Its stems packed; None where no entry can have all of them.
        self.packed = index.vocabulary.packed(question)
        self._index = index
        stems = index.numbers(dict.fromkeys(question))
        self._weights = index.weights(stems)
        self._squares = float(np.cumsum(self._weights**2)[-1]) if len(stems) else 0.0
        self._telling = np.where(is_stop(stems), 0.0, self._weights)
        # What no entry has that everyone may see weighs as much as what none ever had.
        self._unheard = self._weights == index.weights(np.array([UNKNOWN]))
        self._stems = _Sought(stems)
        numbers = index.numbers(question)
        known = [pair for pair in dict.fromkeys(pairwise(numbers.tolist())) if UNKNOWN not in pair]
        self._pair_count = len(set(pairwise(question)))
        self._pairs = _Sought(_codes(np.array(known, dtype=np.int64).reshape(-1, 2).T))

    def cosines(self, texts: Sequence[Packed]) -> tuple[Numbers, Numbers]:
        """The weighted cosines (0 to 1) of the question's words and each text's, and of the neighbouring words."""
        words, owners = side_by_side(texts)
        count = len(texts)
        places, mine = self._stems.among(words)
        shared = np.bincount(owners[places], self._weights[mine] ** 2, minlength=count)
        once = words >= 0
        squares = np.bincount(owners[once], self._index.weights(words[once]) ** 2, minlength=count)
        alike = np.sqrt(self._squares * squares)
        cosines = np.minimum(np.divide(shared, alike, out=np.zeros(count), where=alike > 0), 1.0)
        return cosines, self._pair_cosines(words, owners, count)

    def _pair_cosines(self, words: StemNumbers, owners: Places, count: int) -> Numbers:
        """The same for pairs of neighbouring words, all of which weigh the same."""
        beside = np.flatnonzero(owners[:-1] == owners[1:])
        owner = owners[beside]
        numbers = plain(words)
        places, mine = self._pairs.among(_codes((numbers[beside], numbers[beside + 1])))
        # A pair that stands in a text twice is shared once.
        shared = np.unique(owner[places] * self._pair_count + mine) // self._pair_count
        pairs = np.bincount(owner, minlength=count)
        # Only where both words stood before, the pair may have.
        for text in np.unique(owner[(words[beside] < 0) & (words[beside + 1] < 0)]).tolist():
            pairs[text] = len(set(pairwise(numbers[owners == text].tolist())))
        most = np.sqrt(self._pair_count * pairs)
        found: Numbers = np.divide(np.bincount(shared, minlength=count), most, out=np.zeros(count), where=most > 0)
        return found

    def coverage(self, vocabularies: Sequence[Packed]) -> Numbers:
        """The share (0 to 1) of the weight of the question's telling words that stands in each text."""
        words, owners = side_by_side(vocabularies)
        places, mine = self._stems.among(words)
        total = self._telling.sum()
        shared = np.bincount(owners[places], self._telling[mine], minlength=len(vocabularies))
        return np.minimum(shared / total, 1.0) if total else np.zeros(len(vocabularies))

    def likelihood(self, entries: Sequence[StemCounts]) -> Numbers:
        """How much likelier each entry's wordings have the question's telling words than those of any entry have.

        The sum over these words of log(share of the entry's wordings with it / share of the entries with it), in tens,
        shrunk towards 0 where there are few wordings: naive Bayes with the usual smoothing (Lewis, Naive (Bayes) at
        forty, 1998). Of fifty wordings no single one tells what this does. A word that neither the entry nor any other
        has says nothing, and the words of a long question say together as much as eight.
        """
        words, owners = side_by_side([each.stems for each in entries])
        places, mine = self._stems.among(words)
        have = np.zeros((len(entries), len(self._weights)))
        have[owners[places], mine] = unpacked(b"".join([each.counts for each in entries]))[places]
        wordings = np.array([each.wordings for each in entries], dtype=np.float64)
        # The weight of a telling word is minus the logarithm of the share of entries that have it.
        imagined = _IMAGINED * np.exp(-self._telling)
        odds = np.log((have + imagined) / (wordings[:, None] + _IMAGINED)) + self._telling
        odds[(self._telling == 0.0) | (self._unheard & (have == 0))] = 0.0
        heard = int(((self._telling > 0.0) & ~self._unheard).sum())
        found: Numbers = odds.sum(axis=1) * wordings / (wordings + _HALF) / _UNIT
        return found * min(1.0, _MOST_WORDS / max(heard, 1))

    def bm25(self, bodies: Sequence[Packed]) -> Numbers:
        """BM25 of each text for the question, as a share (0 to 1) of the most that any text could get."""
        words, owners = side_by_side(bodies)
        count, sought = len(bodies), len(self._weights)
        places, mine = self._stems.among(plain(words))
        often = np.bincount(owners[places] * sought + mine, minlength=count * sought).reshape(count, sought)
        lengths = np.bincount(owners, minlength=count)
        damping = _K1 * (1 - _B + _B * lengths / max(self._index.typical_length, 1.0))
        scores = (self._weights * often * (_K1 + 1) / (often + damping[:, None])).sum(axis=1)
        most = self._weights.sum() * (_K1 + 1)
        return scores / most if most else np.zeros(count)


class _Sought:
    """Numbers that are looked for among many."""

    def __init__(self, numbers: NDArray[np.signedinteger]) -> None:
        # What is unknown is nowhere.
        self._order = np.argsort(numbers)[int((numbers < 0).sum()) :]
        self._sorted = numbers[self._order]

    def among(self, many: NDArray[np.signedinteger]) -> tuple[Places, Places]:
        """The places of `many` where one of the numbers stands, and which one it is."""
        if not len(self._sorted):
            nowhere = np.empty(0, dtype=np.intp)
            return nowhere, nowhere
        at = np.minimum(np.searchsorted(self._sorted, many), len(self._sorted) - 1)
        places = np.flatnonzero(self._sorted[at] == many)
        return places, self._order[at[places]]


def _codes(pairs: Sequence[NDArray[np.signedinteger]] | NDArray[np.signedinteger]) -> NDArray[np.int64]:
    """Pairs of numbers as one number each."""
    first, second = pairs
    found: NDArray[np.int64] = (first.astype(np.int64) << 32) | second
    return found
