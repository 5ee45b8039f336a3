"""Whether a message asks on, asks the same again, or asks something new: by its meaning first, and by its words.

Meaning is told by two things that the caller has found out: how like the message is to what stood before it (cosines
of sentence embeddings), and what is known about its own words. Where a search for them finds the entry that was said
before, the same is asked again; where it surely finds another, something new. Words tell what leans on what was said
before, and what says outright that it is the same ('what I meant is …'). Who got no answer asks again; who got one
asks on.

`Limits` were chosen on one half of a label set and are held on the other (`tests/benchmarks/heard.py`).
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from kb.leaning import leaning
from kb.text import STOP_WORDS, normalise, stems
from learning.signals.words import LONGEST, says_done, sentences


class Asking(StrEnum):
    """How what a message asks hangs together with the question before it."""

    ON = "on"
    AGAIN = "again"
    #: Something else, or nothing.
    NEW = "new"


@dataclass(frozen=True)
class Before:
    """What stood before a message."""

    #: The question that was answered last, in its own words.
    question: str
    #: What was said to it; empty where that was no answer.
    answer: str
    #: The entry that was said; None where none was.
    entry: str | None = None

    @property
    def answered(self) -> bool:
        """Whether the question was answered at all."""
        return bool(self.answer)


@dataclass(frozen=True)
class Likeness:
    """How like what a message asks is to what stood before it: cosines, -1 to 1."""

    question: float = 0.0
    #: 0 where there was no answer.
    answer: float = 0.0


@dataclass(frozen=True)
class Own:
    """What is known about the words of a message by themselves."""

    #: The entry that a search found first; None for nothing.
    entry: str | None
    #: Calibrated probability, 0 to 1, that it answers them.
    confidence: float


@dataclass(frozen=True)
class Limits:
    """From where on what is taken for what: cosines (-1 to 1) of the packaged model, confidences (0 to 1)."""

    #: Confidence from which what is known about a message's own words counts.
    sure: float = 0.6
    #: Likeness from which the question is the same: where the same entry was found for it, surely or merely first;
    #: where nothing sure was found; and where the one before was not answered.
    same_found: float = 0.2
    same_first: float = 0.55
    same_unknown: float = 0.65
    same_unanswered: float = 0.2
    #: The same, where the words say outright that it is meant again.
    same_as_said: float = 0.1
    #: How much leaning on what was said before, or concluding from it, takes off the likeness.
    leaning: float = 0.2
    #: Leaning from which it goes on from what was said, whatever it is like.
    leans: float = 0.6
    #: Likeness to the question, and to the answer, from which it is about the same thing although it finds an answer of
    #: its own; and to either of them, where it finds none, and where besides they share a telling word or it hints so.
    near_question: float = 0.25
    near_answer: float = 0.35
    near_unknown: float = 0.15
    near_hinted: float = 0.0


#: Says outright that the question before is meant.
_AGAIN = re.compile(
    r"\b(?:i (?:mean|meant|asked)|in other words|to rephrase|let me (?:rephrase|put it)|my question (?:is|was)|"
    r"what i (?:mean|meant|want|wanted|need|needed)(?: to know)?(?: is| was)|i(?:'m| am| was) asking|once again)\b",
    re.IGNORECASE,
)
#: Says outright that something else is meant.
_ELSE = re.compile(
    r"\b(?:(?:different|another|new|other) (?:question|topic|thing|matter)|something (?:else|different)|"
    r"unrelated|by the way|btw)\b",
    re.IGNORECASE,
)
#: Tells how things went, or answers somebody, and asks for nothing.
_REPORTS = re.compile(
    r"\b(?:still|again|but|though|thanks?|thx|ta|ok|okay|yes|no|nope|sorry|never mind|tried|luckily|now|wow|cool|great|"
    r"nice)\b",
    re.IGNORECASE,
)
#: Denies something that was said before: 'it does not help'. What denies without that tells a trouble.
_DENIES = re.compile(r"\bnot\b|n['’]t\b", re.IGNORECASE)
_OF_IT = re.compile(r"\b(?:it|that|this|they|there)\b", re.IGNORECASE)
#: So many telling words at least make a trouble told.
_TROUBLE = 2
#: Goes on from what was said: 'so what is it after six years?', 'what would happen to my bonus?'.
_CONCLUDES = re.compile(r"^(?:ok(?:ay)?[, ]+)?(?:so|what (?:would|will) happen)\b", re.IGNORECASE)
#: Asks on without a word of asking: 'and on a Saturday'.
_GOES_ON = re.compile(r"^(?:and|or|what about|how about)\b(?!.*[.!])", re.IGNORECASE)
#: A question without a verb asks for one more detail: 'how many times a year?'.
_DETAIL = re.compile(
    r"\b(?:how (?:many|much|long|often|far|soon|early|late)|per|each|every|only|or|until|when|where|which|why)\b",
    re.IGNORECASE,
)
_VERB = re.compile(
    r"\b(?:am|is|are|was|were|be|been|do|does|did|can|could|may|might|must|will|would|should|shall|have|has|had|need|"
    r"want|get|got)\b|['’](?:s|re|m|ve|d|ll)\b",
    re.IGNORECASE,
)
#: Hints that it goes on, where the words find no answer of their own: stands for something said before, asks for a
#: case of it, or lacks what it is allowed for, or faster than.
_HINTS = re.compile(
    r"\b(?:for|in|on|of|with|by|from|at|to|about|after|before|without|like) (?:that|those|this|these|there|it|them)\b|"
    r"\b(?:still|then|otherwise|instead|anyway|afterwards|meanwhile|at once|if|when|unless|in case)\b|"
    r"\b(?:allowed|possible|covered|included|enough|okay|ok|fine|valid|necessary|needed|required|optional|mandatory|"
    r"faster|quicker|cheaper|earlier|later|sooner|longer|shorter|more|less)[?!. ]*$",
    re.IGNORECASE,
)
#: A new question may be as short as a telegram: two or three words, all of which tell something.
_TELEGRAM = 3
#: A preposition that begins a complete question: 'on which day is it?'.
_COMPLETE = re.compile(r"^(?:on|at|by|in|for|from|to|until|with|since) (?:which|what|whose)\b", re.IGNORECASE)
_WH = r"(?:what|where|when|why|who|whom|whose|which|how)"
_AUX = r"(?:can|could|do|does|is|are|would|should|shall)"
_QUESTION = re.compile(
    r"(?:^|[,.:;*–—-]\s*|\b(?:and|but|or|so|then|thanks|ok|okay|hello|hi|sorry|now|please|pls)\s+)"
    rf"(?:(?:(?:on|at|by|in|for|from|until|till|to|with|since)\s+)?{_WH}\b|{_AUX}(?:n['’]t)?\s+\w|"
    r"(?:did|was|were|has|have|will|may|might|am)(?:n['’]t)?\s+"
    r"(?:i|we|you|he|she|it|they|one|there|the|a|an|my|our|your)\b)|"
    r"\b(?:i|we)(?:['’]d| would)? (?:need|want|like)\b|\bhow (?:to|(?:do|can) (?:i|we))\b|"
    r"\b(?:whether|whom? (?:do|can|to)|looking for|want to know|wonder)\b",
    re.IGNORECASE,
)


def subject(text: str) -> str:
    """What a message is about, to be compared with what stood before it; empty where it is about nothing.

    The part that asks for something; where none does, the whole, as some ask by telling their trouble ('my connection
    drops every few minutes'), unless it tells how things went ('it still does not work').
    """
    asking = [one for one in sentences(text) if _asks(one)]
    if asking:
        return " ".join(asking)
    text = text[:LONGEST]
    reports = _REPORTS.search(text) or (_DENIES.search(text) and _OF_IT.search(text)) or says_done(text)
    return "" if reports or len(_telling(text)) < _TROUBLE else text


def asking(text: str, before: Before, likeness: Likeness, own: Own | None, limits: Limits) -> Asking:
    """How what a message asks hangs together with the question before it.

    Args:
        text: what it is about, as `subject` gives it.
        likeness: of that to what stood before.
        own: what is known about that; None where nobody looked.
    """
    if not text or _ELSE.search(text):
        return Asking.NEW
    if normalise(text) == normalise(before.question):
        return Asking.AGAIN
    leans, concludes = _leans(text), bool(_CONCLUDES.match(text))
    like = likeness.question - limits.leaning * max(leans, float(concludes))
    if like >= _same(text, before, own, limits):
        return Asking.AGAIN
    if not _asks(text):
        return Asking.NEW
    if leans >= limits.leans or concludes:
        return Asking.ON
    if own is not None and own.confidence >= limits.sure and own.entry != before.entry:
        near = likeness.question >= limits.near_question or likeness.answer >= limits.near_answer
        return Asking.ON if near else Asking.NEW
    hints = _HINTS.search(text) or _telling(text) & _telling(f"{before.question} {before.answer}")
    limit = limits.near_hinted if hints else limits.near_unknown
    return Asking.ON if max(likeness.question, likeness.answer) >= limit else Asking.NEW


def _same(text: str, before: Before, own: Own | None, limits: Limits) -> float:
    """The likeness from which a message asks the same."""
    if _AGAIN.search(text):
        return limits.same_as_said
    if not before.answered:
        return limits.same_unanswered
    sure = own is not None and own.confidence >= limits.sure
    if own is not None and own.entry is not None and own.entry == before.entry:
        return limits.same_found if sure else limits.same_first
    return 1.0 if sure else limits.same_unknown


def _asks(text: str) -> bool:
    return "?" in text or any(one.search(text) for one in (_QUESTION, _AGAIN, _GOES_ON))


def _leans(text: str) -> float:
    """How much a message leans on what was said before, 0 to 1."""
    if _DETAIL.search(text) and not _VERB.search(text):
        return 1.0
    if _COMPLETE.match(text):
        return 0.0
    words = normalise(text).split()
    if 2 <= len(words) <= _TELEGRAM and STOP_WORDS.isdisjoint(words):
        return 0.0
    return min(leaning(text), 1.0)


def _telling(text: str) -> set[str]:
    return {stem for stem in stems(text) if stem not in STOP_WORDS}
