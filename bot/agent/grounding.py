"""What a written sentence may hold: figures and links that stand in the evidence it cites.

A model that obeys an attacker's passage can be made to write anything. A link is the way text gets out (a preview
fetches it), a foreign one the way people are led off, and a wrong figure is the mistake that costs most. So both are
checked in code: a citation holds only if what it cites has the sentence's figures, and no address is shown that does
not stand there.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.agent.citations import without_citations

#: What ends an address in running text.
_REST = r"[^\s<>\"'`|\])}]"
_LABEL = r"[a-z0-9](?:[a-z0-9\-]{0,61}[a-z0-9])?"
_DOMAIN = rf"(?:{_LABEL}\.)+[a-z]{{2,24}}"
#: Endings by which a bare name without a path is a host, and not a file or two sentences run together.
_HOST = rf"(?:{_LABEL}\.)+(?:com|net|org|io|co|dev|app|ai|info|biz|xyz|site|online|link|click|top|example)(?![a-z0-9])"
#: Where a bare name begins. An underscore is no part of one: in Slack it makes what stands between two slanted.
_BEGINS = r"(?<![a-z0-9])"
_URL = rf"(?:(?:[a-z][a-z0-9+.\-]{{1,15}}://|www\.){_REST}+|mailto:{_REST}+|tel:{_REST}+)"
#: A Markdown link or image, also a broken one whose label began earlier.
_LINK = re.compile(
    r"!?(?:\[(?P<label>[^\]\n]*)\])?\(\s*<?(?P<target>[^()\s<>]+)>?(?:\s+\"[^\"]*\")?\s*\)", re.IGNORECASE
)
#: A bare address: with a scheme, a mailbox, a host with or without a path; in angle brackets also with a label.
_ADDRESS = re.compile(
    rf"<?(?P<address>{_URL}|\b[\w.+\-]{{1,64}}@{_DOMAIN}|{_BEGINS}{_DOMAIN}/{_REST}*|{_BEGINS}{_HOST})"
    r"(?:\|(?P<label>[^>\n]*))?>?",
    re.IGNORECASE,
)
#: What a link's target must look like to be one, where it stands in bare parentheses.
_TARGET = re.compile(rf"^(?:{_URL}|{_DOMAIN}(?:[/?#:]\S*)?|//\S+|(?:javascript|data):\S*)$", re.IGNORECASE)
_FIGURE = re.compile(r"(?<![\w.])\d+(?:[.,]\d+)*|\d+")
_LIST_MARK = re.compile(r"^\s*\d{1,3}[.)]\s", re.MULTILINE)
#: A count of what the answer itself lists ('in 3 steps') is the model's own and needs no evidence.
_OWN_COUNT = re.compile(r"\b\d\s+(?:steps?|ways?|options?|points?|things?|parts?|cases?)\b", re.IGNORECASE)
#: Number words of the evidence; a sentence may write them as figures.
_NUMBER_WORDS = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "fourteen": 14, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40,
    "fifty": 50, "sixty": 60, "ninety": 90, "hundred": 100, "thousand": 1000,
}  # fmt: skip


@dataclass(frozen=True)
class Ground:
    """What the sentences of one answer may rest on."""

    #: The texts of the evidence as given to the model; number n is `texts[n - 1]`.
    texts: tuple[str, ...]
    #: The figures of each text, normalised.
    figures: tuple[frozenset[str], ...]
    #: The figures of the question, which an answer may repeat.
    asked: frozenset[str]

    @classmethod
    def of(cls, question: str, texts: Sequence[str]) -> "Ground":
        """The ground that a question and the numbered texts of its evidence are."""
        return cls(tuple(texts), tuple(_figures(text) | _spelled(text) for text in texts), _figures(question))

    def holds_figures(self, sentence: str, numbers: Iterable[int]) -> bool:
        """Whether every figure of a sentence stands in the evidence of these numbers, or in the question.

        List marks and the citations themselves do not count.
        """
        prose = _OWN_COUNT.sub(" ", _LIST_MARK.sub(" ", without_citations(sentence)))
        return _figures(prose) <= self.asked.union(*(self.figures[number - 1] for number in numbers))

    def without_foreign_links(self, sentence: str, numbers: Iterable[int]) -> str:
        """The sentence without addresses that the evidence of these numbers does not hold; a link's label stays."""
        text = "\n".join(self.texts[number - 1] for number in numbers)

        def keep_link(match: re.Match[str]) -> str:
            label, target = match.group("label"), match.group("target")
            if label is None and not _TARGET.match(target):
                return match.group(0)
            return match.group(0) if _stands_in(text, target) else (label or "")

        def keep_address(match: re.Match[str]) -> str:
            address = match.group("address").rstrip(".,;:!?")
            if _stands_in(text, address):
                return match.group(0)
            return (match.group("label") or "") + match.group("address")[len(address) :]

        kept, before = sentence, ""
        while kept != before:
            # What is taken out of the middle of an address may leave another one; each round leaves less.
            before, kept = kept, _ADDRESS.sub(keep_address, _LINK.sub(keep_link, kept))
        return kept if kept == sentence else re.sub(r"(?<=\S)  +(?=\S)", " ", kept)


def _stands_in(text: str, address: str) -> bool:
    # The whole address must stand there: a known host with a new query string would carry text out.
    return re.search(rf"(?<![\w.\-@]){re.escape(address)}(?![\w/?#=&%@\-]|\.\w)", text) is not None


def _spelled(text: str) -> frozenset[str]:
    words = frozenset(re.findall(r"[a-z]+", text.lower()))
    return frozenset(str(number) for word, number in _NUMBER_WORDS.items() if word in words)


def _figures(text: str) -> frozenset[str]:
    return frozenset(_normal(match.group(0)) for match in _FIGURE.finditer(text))


def _normal(figure: str) -> str:
    figure = re.sub(r",(?=\d{3}(?:\D|$))", "", figure).replace(",", ".")
    whole, _, rest = figure.partition(".")
    rest = rest.rstrip("0") if "." not in rest else rest
    return (whole.lstrip("0") or "0") + (f".{rest}" if rest else "")
