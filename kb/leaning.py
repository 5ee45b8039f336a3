"""How much a message leans on what was said before it. Pure.

A complete question stands alone; 'and on mobile?' is nothing without the one before. Words alone tell, so that it can
be said before anything is searched or embedded.
"""

import re

from kb.text import STOP_WORDS

_OPENING = r"ok|okay|thanks|thank\s+you|great|good|perfect|hmm+|ah|oh|yes|no"
_LEAD = re.compile(
    rf"^(?:(?:{_OPENING}|and|but|so|also|then|or|what\s+about|how\s+about)\b[\s,;:.!—-]*)+", re.IGNORECASE
)
#: Beginnings that continue a sentence; a preposition only where no complete question comes after it.
_CONTINUES = re.compile(
    rf"^(?:(?:{_OPENING})\b\W*)*(?:and|or|but|also|same|plus|what\s+about|how\s+about|what\s+if|"
    r"(?:with|without|for|until|till|since|from|in|on|at|via|by|during|after|before)\b"
    r"(?!.*\b(?:how|what|where|who|can|do|does|is)\s+(?:do|does|is|are|i|we|you)\b))\b",
    re.IGNORECASE,
)
#: Words that stand for something said before; 'this' and the like only where they are no article ('this card').
_POINTS_BACK = re.compile(
    r"\b(?:it|its|they|them|their|ones?|either|too|else|same|as\s+well|afterwards?|otherwise|meanwhile|instead|"
    r"(?:then|there)(?=\W*$|\s+(?:is|are|a)\b)|(?:this|that|these|those)(?=\W*$|\s+(?:is|are|was|go|goes|take|takes|"
    r"work|works|apply|applies|count|mean|be|do|does|for|in|on|at|with|too|also|as|then|happens?|cost|costs|expire)\b))\b",
    re.IGNORECASE,
)
#: 'there is' and 'is it possible' point at nothing said before.
_POINTS_NOWHERE = re.compile(
    r"\b(?:(?:is|are|was|were)\s+there\b|there\s+(?:is|are|was|were)\b|(?:is|was)\s+it\s+(?:possible|normal|ok|okay)|"
    r"(?:does|will|would)\s+it\s+(?:cost|take))\b",
    re.IGNORECASE,
)
#: Beginnings of a question that can be complete in three words: 'What is SSO?'.
_ASKS = re.compile(
    r"(?:what|where|who|when|why|how)(?:['’]s|\s+(?:is|are|do|does|did|can))\b|(?:is|are|do|does|can|may)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
#: A longer message, in words, says itself what its 'it' is; so does one with this many telling words before it.
_SAYS_ITSELF = 12
_SAID_WORDS = 3


def leaning(text: str) -> float:
    """How much a message looks as if it leans on what was said before: 0 for one that stands alone, up to about 3."""
    words = _WORD.findall(text)
    score = 1.0 if _CONTINUES.match(text.strip()) else 0.0
    if len(words) <= _SAYS_ITSELF and _points_back(_POINTS_NOWHERE.sub(" ", text)):
        score += 0.6
    if len(words) <= 3 and not (_ASKS.match(text.strip()) and telling_words(text)):
        score += 1.0
    elif len(words) <= 5:
        score += 0.4
    return score


def own_words(text: str) -> str:
    """A message without the words that only tie it to the one before."""
    return _LEAD.sub("", text.strip()) or text.strip()


def telling_words(text: str) -> list[str]:
    """The words of a message that say what it is about, in order."""
    return [word for word in _WORD.findall(text) if word.lower() not in STOP_WORDS]


def _points_back(text: str) -> bool:
    match = _POINTS_BACK.search(text)
    return match is not None and len(telling_words(text[: match.start()])) < _SAID_WORDS
