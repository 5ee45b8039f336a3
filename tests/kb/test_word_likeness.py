"""The words of a question against those of texts: what array operations give is what the definitions say."""

from collections import Counter
from itertools import pairwise
from math import log, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

import kb
from kb.entries import EntryStatus
from kb.keywords import KeywordIndex
from kb.text import STOP_WORDS, stems
from kb.vocabulary import Packed, Vocabulary, counted, pack, plain, side_by_side, unpacked, words_of
from kb.word_likeness import WordLikeness

_WORDS = some.sampled_from(["lamp", "socket", "the", "how", "order", "e27", "red", "wick", "oil"])
_TEXTS = some.lists(_WORDS, min_size=1, max_size=12).map(" ".join)
_QUESTIONS = some.lists(_WORDS | some.sampled_from(["unheard", "unseen"]), max_size=12).map(" ".join)


def index_of(texts: list[str]) -> KeywordIndex:
    index = KeywordIndex()
    for number, text in enumerate(texts):
        known = entry_of(number, text)
        index.put(known, words_of(known, index.vocabulary))
    return index


def entry_of(number: int, text: str) -> kb.Entry:
    draft = kb.Draft(text, text, kb.Provenance("ingest"))
    return kb.Entry(kb.WorkspaceId("T1"), kb.EntryId(f"{number:026}"), 1, EntryStatus.LIVE, draft, "ada", kb.utc_now())


def packed(vocabulary: Vocabulary, text: str) -> Packed:
    return pack(vocabulary.learn(text))


class Plain:
    """The definitions, word by word."""

    def __init__(self, texts: list[str]) -> None:
        self._stems = [stems(text) for text in texts]

    def weight(self, stem: str) -> float:
        frequency = sum(stem in text for text in self._stems)
        found = log(1 + (len(self._stems) - frequency + 0.5) / (frequency + 0.5))
        return found * (0.15 if stem in STOP_WORDS else 1.0)

    def cosine(self, one: str, other: str) -> float:
        mine, its = set(stems(one)), set(stems(other))
        shared = sum(self.weight(stem) ** 2 for stem in mine & its)
        return shared / sqrt(self._square(mine) * self._square(its)) if shared else 0.0

    def pairs(self, one: str, other: str) -> float:
        mine, its = set(pairwise(stems(one))), set(pairwise(stems(other)))
        return len(mine & its) / sqrt(len(mine) * len(its)) if mine & its else 0.0

    def coverage(self, question: str, text: str) -> float:
        telling = set(stems(question)) - STOP_WORDS
        total = sum(map(self.weight, telling))
        return sum(self.weight(stem) for stem in telling & set(stems(text))) / total if total else 0.0

    def likelihood(self, question: str, wordings: list[str]) -> float:
        found, heard = 0.0, 0
        for stem in set(stems(question)) - STOP_WORDS:
            holders = sum(stem in text for text in self._stems)
            have = sum(stem in stems(wording) for wording in wordings)
            entries = (holders + 0.5) / (len(self._stems) + 1)
            heard += holders > 0
            if holders or have:
                found += log((have + 2 * entries) / (len(wordings) + 2) / entries)
        return found * len(wordings) / (len(wordings) + 10) / 10 * min(1, 8 / max(heard, 1))

    def bm25(self, question: str, text: str) -> float:
        typical = sum(map(len, self._stems)) / len(self._stems)
        often = Counter(stems(text))
        damping = 1.2 * (1 - 0.75 + 0.75 * len(stems(text)) / max(typical, 1.0))
        mine = set(stems(question))
        score = sum(self.weight(stem) * often[stem] * 2.2 / (often[stem] + damping) for stem in mine)
        most = sum(self.weight(stem) * 2.2 for stem in mine)
        return score / most if most else 0.0

    def _square(self, text: set[str]) -> float:
        return sum(self.weight(stem) ** 2 for stem in text)


@given(some.lists(_TEXTS, min_size=1, max_size=8), _QUESTIONS)
def test_likeness_is_what_its_definition_says(texts: list[str], question: str) -> None:
    index, definition = index_of(texts), Plain(texts)
    likeness = WordLikeness(index, stems(question))
    bodies = [packed(index.vocabulary, text) for text in texts]
    cosines, pairs = likeness.cosines(bodies)
    assert cosines == pytest.approx([definition.cosine(question, text) for text in texts])
    assert pairs == pytest.approx([definition.pairs(question, text) for text in texts])
    coverage = likeness.coverage([_once(index.vocabulary, text) for text in texts])
    assert coverage == pytest.approx([definition.coverage(question, text) for text in texts])
    assert likeness.bm25(bodies) == pytest.approx([definition.bm25(question, text) for text in texts])


@given(some.lists(_TEXTS, min_size=1, max_size=8), some.lists(some.lists(_TEXTS, min_size=1), min_size=1), _QUESTIONS)
def test_likelihood_is_what_its_definition_says(texts: list[str], entries: list[list[str]], question: str) -> None:
    index, definition = index_of(texts), Plain(texts)
    counts = [counted([packed(index.vocabulary, wording) for wording in wordings]) for wordings in entries]
    found = WordLikeness(index, stems(question)).likelihood(counts)
    assert found == pytest.approx([definition.likelihood(question, wordings) for wordings in entries])


def test_words_that_most_wordings_have_and_few_entries_do_speak_for_an_entry() -> None:
    index = index_of(["order a lamp", "order a wick", "order a socket", "order oil"])
    lamps = [packed(index.vocabulary, text) for text in ("order a lamp", "a red lamp", "the lamp", "lamp oil")]
    wicks = [packed(index.vocabulary, text) for text in ("order a wick", "a red wick", "the wick", "lamp wick")]
    mine, other = WordLikeness(index, stems("which lamp")).likelihood([counted(lamps), counted(wicks)])
    assert mine > 0 > other


def test_what_else_a_long_question_says_speaks_no_louder_against_an_entry_than_eight_words() -> None:
    index = index_of(["order a lamp", *(f"thing{number}" for number in range(40))])
    lamps = counted([packed(index.vocabulary, "order a lamp")] * 20)
    against = [
        WordLikeness(index, stems(" ".join(f"thing{number}" for number in range(count)))).likelihood([lamps])[0]
        for count in (4, 8, 9, 40)
    ]
    assert 0 > against[0] > against[1] == pytest.approx(against[2]) == pytest.approx(against[3])
    unheard = " ".join(f"never{number}" for number in range(40))
    said, alone = (WordLikeness(index, stems(text)).likelihood([lamps]) for text in (f"a lamp {unheard}", "a lamp"))
    assert said == alone, "what is in no entry says nothing of any"


def test_a_word_that_was_learned_and_taken_back_says_nothing_again() -> None:
    index = index_of(["order a lamp", "order a wick"])
    lamps = counted([packed(index.vocabulary, "order a lamp")] * 20)
    before = WordLikeness(index, stems("a lamp from Kerbel")).likelihood([lamps])
    taught = entry_of(9, "What is in Kerbel?")
    index.put(taught, words_of(taught, index.vocabulary))
    assert WordLikeness(index, stems("a lamp from Kerbel")).likelihood([lamps]) < before
    index.remove(taught.id)
    assert WordLikeness(index, stems("a lamp from Kerbel")).likelihood([lamps]) == before


@given(some.lists(_TEXTS, min_size=1, max_size=8), _QUESTIONS, some.data())
def test_what_is_found_of_a_text_depends_on_no_other_and_on_no_order(
    texts: list[str], question: str, chance: some.DataObject
) -> None:
    other_order = chance.draw(some.permutations(texts))
    found = []
    for index, compared in ((index_of(texts), texts), (index_of(other_order), texts[:1])):
        likeness, all_packed = WordLikeness(index, stems(question)), [packed(index.vocabulary, one) for one in compared]
        measures = (
            *likeness.cosines(all_packed),
            likeness.coverage([_once(index.vocabulary, one) for one in compared]),
            likeness.bm25(all_packed),
            likeness.likelihood([counted([one, all_packed[0]]) for one in all_packed]),
        )
        found.append([each[:1].tolist() for each in measures])
    assert found[0] == found[1]


@given(_TEXTS, _QUESTIONS)
def test_a_packed_text_can_be_read_and_marks_what_stood_before(text: str, unknown: str) -> None:
    vocabulary = Vocabulary()
    marked = unpacked(packed(vocabulary, text))
    assert plain(marked).tolist() == [vocabulary.number(stem) for stem in stems(text)]
    assert sorted(marked[marked >= 0]) == sorted(vocabulary.number(stem) for stem in set(stems(text)))
    known = set(stems(unknown)) <= set(stems(text)) | STOP_WORDS
    before = len(vocabulary)
    assert (vocabulary.packed(stems(unknown)) is not None) is known
    assert len(vocabulary) == before  # a question teaches no words


def test_numbers_stay_when_words_are_let_go_of() -> None:
    vocabulary = Vocabulary()
    before = vocabulary.learn("ordering lamps")
    vocabulary.forget_words()
    assert vocabulary.learn("lamps ordered") == before[::-1]
    assert unpacked(pack(before)).tolist() == [vocabulary.number("order"), vocabulary.number("lamp")]


def test_texts_without_words_are_like_nothing() -> None:
    index = index_of(["order a lamp"])
    likeness = WordLikeness(index, stems("order a lamp"))
    cosines, pairs = likeness.cosines([b"", packed(index.vocabulary, "order a lamp"), b""])
    assert cosines.tolist() == [0.0, 1.0, 0.0]
    assert pairs.tolist() == [0.0, 1.0, 0.0]
    assert WordLikeness(index, []).cosines([packed(index.vocabulary, "lamp")])[0].tolist() == [0.0]
    assert [len(each) for each in side_by_side([])] == [0, 0]


def _once(vocabulary: Vocabulary, text: str) -> bytes:
    numbers = unpacked(packed(vocabulary, text))
    return np.ascontiguousarray(numbers[numbers >= 0]).tobytes()
