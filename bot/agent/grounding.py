"""What a written sentence may hold: figures and links that stand in the evidence, or in the question.

A model that obeys an attacker's passage can be made to write anything. A link is the way text gets out (a preview
fetches it), and a wrong figure is the mistake that costs most, so both are checked in code against what was given.
"""

import re
from dataclasses import dataclass

from bot.agent.citations import without_citations

#: What ends an address in running text.
_REST = r"[^\s<>\"'`|\])}]"
_DOMAIN = r"(?:[a-z0-9](?:[a-z0-9\-]*[a-z0-9])?\.)+[a-z]{2,}"
_URL = rf"(?:(?:[a-z][a-z0-9+.\-]{{1,15}}://|www\.){_REST}+|mailto:{_REST}+)"
#: A Markdown link or image, also a broken one whose label began earlier.
_LINK = re.compile(
    r"!?(?:\[(?P<label>[^\]\n]*)\])?\(\s*<?(?P<target>[^()\s<>]+)>?(?:\s+\"[^\"]*\")?\s*\)", re.IGNORECASE
)
#: A bare address, with a scheme, or a host with a path; in angle brackets also with a label.
_ADDRESS = re.compile(rf"<?(?P<address>{_URL}|\b{_DOMAIN}/{_REST}*)(?:\|(?P<label>[^>\n]*))?>?", re.IGNORECASE)
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
    """Everything a sentence may rest on: the texts of the evidence and the question."""

    #: The joined texts, as given to the model.
    text: str
    #: Every figure in them, normalised.
    figures: frozenset[str]

    @classmethod
    def of(cls, *texts: str) -> "Ground":
        """The ground that these texts are."""
        text = "\n".join(texts)
        words = frozenset(
            str(number) for word, number in _NUMBER_WORDS.items() if re.search(rf"\b{word}\b", text, re.IGNORECASE)
        )
        return cls(text=text, figures=_figures(text) | words)

    def holds_figures(self, sentence: str) -> bool:
        """Whether every figure of a sentence stands in the ground; list marks and citations do not count."""
        prose = _OWN_COUNT.sub(" ", _LIST_MARK.sub(" ", without_citations(sentence)))
        return _figures(prose) <= self.figures

    def without_foreign_links(self, sentence: str) -> str:
        """The sentence with every address that the ground does not hold taken out; a link's label stays."""
        return _ADDRESS.sub(self._keep_address, _LINK.sub(self._keep_link, sentence))

    def _keep_link(self, match: re.Match[str]) -> str:
        label, target = match.group("label"), match.group("target")
        if not _TARGET.match(target) and label is None:
            return match.group(0)
        return match.group(0) if self._knows(target) else (label or "")

    def _keep_address(self, match: re.Match[str]) -> str:
        address = match.group("address").rstrip(".,;:!?")
        if self._knows(address):
            return match.group(0)
        return (match.group("label") or "") + match.group("address")[len(address) :]

    def _knows(self, address: str) -> bool:
        # The whole address must stand there: a known host with a new query string would carry text out.
        found = re.search(re.escape(address) + r"(?![\w/?#=&%\-])", self.text)
        return found is not None


def _figures(text: str) -> frozenset[str]:
    return frozenset(_normal(match.group(0)) for match in _FIGURE.finditer(text))


def _normal(figure: str) -> str:
    figure = re.sub(r",(?=\d{3}(?:\D|$))", "", figure).replace(",", ".")
    whole, _, rest = figure.partition(".")
    rest = rest.rstrip("0") if "." not in rest else rest
    return (whole.lstrip("0") or "0") + (f".{rest}" if rest else "")
