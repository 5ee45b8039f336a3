"""Which entry a row or passage was before: the same content first, then the same question, then similar words. Pure.

Content comes first, so that what merely moved is unchanged, and one inserted passage is one new entry, come what may.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence

from kb.entries import Draft, EntryKind
from kb.text import normalise, words

#: Share of common words from which two texts under different questions are taken for versions of one.
_ALIKE = 0.6
#: Comparing everything with everything is left out beyond this many pairs; such a file was written anew.
_MOST_PAIRS = 250_000


def by_content(new: Sequence[str | None], old: Sequence[str | None]) -> dict[int, int]:
    """Match by content hash: which index of `new` is which of `old`, each at most once."""
    known: dict[str | None, deque[int]] = defaultdict(deque)
    for index, content_hash in enumerate(old):
        known[content_hash].append(index)
    found = {}
    for index, content_hash in enumerate(new):
        if content_hash is not None and known[content_hash]:
            found[index] = known[content_hash].popleft()
    return found


def by_likeness(new: Mapping[int, Draft], old: Mapping[int, Draft]) -> dict[int, int]:
    """Match what content did not: the same question first, then alike under another; most common words first."""
    found = _best_first(_same_question(new, old))
    open_now = {index: draft for index, draft in new.items() if index not in found}
    left = {index: draft for index, draft in old.items() if index not in found.values()}
    return found | _best_first(_alike(open_now, left))


def _best_first(pairs: Iterable[tuple[float, int, int]]) -> dict[int, int]:
    # Highest score first; among equals the order of the file.
    found: dict[int, int] = {}
    taken: set[int] = set()
    for _, new, old in sorted(pairs, key=lambda each: (-each[0], each[1], each[2])):
        if new not in found and old not in taken:
            found[new] = old
            taken.add(old)
    return found


def _same_question(new: Mapping[int, Draft], old: Mapping[int, Draft]) -> Iterable[tuple[float, int, int]]:
    by_question: dict[tuple[EntryKind, str], list[int]] = defaultdict(list)
    for index, draft in old.items():
        by_question[draft.kind, normalise(draft.question)].append(index)
    for index, draft in new.items():
        for other in by_question[draft.kind, normalise(draft.question)]:
            same_readers = draft.audience == old[other].audience
            yield same_readers + _overlap(draft, old[other]), index, other


def _alike(new: Mapping[int, Draft], old: Mapping[int, Draft]) -> Iterable[tuple[float, int, int]]:
    if len(new) * len(old) > _MOST_PAIRS:
        return
    for index, draft in new.items():
        for other, known in old.items():
            score = _overlap(draft, known) if draft.kind is known.kind else 0.0
            if score >= _ALIKE:
                yield score, index, other


def _overlap(one: Draft, other: Draft) -> float:
    """The share of common words in two answers, 0 to 1."""
    first, second = set(words(one.answer)), set(words(other.answer))
    return len(first & second) / len(first | second) if first | second else 0.0
