"""A follow-up ('and on mobile?') is understood as far as the question before it plus its own words go.

Nothing is rewritten. A message that looks as if it leans on what came before is searched for three ways: its own
words, its own words with the topic of the question before, and that question itself. The third is what keeps the second
honest: a question joined to an earlier one is nearest to the earlier one's answer, and how sure a search is of *that*
says nothing of the follow-up. `settle` therefore trusts the joined search only where it finds something new.

`Caution` was chosen on one half of a label set and measured on the other (`tests/benchmarks/follow_ups.py`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kb.entries import Evidence, Hit
from kb.leaning import leaning, own_words, telling_words

#: How many words of the question before are taken as its topic.
_TOPIC_WORDS = 12
#: Longest question before that is carried on, in characters.
_BEFORE = 300


@dataclass(frozen=True)
class Caution:
    """How readily a message is taken as a follow-up, and what its answer is then worth (confidences, 0 to 1)."""

    #: From this leaning on a message is a follow-up, unless its own words find an answer more surely.
    follows_from: float = 0.2
    #: How much a sure answer to a message's own words speaks against its being a follow-up.
    sureness: float = 0.5
    #: What is taken off an answer that only the message's own words find, while the joined search stays with the answer
    #: before: 'and in the Mill?' alone finds the way to the Mill.
    doubt: float = 0.1
    #: The most that agreement of two searches on an entry is worth, where neither is sure of it.
    agreed: float = 0.5
    #: The most that the answer before is worth as the answer to a follow-up: it is offered, not simply said again.
    said_before: float = 0.35


@dataclass(frozen=True)
class Candidate:
    """One way to understand a message."""

    #: The question, readable without the conversation.
    text: str
    #: What to search for.
    query: str
    #: True where it is the question before plus this message.
    joined: bool


def understand(text: str, earlier_questions: Sequence[str]) -> tuple[Candidate, ...]:
    """The ways to understand a message: alone, and joined to the question before it where there is one.

    Args:
        text: the message.
        earlier_questions: what the same person asked before in the conversation, oldest first.
    """
    before = standing_question(earlier_questions)
    if before is None:
        return (Candidate(text, text, joined=False),)
    return Candidate(text, own_words(text), joined=False), _join(before, text)


def own_part(joined: str, earlier_questions: Sequence[str]) -> str:
    """The message itself, out of a question that `understand` joined to the one before it; all of it where it was not.

    Args:
        earlier_questions: as they were given to `understand`.
    """
    before = standing_question(earlier_questions)
    return joined if before is None else joined.removeprefix(f"{_head(before)} ")


def standing_question(earlier_questions: Sequence[str]) -> Candidate | None:
    """The question that stands when the next message comes: the last one, joined to what it followed, if it did."""
    standing: Candidate | None = None
    for question in earlier_questions:
        if not question.strip():
            continue
        follows = standing is not None and leaning(question) >= 1.0
        alone = Candidate(question, question, joined=False)
        standing = _join(standing, question) if standing is not None and follows else alone
    return standing


def follows(text: str, alone: Evidence, caution: Caution) -> bool:
    """Whether a message that has a question before it is a follow-up to it.

    Args:
        text: the message.
        alone: what a search for its own words found.
    """
    return leaning(text) - caution.sureness * alone.confidence >= caution.follows_from


def settle(understood: str, alone: Evidence, joined: Evidence, before: Evidence, caution: Caution) -> Evidence:
    """What is known about a follow-up, from what three searches found.

    Args:
        understood: the follow-up joined to the question before it.
        alone: for its own words.
        joined: for its own words and the topic of the question before.
        before: for the question before.

    Returns:
        Their hits as one ranking. Its confidence is the one of the search that was believed, or less.
    """
    said, own, together = _best(before), _best(alone), _best(joined)
    if own is None or together is None or said is None:
        chosen, confidence = (alone.best or joined.best), min(alone.confidence, joined.confidence)
    elif together != said:
        chosen = joined.best
        confidence = max(alone.confidence, joined.confidence) if own == together else joined.confidence
    elif own == said:
        chosen, confidence = alone.best, max(alone.confidence, min(joined.confidence, caution.said_before))
    elif own == next((hit.entry.id for hit in joined.hits if hit.entry.id != said), None):
        chosen = alone.best
        confidence = max(alone.confidence - caution.doubt, min(joined.confidence, caution.agreed))
    else:
        chosen, confidence = joined.best, min(joined.confidence, caution.said_before)
    ranked = (chosen, *joined.hits[:2], alone.best, *joined.hits[2:], *alone.hits[1:])
    merged: dict[str, Hit] = {}
    for hit in ranked:
        if hit is not None:
            merged.setdefault(hit.entry.id, hit)
    hits = tuple(merged.values())[: max(len(alone.hits), len(joined.hits))]
    return replace(joined, question=understood, hits=hits, confidence=confidence if hits else 0.0)


def _best(evidence: Evidence) -> str | None:
    return evidence.best.entry.id if evidence.best else None


def _join(before: Candidate, text: str) -> Candidate:
    topic = telling_words(before.query)[:_TOPIC_WORDS]
    return Candidate(
        text=f"{_head(before)} {text.strip()}",
        query=" ".join([own_words(text), *topic]),
        joined=True,
    )


def _head(before: Candidate) -> str:
    return before.text[:_BEFORE].rstrip()
