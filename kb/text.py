"""Text as search sees it: its words and stems, its sentences, its hash. Pure, and the same for every caller.

Words are found in any script; stems and stop words are English, which is what the packaged model reads.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from hashlib import sha256
from itertools import pairwise
from threading import local
from typing import Protocol, cast

import snowballstemmer

_WORD = re.compile(r"\w+(?:['’]\w+)?")
#: A question is searched for by its beginning; the model reads 256 tokens, which is far less.
LONGEST_QUESTION = 4_000
#: Words that say little about a topic. They count a little, because 'can I' and 'how do I' ask different things.
STOP_WORDS = frozenset(
    _WORD.findall(
        """a about after again all also am an and any are as at be because been before being but by can could did do
    does doing don down each else for from get getting give go got had has have having he hello help her here hey hi him
    his how i if in into is it its just know let like ll me might more most must my need no not now of off on once one
    only or
    our out over own per please re s shall she should so some still such t tell than thank thanks that the their them
    then there these they this those through to too under until up us ve very want was way we were what when where which
    while who whom why will with would you your yours"""
    )
)

_LETTER_OR_DIGIT = re.compile("[A-Za-z0-9]")
_SHORTCODE = re.compile(r":[a-z0-9_+'-]+:")
# Scripts that are written without spaces between words: kana, CJK ideographs, Thai, Lao, Khmer, Burmese.
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+")
_SENTENCE_END = re.compile(r"(?<=[.!?。！？])[\"'”’)\]]*\s+(?=[\"'“‘(\[]?[\w*`])|\n{2,}|\n(?=\s*(?:[-*+•]|\d+[.)])\s)")


class _Stemmer(Protocol):
    def stemWord(self, word: str) -> str: ...  # noqa: N802 - the name that snowballstemmer gives it


class _PerThread(local):
    # A snowball stemmer keeps its word in itself, so threads must not share one.
    def __init__(self) -> None:
        self.stemmer = cast(_Stemmer, snowballstemmer.stemmer("english"))


_stemmers = _PerThread()


def has_words(text: str) -> bool:
    """Whether there is anything to search for: a letter or a digit outside emoji shortcodes such as `:tada:`."""
    said = _SHORTCODE.sub(" ", text) if ":" in text else text
    if said.isascii():
        return _LETTER_OR_DIGIT.search(said) is not None
    return any(character.isalnum() for character in unicodedata.normalize("NFKC", said))


def normalise(text: str) -> str:
    """The form in which two wordings count as the same: case, spacing and punctuation do not matter."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    return " ".join(_WORD.findall(folded))


def text_hash(text: str) -> str:
    """The hash under which the vector of `text` is kept."""
    return sha256(text.encode()).hexdigest()


def stems(text: str) -> list[str]:
    """The stems of the words in `text`, in order, stop words included."""
    return [_known_stem(word) for word in folded_words(text)]


def words(text: str) -> Iterator[str]:
    """The case-folded words of `text` without a final 's; scripts without spaces give pairs of characters."""
    return (word.removesuffix("'s") for word in folded_words(text))


def folded_words(text: str) -> list[str]:
    """The case-folded words of `text` as they stand; scripts without spaces give overlapping pairs of characters."""
    if text.isascii():
        # Most text is, and a large knowledge base is read whole at the start: nothing to fold or to cut in pairs.
        return _WORD.findall(text.lower())
    return list(_folded(text))


def stem_of(word: str) -> str:
    """The stem of a case-folded word; a stop word is its own."""
    whose = word.removesuffix("'s")
    return whose if whose in STOP_WORDS else _stemmers.stemmer.stemWord(whose)


_known_stem = lru_cache(maxsize=100_000)(stem_of)


def sentences(text: str, *, shortest: int = 20, longest: int = 600) -> tuple[str, ...]:
    """The sentences and list items of `text`, each once.

    Args:
        text: Markdown or plain text.
        shortest: what has fewer characters is joined to the sentence after it (or before, at the end).
        longest: what has more is cut; the model would not read further.
    """
    found: list[str] = []
    rest = ""
    for part in _SENTENCE_END.split(text):
        rest = f"{rest} {part.strip()}".strip()
        if len(rest) >= shortest:
            found.append(rest[:longest])
            rest = ""
    if rest:
        if found:
            found[-1] = f"{found[-1]} {rest}"[:longest]
        else:
            found.append(rest[:longest])
    return tuple(dict.fromkeys(found))


def _pairs(word: str) -> Iterator[str]:
    if len(word) == 1:
        yield word
    for first, second in pairwise(word):
        yield first + second


def _folded(text: str) -> Iterator[str]:
    for word in _WORD.findall(unicodedata.normalize("NFKC", text).casefold().replace("’", "'")):
        if _UNSPACED.search(word):
            yield from _pairs(word)
        else:
            yield word
