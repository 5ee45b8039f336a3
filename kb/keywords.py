"""Words that a question and an entry share, weighted by how telling they are.

An index holds the words of one workspace's live entries and is changed entry by entry. How telling a word is (its
inverse document frequency) is counted over the entries that everyone may see, so that a restricted entry changes
nothing for those who may not see it.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from heapq import nsmallest
from itertools import pairwise
from math import log, sqrt
from threading import Lock
from typing import TypeVar

from kb.entries import EVERYONE, Audience, Entry, EntryKind
from kb.ids import EntryId
from kb.text import STOP_WORDS
from kb.text import stems as stems_of

#: A stop word counts this much of what its rarity would give it.
_STOP_WEIGHT = 0.15
#: The usual BM25 constants: how fast repetition saturates, how much length counts.
_K1, _B = 1.2, 0.75
#: How many entries one question may pull in by one of its words, and by all of them; rare words come first.
_MOST_PER_WORD = 400
_MOST = 800
#: How many weights are remembered between two changes; questions bring in words that no entry has.
_MOST_WEIGHTS = 100_000
_NOBODY: frozenset[EntryId] = frozenset()
_NOTHING: frozenset[str] = frozenset()
_Key = TypeVar("_Key")


@dataclass(frozen=True)
class Bag:
    """A text as the stems in it."""

    #: In order, stop words included.
    stems: tuple[str, ...]

    @cached_property
    def counts(self) -> Counter[str]:
        """How often each stem occurs."""
        return Counter(self.stems)

    def pairs(self) -> set[tuple[str, str]]:
        """The neighbouring stems."""
        return set(pairwise(self.stems))


@dataclass(frozen=True)
class Words:
    """The words of one version of an entry."""

    kind: EntryKind
    audience: Audience
    #: One per wording, in the entry's order.
    wordings: tuple[Bag, ...]
    body: Bag

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """Every stem in it; kept for those that are compared with a question."""
        return self.all_stems()

    def all_stems(self) -> frozenset[str]:
        """Every stem in it."""
        return frozenset().union(self.body.stems, *[bag.stems for bag in self.wordings])

    def telling_stems(self) -> frozenset[str]:
        """Every stem in it that is no stop word."""
        return self.all_stems() - STOP_WORDS

    def has(self, stem: str) -> bool:
        """Whether a stem is in it."""
        return stem in self.body.stems or any(stem in bag.stems for bag in self.wordings)


def bag_of(text: str) -> Bag:
    """The bag of a text."""
    return Bag(tuple(stems_of(text)))


def words_of(entry: Entry) -> Words:
    """The words of an entry's version."""
    content = entry.content
    wordings = tuple(bag_of(wording) for wording in entry.wordings)
    return Words(content.kind, content.audience, wordings, bag_of(entry.answer))


class KeywordIndex:
    """The words of the live entries of one workspace; threads take turns by `lock`."""

    def __init__(self) -> None:
        #: To be held around every use.
        self.lock = Lock()
        self._entries: dict[EntryId, Words] = {}
        self._kinds: dict[EntryKind, set[EntryId]] = {kind: set() for kind in EntryKind}
        # Who has a telling word. Lists, because sets take five times the memory; nothing is looked up in them.
        self._holders: dict[EntryKind, dict[str, list[EntryId]]] = {kind: {} for kind in EntryKind}
        # Those that not everyone may see, by who may.
        self._restricted: dict[Audience, set[EntryId]] = {}
        # Answers by their words in order, so that what says the same is found however far its question is.
        self._sayings: dict[tuple[str, ...], list[EntryId]] = {}
        # Counted over the entries that everyone may see.
        self._documents = 0
        self._frequency: Counter[str] = Counter()
        self._body_length = 0
        # Weights that have been worked out since the last change.
        self._weights: dict[str, float] = {}
        # The same for the squared lengths of texts, by their stems.
        self._squares: dict[tuple[str, ...], float] = {}

    def put(self, entry: EntryId, words: Words) -> None:
        """Hold an entry's words, in place of what was held for it before."""
        self._replace(entry, words)

    def remove(self, entry: EntryId) -> None:
        """Forget an entry; harmless when it is not held."""
        self._replace(entry, None)

    def _replace(self, entry: EntryId, words: Words | None) -> None:
        before = self._entries.pop(entry, None)
        if before is None and words is None:
            return
        self._forget_weights()
        same = _NOTHING
        if before is not None and words is not None and before.kind is words.kind:
            # Mostly nearly all of them, and to be taken out of the list of a common word takes long.
            same = before.telling_stems() & words.telling_stems()
        if before is not None:
            self._take_out(entry, before, but=same)
        if words is not None:
            self._put_in(entry, words, but=same)

    def _put_in(self, entry: EntryId, words: Words, *, but: frozenset[str]) -> None:
        self._entries[entry] = words
        self._kinds[words.kind].add(entry)
        holders = self._holders[words.kind]
        stems = words.all_stems()
        for stem in stems - STOP_WORDS - but:
            if (held := holders.get(stem)) is None:
                holders[stem] = [entry]
            else:
                held.append(entry)
        if words.kind is EntryKind.ANSWER:
            self._sayings.setdefault(words.body.stems, []).append(entry)
        if words.audience == EVERYONE:
            self._documents += 1
            self._frequency.update(stems)
            self._body_length += len(words.body.stems)
        else:
            self._restricted.setdefault(words.audience, set()).add(entry)

    def _take_out(self, entry: EntryId, words: Words, *, but: frozenset[str]) -> None:
        self._kinds[words.kind].discard(entry)
        holders = self._holders[words.kind]
        for stem in words.telling_stems() - but:
            _drop(holders, stem, entry)
        if words.kind is EntryKind.ANSWER:
            _drop(self._sayings, words.body.stems, entry)
        if words.audience == EVERYONE:
            self._documents -= 1
            self._frequency.subtract(words.all_stems())
            self._body_length -= len(words.body.stems)
        else:
            self._restricted[words.audience].discard(entry)

    def saying(self, answer: Bag) -> list[EntryId]:
        """The entries whose answer has the same words in the same order, in the order of their ids."""
        return sorted(self._sayings.get(answer.stems, ()))

    def admitted(self, readers: frozenset[str], kind: EntryKind, most: int) -> list[EntryId] | None:
        """All entries of a kind that the readers may see, or None where there are more than `most`."""
        hidden = self._hidden(readers)
        if len(self._kinds[kind]) - len(hidden & self._kinds[kind]) > most:
            return None
        return list(self._kinds[kind] - hidden)

    def weight(self, stem: str) -> float:
        """How telling a stem is: its inverse document frequency, less for a stop word."""
        found = self._weights.get(stem)
        if found is None:
            frequency = self._frequency[stem]
            found = log(1 + (self._documents - frequency + 0.5) / (frequency + 0.5))
            found *= _STOP_WEIGHT if stem in STOP_WORDS else 1.0
            if len(self._weights) >= _MOST_WEIGHTS:
                self._weights.clear()
            self._weights[stem] = found
        return found

    def nominate(self, question: Bag, readers: frozenset[str], kind: EntryKind, count: int) -> list[EntryId]:
        """Up to `count` entries of a kind, those first that share most of the question's weight."""
        found: dict[EntryId, float] = {}
        weights = {stem: self.weight(stem) for stem in question.counts if stem not in STOP_WORDS}
        hidden = self._hidden(readers)
        for stem, weight in sorted(weights.items(), key=lambda each: (-each[1], each[0])):
            if len(found) >= _MOST:
                break
            holders = self._holders[kind].get(stem, ())
            if len(holders) > _MOST_PER_WORD and found:
                # A word that common cannot bring in anything new; it only adds to what rarer words found. Its holders
                # are not walked: in a large knowledge base that is most of a search.
                for entry in found:
                    if self._entries[entry].has(stem):
                        found[entry] += weight
            else:
                for entry in holders:
                    if entry not in hidden:
                        found[entry] = found.get(entry, 0.0) + weight
        return nsmallest(count, found, key=lambda entry: (-found[entry], entry))

    def against(self, question: Bag) -> "Weighed":
        """A question made ready to be compared with texts; holds until the next change."""
        return Weighed(self, question)

    @property
    def typical_length(self) -> float:
        """How many words a body has on average."""
        return self._body_length / self._documents if self._documents else 1.0

    def squares(self, bag: Bag) -> float:
        """The squared length of a text as a vector of weights."""
        found = self._squares.get(bag.stems)
        if found is None:
            found = sum([weight * weight for weight in map(self.weight, dict.fromkeys(bag.stems))])
            if len(self._squares) >= _MOST_WEIGHTS:
                self._squares.clear()
            self._squares[bag.stems] = found
        return found

    def _forget_weights(self) -> None:
        self._weights.clear()
        self._squares.clear()

    def _hidden(self, readers: frozenset[str]) -> frozenset[EntryId]:
        """The entries that these readers may not see."""
        return _NOBODY.union(*(held for audience, held in self._restricted.items() if not audience.admits(readers)))


def _drop(held: dict[_Key, list[EntryId]], key: _Key, entry: EntryId) -> None:
    """Take an entry from under a key, and the key with the last one."""
    held[key].remove(entry)
    if not held[key]:
        del held[key]


class Weighed:
    """A question and what its words weigh, worked out once for all that it is compared with."""

    def __init__(self, index: KeywordIndex, question: Bag) -> None:
        self._index = index
        self._weights = [(stem, index.weight(stem)) for stem in question.counts]
        self._shared = [(stem, weight**2) for stem, weight in self._weights]
        self._pairs = question.pairs()
        self._telling = [(stem, weight) for stem, weight in self._weights if stem not in STOP_WORDS]
        self._total = sum(weight for _, weight in self._telling)
        self._squares = index.squares(question)
        self._typical = max(index.typical_length, 1.0)

    def coverage(self, vocabulary: frozenset[str]) -> float:
        """The share (0 to 1) of the weight of the question's telling words that stands in the vocabulary."""
        shared = sum([weight for stem, weight in self._telling if stem in vocabulary])
        return shared / self._total if self._total else 0.0

    def likeness(self, wordings: Iterable[Bag]) -> tuple[float, float]:
        """The best weighted cosine (0 to 1) between the question and a wording, and the best of neighbouring words."""
        best, best_pairs = 0.0, 0.0
        for wording in wordings:
            # Made anew each time: most entries are met once in a long while, and kept for all of them this takes more
            # memory than their texts.
            there = set(wording.stems)
            shared = sum([square for stem, square in self._shared if stem in there])
            if not shared:
                continue  # nor are two neighbours shared
            best = max(best, shared / sqrt(self._squares * self._index.squares(wording)))
            neighbours = wording.pairs()
            if pairs := len(self._pairs & neighbours):
                best_pairs = max(best_pairs, pairs / sqrt(len(self._pairs) * len(neighbours)))
        return best, best_pairs

    def bm25(self, body: Bag) -> float:
        """BM25 of a text for the question, as a share (0 to 1) of the most that any text could get."""
        damping = _K1 * (1 - _B + _B * len(body.stems) / self._typical)
        score = most = 0.0
        for stem, weight in self._weights:
            often = body.counts.get(stem, 0)
            score += weight * often * (_K1 + 1) / (often + damping)
            most += weight * (_K1 + 1)
        return score / most if most else 0.0
