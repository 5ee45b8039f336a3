"""A follow-up ('and on mobile?') is understood as far as the question before it plus its own words go.

Nothing is rewritten: the candidates are the message alone and the message joined to the question before it. Which
of them was meant is decided by how each looks (`leaning`) and by what each finds (the confidence of its evidence).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kb.entries import Evidence

#: A question before this many characters is carried on whole; of a longer one the beginning.
_BEFORE = 300


@dataclass(frozen=True)
class Candidate:
    """One way to understand a message."""

    #: The question, readable without the conversation.
    text: str
    #: True where it is the question before plus this message.
    joined: bool


_LEADS = re.compile(
    r"^(?:(?:ok|okay|and|but|so|also|then|thanks|thank\s+you|great|hmm|ah|oh|yes|no|what\s+about|how\s+about|what\s+if|or)\b[\s,;:.!—-]*)+",
    re.IGNORECASE,
)
_STRONG_LEAD = re.compile(
    r"^(?:(?:ok|okay|thanks|thank\s+you|great|hmm|ah|oh|yes|no)\W+)*(?:and|or|but|what\s+about|how\s+about|what\s+if|same)\b",
    re.I,
)
_POINTS_BACK = re.compile(
    r"\b(?:it|its|that|this|those|these|them|they|their|one|ones|there|instead|either|too|else|same|then|afterwards?|"
    r"otherwise|such|so)\b",
    re.IGNORECASE,
)
_ASKS_ALONE = re.compile(
    r"^(?:how\s+(?:do|can|does|should|would|to)|where\s+(?:do|can|is|are)|what\s+(?:is|are|does|happens)|can\s+(?:i|we|you)|do\s+(?:i|we|you)|"
    r"is\s+there|are\s+there|why\s+(?:is|are|do|does|did)|who\s+(?:is|can)|when\s+(?:is|do|does|will)|i\s+(?:want|need|would|am|can|forgot|have))\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


def understand(text: str, earlier_questions: Sequence[str]) -> tuple[Candidate, ...]:
    """The ways to understand a message: alone, and joined to the question before it where there is one.

    Args:
        text: the message.
        earlier_questions: what the same conversation asked before, oldest first.
    """
    alone = Candidate(text=text.strip(), joined=False)
    before = standing_question(earlier_questions)
    if not before:
        return (alone,)
    return alone, Candidate(text=join(before, text), joined=True)


def standing_question(earlier_questions: Sequence[str]) -> str:
    """The question that stands when the next message comes: the last one, joined to what it followed, if it did."""
    standing = ""
    for question in earlier_questions:
        question = question.strip()
        if not question:
            continue
        standing = join(standing, question) if standing and leaning(question) >= _FOLLOWS else question
    return standing


def join(before: str, text: str) -> str:
    """A question and what was added to it, as one text to search for."""
    own = _LEADS.sub("", text.strip()) or text.strip()
    return f"{before.strip()[:_BEFORE].rstrip()} {own}"


#: From this leaning a message is taken as a follow-up by its looks alone.
_FOLLOWS = 1.0


def leaning(text: str) -> float:
    """How much a message looks as if it leans on what was said before; 0 for one that stands alone, 3 at most."""
    words = _WORD.findall(text)
    score = 0.0
    if _STRONG_LEAD.match(text.strip()):
        score += 1.0
    if _POINTS_BACK.search(text):
        score += 0.6
    if len(words) <= 3:
        score += 1.0
    elif len(words) <= 5:
        score += 0.4
    if _ASKS_ALONE.match(text.strip()) and len(words) > 4:
        score -= 0.6
    return max(score, 0.0)


#: Weights of the choice, fitted on one half of the label set and measured on the other
#: (`tests/benchmarks/follow_ups.py`).
LEANING_WEIGHT = 0.4
JOINED_FROM = 0.2


def choose(text: str, found: Sequence[tuple[Candidate, Evidence]]) -> int:
    """Which of the candidates was meant, as an index into `found`.

    Args:
        text: the message.
        found: each candidate with what a search for it found; the first is the message alone.
    """
    if len(found) < 2:
        return 0
    gain = found[1][1].confidence - found[0][1].confidence
    return int(gain + LEANING_WEIGHT * leaning(text) >= JOINED_FROM)
