"""What of a model's text may be shown, and when: nothing that is shown is ever taken back.

A model writes from its first word to its last, but only at the end is it known whether it cited anything. Showing
words as they come would mean taking back an uncited claim that somebody has already read; waiting for the end
would mean not streaming. So text is let through sentence by sentence, and a paragraph only once one of its
sentences cites evidence that was given. What was shown is always a beginning of the final text, however the
model's text was cut into chunks: sentences are found by what stands before and directly after their end, never by
chunk.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.agent.citations import Citations
from bot.agent.grounding import Ground

#: The end of a sentence or line, and the space after it; the next character must be there, so that the end is
#: known.
_END = re.compile(r"(?:(?<!\d)[.!?]['\")\]*_]*[^\S\n]+|[^\S\n]*\n\s*)(?=\S)")
#: What continues a block over a blank line: list items and code.
_CONTINUES = re.compile(r"(?:[-*+•]\s|\d{1,3}[.)]\s|```)")
_LEADS_IN = re.compile(r":[*_]*$")

#: What the instructions ask for where the evidence does not answer.
NO_ANSWER = "NO_ANSWER"
_DOES_NOT_KNOW = re.compile(
    rf"{NO_ANSWER}"
    r"|\b(?:i|we)\s+(?:really\s+)?(?:do\s+not|don['’]t|did\s+not|didn['’]t|cannot|can['’]t|could\s+not|couldn['’]t|am\s+not\s+able\s+to|"
    r"['’]m\s+not\s+able\s+to|was\s+not\s+able\s+to|am\s+unable\s+to)\s+(?:\w+\s+){0,2}"
    r"(?:know|find|have|see|say|tell|answer|determine|confirm)\b"
    r"|\b(?:i['’]m|i\s+am|we\s+are|we['’]re)\s+(?:not\s+sure|unsure|unable|not\s+certain|sorry)\b"
    r"|\b(?:evidence|sources?|documents?|passages?|context|information|knowledge\s+base|entries)\b(?:\s+\w+){0,3}\s+"
    r"(?:do(?:es)?\s+not|don['’]t|doesn['’]t|did\s+not|didn['’]t)\s+(?:\w+\s+)?"
    r"(?:say|contain|mention|provide|answer|include|cover|address|specify|explain|state|describe)\b"
    r"|\bthere\s+is\s+no\s+(?:information|mention|evidence|answer)\b|\bno\s+information\s+(?:is|was|about|on)\b",
    re.IGNORECASE,
)


@dataclass
class Gate:
    """Takes a model's text as it comes, and lets through what holds."""

    citations: Citations
    ground: Ground
    #: Called with each further piece of text that may be shown.
    on_text: Callable[[str], None] | None = None
    #: Sentences and paragraphs that were not let through.
    withheld: int = 0
    #: True once the model said, before anything was shown, that it does not know.
    does_not_know: bool = False
    _shown: str = ""
    _buffer: str = ""
    #: Sentences of the present paragraph that wait for its first citation.
    _waiting: list[str] = field(default_factory=list)
    _cited_here: bool = False
    #: White space between what was shown last and what comes next.
    _space: str = ""
    _previous: str = ""

    @property
    def text(self) -> str:
        """Everything let through so far."""
        return self._shown

    def feed(self, chunk: str) -> None:
        """Take the model's next piece of text, of any length."""
        self._buffer += chunk
        while (end := _first_end(self._buffer)) is not None:
            sentence, self._buffer = self._buffer[:end], self._buffer[end:]
            self._take(sentence)

    def close(self, *, complete: bool = True) -> None:
        """The model has ended; what is left is its last sentence, which is dropped if it was cut off half-way."""
        rest, self._buffer = self._buffer, ""
        if rest.strip() and (complete or re.search(r"[.!?\]][*_)'\"]*\s*$", rest)):
            self._take(rest)
        self._end_block()

    def _take(self, sentence: str) -> None:
        if self.does_not_know:
            return
        if self._starts_block(sentence):
            self._end_block()
        self._previous = sentence
        clean = self.ground.without_foreign_links(sentence)
        if not self._shown and _DOES_NOT_KNOW.search(clean):
            self.does_not_know = True
            self._waiting.clear()
            return
        if NO_ANSWER in clean or not self.ground.holds_figures(clean):
            self.withheld += 1
            return
        self._waiting.append(clean)
        if not self._cited_here and not self.citations.known(clean):
            return
        self._cited_here = True
        for waiting in self._waiting:
            self._show(self.citations.renumber(waiting))
        self._waiting.clear()

    def _starts_block(self, sentence: str) -> bool:
        space = self._previous[len(self._previous.rstrip()) :]
        if space.count("\n") < 2:
            return False
        return not _CONTINUES.match(sentence) and not _LEADS_IN.search(self._previous.rstrip())

    def _end_block(self) -> None:
        self.withheld += len(self._waiting)
        for waiting in self._waiting:
            # Not shown, but its unknown citations are counted.
            self.citations.removed += _unknown(self.citations, waiting)
        self._waiting.clear()
        self._cited_here = False
        if self._space:
            self._space = "\n\n"

    def _show(self, text: str) -> None:
        kept = text.rstrip()
        if not kept.strip():
            return
        if not self._shown:
            kept = kept.lstrip()
        piece = self._space + kept
        self._space = text[len(text.rstrip()) :]
        self._shown += piece
        if self.on_text is not None:
            self.on_text(piece)


def _first_end(text: str) -> int | None:
    for match in _END.finditer(text):
        if text.count("```", 0, match.start()) % 2 == 0:
            return match.end()
    return None


def _unknown(citations: Citations, text: str) -> int:
    probe = Citations(given=citations.given)
    probe.renumber(text)
    return probe.removed
