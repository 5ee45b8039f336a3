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
from bot.agent.reply import Rule

#: The end of a sentence or line, and the space after it; the next character must be there, so that the end is
#: known.
_END = re.compile(r"(?:(?<!\d)[.!?]['\")\]*_]*[^\S\n]+|[^\S\n]*\n\s*)(?=\S)")
#: What continues a block over a blank line: list items and code.
_CONTINUES = re.compile(r"(?:[-*+•]\s|\d{1,3}[.)]\s|```)")
_WHOLE = re.compile(r"[.!?\]][*_)'\"]*\s*$|```\s*$")
_LEADS_IN = re.compile(r":[*_]*$")

#: Between these some models think aloud, before the answer.
_THINKS, _THOUGHT = "<think>", "</think>"

#: What the instructions ask for where the evidence does not answer.
NO_ANSWER = "NO_ANSWER"
#: Only the model speaks as 'I'; approved answers say 'we', and 'we do not have a phone line' is an answer.
_DECLINES = re.compile(
    r"\bi(?:\s+am|['’]m)?\s+(?:can(?:no|['’])t|can\s+not|unable\s+to|not\s+able\s+to|won['’]t|will\s+not)\s+"
    r"(?:help|assist|comply|fulfil?l|discuss|do\s+that)\b",
    re.IGNORECASE,
)
_NOT = r"(?:do(?:es)?\s+not|don['’]t|doesn['’]t|did\s+not|didn['’]t)"
_DOES_NOT_KNOW = re.compile(
    rf"{NO_ANSWER}"
    rf"|\bi\s+(?:really\s+)?(?:{_NOT}|cannot|can['’]t|can\s+not|could\s+not|couldn['’]t|am\s+unable\s+to)\s+(?:\w+\s+){{0,2}}"
    r"(?:know|find|have|see|say|tell|answer|determine|confirm)\b"
    r"|\b(?:i['’]m|i\s+am)\s+(?:not\s+sure|unsure|unable|not\s+certain|sorry)\b|^\W*(?:i['’]m\s+)?sorry\b"
    r"|\b(?:evidence|sources?|documents?|documentation|passages?|context|knowledge\s+base|(?:provided|given|available)\s+"
    rf"information)\b(?:\s+\w+){{0,3}}\s+{_NOT}\s+(?:\w+\s+)?"
    r"(?:say|contain|mention|provide|answer|include|cover|address|specify|explain|state|describe)\b"
    r"|\bthere\s+is\s+no\s+(?:information|mention|evidence)\b",
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
    #: Why nothing will be shown: the model said, before anything was, that it does not know or will not answer.
    verdict: Rule | None = None
    _shown: str = ""
    _buffer: str = ""
    #: Sentences of the present paragraph that wait for its first citation.
    _waiting: list[str] = field(default_factory=list)
    #: The evidence that the present paragraph has cited so far.
    _cited_here: frozenset[int] = frozenset()
    #: White space between what was shown last and what comes next.
    _space: str = ""
    _previous: str = ""
    #: True until it is known that the model does not, or no longer, think aloud.
    _may_think: bool = True

    @property
    def text(self) -> str:
        """Everything let through so far."""
        return self._shown

    def feed(self, chunk: str) -> None:
        """Take the model's next piece of text, of any length."""
        self._buffer += chunk
        if self._may_think and not self._past_thoughts():
            return
        while (end := _first_end(self._buffer)) is not None:
            sentence, self._buffer = self._buffer[:end], self._buffer[end:]
            self._take(sentence)

    def close(self, *, complete: bool = True) -> bool:
        """The model has ended, and what is left is its last sentence.

        Args:
            complete: False where the model may have been cut off; a half sentence is then dropped.

        Returns:
            True where a half sentence was dropped.
        """
        if self._may_think and self._buffer.lstrip().startswith(_THINKS):
            self._buffer = ""
        rest, self._buffer = self._buffer, ""
        whole = complete or not rest.strip() or _WHOLE.search(rest) is not None
        if whole and rest.strip():
            self._take(rest)
        self._end_block()
        return not whole

    def _past_thoughts(self) -> bool:
        """Whether the answer has begun; what some models think aloud before it is none of the reader's business."""
        start = self._buffer.lstrip()
        if start.startswith(_THINKS):
            end = start.find(_THOUGHT)
            if end < 0:
                return False
            self._buffer = start[end + len(_THOUGHT) :].lstrip()
            return self._past_thoughts()
        if _THINKS.startswith(start):
            return False
        self._may_think = False
        return True

    def _take(self, sentence: str) -> None:
        if self.verdict is not None:
            return
        if self._starts_block(sentence):
            self._end_block()
        self._previous = sentence
        if not self._shown and (verdict := _verdict(sentence)) is not None:
            self.verdict = verdict
            self._waiting.clear()
            return
        cited = self.citations.known(sentence)
        if NO_ANSWER in sentence or (cited and not self.ground.holds_figures(sentence, cited)):
            self._withhold(sentence)
            return
        self._cited_here |= cited
        self._waiting.append(sentence)
        if self._cited_here:
            for waiting in self._waiting:
                self._let_through(waiting)
            self._waiting.clear()

    def _let_through(self, sentence: str) -> None:
        # A sentence rests on what it cites, or else on what its paragraph has cited so far.
        numbers = self.citations.known(sentence) or self._cited_here
        if self.ground.holds_figures(sentence, numbers):
            self._show(self.citations.renumber(self.ground.without_foreign_links(sentence, numbers)))
        else:
            self._withhold(sentence)

    def _withhold(self, sentence: str) -> None:
        self.withheld += 1
        # It is not shown, but its unknown citations are counted.
        self.citations.count_unknown(sentence)

    def _starts_block(self, sentence: str) -> bool:
        space = self._previous[len(self._previous.rstrip()) :]
        if space.count("\n") < 2:
            return False
        return not _CONTINUES.match(sentence) and not _LEADS_IN.search(self._previous.rstrip())

    def _end_block(self) -> None:
        for waiting in self._waiting:
            self._withhold(waiting)
        self._waiting.clear()
        self._cited_here = frozenset()
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


def split_thoughts(text: str) -> tuple[str, str]:
    """What a model thought aloud before its answer, and the answer."""
    start = text.lstrip()
    if not start.startswith(_THINKS):
        return "", text
    thought, _, rest = start.removeprefix(_THINKS).partition(_THOUGHT)
    more, answer = split_thoughts(rest.lstrip())
    return thought.strip() + ("\n" + more if more else ""), answer


def _first_end(text: str) -> int | None:
    for match in _END.finditer(text):
        if text.count("```", 0, match.start()) % 2 == 0:
            return match.end()
    return None


def _verdict(sentence: str) -> Rule | None:
    if _DECLINES.search(sentence):
        return Rule.MODEL_REFUSED
    return Rule.MODEL_DOES_NOT_KNOW if _DOES_NOT_KNOW.search(sentence) else None
