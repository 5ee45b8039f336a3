"""Who has which words: the words of one workspace's live entries, and how telling each word is.

The index is changed entry by entry. How telling a word is (its inverse document frequency) is counted over the entries
that everyone may see, so that a restricted entry changes nothing for those who may not see it.
"""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from threading import Lock
from typing import TypeVar

import numpy as np

from kb.entries import EVERYONE, Audience, Entry, EntryKind
from kb.ids import EntryId
from kb.ranking import Numbers
from kb.text import STOP_WORDS
from kb.vocabulary import (
    STOP_COUNT,
    Packed,
    StemNumbers,
    Vocabulary,
    Words,
    side_by_side,
)

#: A stop word counts this much of what its rarity would give it.
_STOP_WEIGHT = 0.15
#: How many entries one question may pull in by one of its words, and by all of them; rare words come first.
_MOST_PER_WORD = 400
_MOST = 800
_NOBODY: frozenset[EntryId] = frozenset()
_NOTHING: frozenset[int] = frozenset()
_UNWEIGHED: Numbers = np.empty(0)
_Key = TypeVar("_Key")


@dataclass(frozen=True, slots=True)
class _Held:
    """What is held of an entry."""

    kind: EntryKind
    audience: Audience
    words: Words


class KeywordIndex:
    """The words of the live entries of one workspace; threads take turns by `lock`."""

    def __init__(self) -> None:
        #: To be held around every use but that of the vocabulary.
        self.lock = Lock()
        self.vocabulary = Vocabulary()
        self._entries: dict[EntryId, _Held] = {}
        self._kinds: dict[EntryKind, set[EntryId]] = {kind: set() for kind in EntryKind}
        # Who has a telling word. Lists, because sets take five times the memory; nothing is looked up in them.
        self._holders: dict[EntryKind, dict[int, list[EntryId]]] = {kind: {} for kind in EntryKind}
        # Those that not everyone may see, by who may.
        self._restricted: dict[Audience, set[EntryId]] = {}
        # Answers by their words in order, so that what says the same is found however far its question is.
        self._sayings: dict[Packed, list[EntryId]] = {}
        # Counted over the entries that everyone may see; how many have a stem stands under its number.
        self._documents = 0
        self._frequency = array("i")
        self._body_length = 0
        # What every stem weighs, worked out when it is first asked for after a change.
        self._weights = _UNWEIGHED

    def put(self, entry: Entry, words: Words) -> None:
        """Hold an entry's words, in place of what was held for it before.

        Args:
            words: by this index's vocabulary.
        """
        self._replace(entry.id, _Held(entry.content.kind, entry.content.audience, words))

    def remove(self, entry: EntryId) -> None:
        """Forget an entry; harmless when it is not held."""
        self._replace(entry, None)

    def _replace(self, entry: EntryId, held: _Held | None) -> None:
        before = self._entries.pop(entry, None)
        self._weights = _UNWEIGHED
        same = _NOTHING
        if before is not None and held is not None and before.kind is held.kind:
            # Mostly nearly all of them, and to be taken out of the list of a common word takes long.
            same = frozenset(array("i", before.words.every)).intersection(array("i", held.words.every))
        if before is not None:
            self._take_out(entry, before, but=same)
        if held is not None:
            self._put_in(entry, held, but=same)

    def _put_in(self, entry: EntryId, held: _Held, *, but: frozenset[int]) -> None:
        self._entries[entry] = held
        self._kinds[held.kind].add(entry)
        holders = self._holders[held.kind]
        for stem in _telling(held.words, but):
            if (those := holders.get(stem)) is None:
                holders[stem] = [entry]
            else:
                those.append(entry)
        if held.kind is EntryKind.ANSWER:
            self._sayings.setdefault(held.words.body, []).append(entry)
        if held.audience == EVERYONE:
            self._documents += 1
            self._count(held.words, 1)
            self._body_length += len(held.words.body) // 4
        else:
            self._restricted.setdefault(held.audience, set()).add(entry)

    def _take_out(self, entry: EntryId, held: _Held, *, but: frozenset[int]) -> None:
        self._kinds[held.kind].discard(entry)
        holders = self._holders[held.kind]
        for stem in _telling(held.words, but):
            _drop(holders, stem, entry)
        if held.kind is EntryKind.ANSWER:
            _drop(self._sayings, held.words.body, entry)
        if held.audience == EVERYONE:
            self._documents -= 1
            self._count(held.words, -1)
            self._body_length -= len(held.words.body) // 4
        else:
            self._restricted[held.audience].discard(entry)

    def _count(self, words: Words, change: int) -> None:
        self._make_room()
        for stem in array("i", words.every):
            self._frequency[stem] += change

    def _make_room(self) -> None:
        missing = len(self.vocabulary) - len(self._frequency)
        if missing > 0:
            self._frequency.extend([0] * missing)

    def saying(self, answer: Sequence[str]) -> list[EntryId]:
        """The entries whose answer has the same stems in the same order, in the order of their ids."""
        packed = self.vocabulary.packed(answer)
        return [] if packed is None else sorted(self._sayings.get(packed, ()))

    def admitted(self, readers: frozenset[str], kind: EntryKind, most: int) -> list[EntryId] | None:
        """All entries of a kind that the readers may see, or None where there are more than `most`."""
        hidden = self._hidden(readers)
        if len(self._kinds[kind]) - len(hidden & self._kinds[kind]) > most:
            return None
        return list(self._kinds[kind] - hidden)

    def weights(self, stems: StemNumbers) -> Numbers:
        """How telling stems are, (n,): the inverse document frequency of each, less for a stop word.

        Args:
            stems: (n,) numbers; `UNKNOWN` is rarer than any other.
        """
        if len(self._weights) <= len(self.vocabulary):
            self._weights = self._weigh()
        return self._weights[stems]

    def _weigh(self) -> Numbers:
        """What each stem of the vocabulary weighs, and at the end what one that is `UNKNOWN` does."""
        self._make_room()
        frequency = np.append(np.array(self._frequency), 0)
        found: Numbers = np.log1p((self._documents - frequency + 0.5) / (frequency + 0.5))
        found[:STOP_COUNT] *= _STOP_WEIGHT
        return found

    def numbers(self, stems: Iterable[str]) -> StemNumbers:
        """The numbers of stems, (n,); `UNKNOWN` for those that no entry has ever had."""
        return np.array([self.vocabulary.number(stem) for stem in stems], dtype=np.int32)

    def nominate(self, question: Sequence[str], readers: frozenset[str], kind: EntryKind, count: int) -> list[EntryId]:
        """Up to `count` entries of a kind, those first that share most of the question's weight.

        Args:
            question: its stems.
        """
        found: dict[EntryId, float] = {}
        stems = sorted(set(question) - STOP_WORDS)
        numbers = self.numbers(stems)
        weights = self.weights(numbers)
        hidden = self._hidden(readers)
        for place in np.argsort(-weights, kind="stable").tolist():
            if len(found) >= _MOST:
                break
            stem, weight = int(numbers[place]), float(weights[place])
            holders = self._holders[kind].get(stem, ())
            if len(holders) > _MOST_PER_WORD and found:
                # A word that common cannot bring in anything new; it only adds to what rarer words found. Its holders
                # are not walked: in a large knowledge base that is most of a search.
                for entry in self._having(stem, list(found)):
                    found[entry] += weight
            else:
                for entry in holders:
                    if entry not in hidden:
                        found[entry] = found.get(entry, 0.0) + weight
        return nsmallest(count, found, key=lambda entry: (-found[entry], entry))

    def _having(self, stem: int, entries: Sequence[EntryId]) -> list[EntryId]:
        """Those of the entries that have a stem."""
        stems, owners = side_by_side([self._entries[entry].words.every for entry in entries])
        return [entries[place] for place in owners[stems == stem].tolist()]

    @property
    def typical_length(self) -> float:
        """How many words a body has on average."""
        return self._body_length / self._documents if self._documents else 1.0

    def _hidden(self, readers: frozenset[str]) -> frozenset[EntryId]:
        """The entries that these readers may not see."""
        return _NOBODY.union(*(held for audience, held in self._restricted.items() if not audience.admits(readers)))


def _telling(words: Words, but: frozenset[int]) -> list[int]:
    """The stems that are no stop words."""
    return [stem for stem in array("i", words.every) if stem >= STOP_COUNT and stem not in but]


def _drop(held: dict[_Key, list[EntryId]], key: _Key, entry: EntryId) -> None:
    """Take an entry from under a key, and the key with the last one."""
    held[key].remove(entry)
    if not held[key]:
        del held[key]
