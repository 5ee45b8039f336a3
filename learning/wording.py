"""When two texts count as the same: pure, and strict where a single figure makes the difference."""

import re
import unicodedata

_WORDS = re.compile(r"\w+(?:[.,:/@'’-]\w+)*")
_MARKUP = re.compile(r"[*_`~]+")
_SPACE = re.compile(r"\s+")
_NEGATION = re.compile(
    r"no|not|never|none|nothing|neither|nor|cannot|without|kein|keine|nicht|nie|\w+n['’]t", re.IGNORECASE
)
_SIGNS = re.compile(r"[$€£¥%]")


def plain_question(text: str) -> str:
    """A question reduced to its words: case, punctuation and spacing do not matter."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(_WORDS.findall(folded)) or folded.strip()


def plain_answer(text: str) -> str:
    """An answer without emphasis, case and spacing; every figure, sign and word stays."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return _SPACE.sub(" ", _MARKUP.sub("", folded)).strip().rstrip(".! ")


def same_facts(one: str, other: str) -> bool:
    """Whether two texts hold the same figures, links, currency signs and negations.

    Two answers that differ in nothing but '5 days' and '10 days' are nearly the same to an embedding, and opposite to
    who reads them.
    """
    return facts(one) == facts(other)


def facts(text: str) -> frozenset[str]:
    """The figures, links, currency signs and negations of a text."""
    words = _WORDS.findall(plain_answer(text))
    telling = {word for word in words if any(character.isdigit() for character in word) or "/" in word}
    denied = {"not" for word in words if _NEGATION.fullmatch(word)}
    return frozenset(telling | denied | set(_SIGNS.findall(text)))
