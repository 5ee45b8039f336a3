"""Citations of a written answer: `[n]` is kept where evidence with that number was given, and taken out otherwise.

Kept citations are renumbered in the order of first mention, so that a reader's sources begin at 1 and have no
holes. What stands in code (`items[0]`) is code, never a citation.
"""

import re
from dataclasses import dataclass, field

#: `[1]`, `[1, 2]`, `[^1]`, `【1†source】` and the like; what follows must not make it a link.
_CITATION = re.compile(r"[ \t]*(?:\[\^?(\d{1,3}(?:\s*[,;]\s*\^?\d{1,3})*)\](?!\()|【(\d{1,3})[^】]{0,40}】)")
_CODE = re.compile(r"(```.*?(?:```|\Z)|`[^`\n]+`)", re.DOTALL)


@dataclass
class Citations:
    """The citations of one answer while it is being written: which numbers were given, and what each is shown
    as."""

    #: How many pieces of evidence were given; numbers 1 to `given` are known.
    given: int
    #: The given numbers that were cited, in order of first mention: the shown number is the position, from 1.
    cited: list[int] = field(default_factory=list)
    #: Citations taken out because nothing with that number was given.
    removed: int = 0

    def known(self, text: str) -> frozenset[int]:
        """The numbers of the evidence that a stretch of text cites, without changing anything."""
        found: set[int] = set()
        for part in _prose(text):
            for match in _CITATION.finditer(part):
                found.update(number for number in _numbers(match) if 1 <= number <= self.given)
        return frozenset(found)

    def count_unknown(self, text: str) -> None:
        """Count the unknown citations of a stretch of text that is not shown."""
        for part in _prose(text):
            for match in _CITATION.finditer(part):
                self.removed += sum(not 1 <= number <= self.given for number in _numbers(match))

    def renumber(self, text: str) -> str:
        """A stretch of text with unknown citations taken out and the others as people shall read them."""
        parts = _CODE.split(text)
        return "".join(part if index % 2 else _CITATION.sub(self._shown, part) for index, part in enumerate(parts))

    def _shown(self, match: re.Match[str]) -> str:
        shown = []
        for number in _numbers(match):
            if not 1 <= number <= self.given:
                self.removed += 1
                continue
            if number not in self.cited:
                self.cited.append(number)
            shown.append(f"[{self.cited.index(number) + 1}]")
        space = " " if shown and match.group(0)[0] in " \t" else ""
        return space + "".join(dict.fromkeys(shown))


def without_citations(text: str) -> str:
    """The text with every citation taken out of its prose."""
    parts = _CODE.split(text)
    return "".join(part if index % 2 else _CITATION.sub("", part) for index, part in enumerate(parts))


def _prose(text: str) -> list[str]:
    return _CODE.split(text)[::2]


def _numbers(match: re.Match[str]) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", match.group(1) or match.group(2))]
