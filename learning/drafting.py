"""Drafting an answer from the words of staff: pure; nothing is written that they did not write.

Greetings, thanks, 'let me check' and questions back to the asker are left out; what is left is joined in order.
"""

import re
from collections.abc import Sequence

from learning.conversations import Turn

_MENTIONS = re.compile(r"<@[^<>]+>")
_ADDRESS = re.compile(
    r"^\s*(?:(?:hi|hello|hey|hallo|good (?:morning|afternoon|evening)|dear)\b[^,.!?\n]{0,30}(?:[,.!]|$)\s*)+",
    re.IGNORECASE,
)
_CHATTER = re.compile(
    r"""^\W*(?:
        (?:hi|hello|hey|hallo|welcome|good\s(?:morning|afternoon|evening))\b.{0,30}
      | (?:thanks|thank\syou|thx|cheers|ty)\b.{0,60}
      | (?:you(?:'|’)?re|you\sare)\s(?:very\s)?welcome\b.{0,30}
      | (?:no\sproblem|no\sworries|sure(?:\sthing)?|ok(?:ay)?|yes|yep|yeah|no|great|perfect|done|got\sit|glad\b.{0,60})
      | (?:one|just\sa|a|give\sme\sa)\s(?:sec(?:ond)?|moment|minute|bit)\b.{0,60}
      | (?:let\sme|i(?:'|’)?ll|i\swill|i(?:'|’)?m|i\sam|we(?:'|’)?re|we\sare|we(?:'|’)?ll)\s
        (?:going\sto\s)?(?:check(?:ing)?|look(?:ing)?|(?:have|take)\sa\slook|find\sout|ask|get\sback|be\sright\sback|on\sit)
        \b.{0,80}
      | (?:on\sit|looking\sinto\s(?:it|this)|brb|any\sluck|sorry\b.{0,80}|hope\s(?:that|this)\b.{0,60})
      | let\sme\sknow\b.{0,80}
      | i(?:'|’)?(?:ve|ll)\s(?:claimed?|taken?|take)\s(?:this|it)\b.{0,60}
    )\W*$""",
    re.IGNORECASE | re.VERBOSE,
)
_SENTENCES = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9\"'(*_`<])")


def draft_answer(turns: Sequence[Turn]) -> str:
    """An answer made of what staff wrote, one paragraph per message.

    Args:
        turns: the staff's messages, in order; those without text are passed over.

    Returns:
        The substantive sentences; where there is nothing but chatter, the last message; empty without messages.
    """
    written = [turn.text.strip() for turn in turns if turn.text and turn.text.strip()]
    paragraphs = list(dict.fromkeys(kept for kept in map(_substance, written) if kept))
    if paragraphs:
        return "\n\n".join(paragraphs)
    return written[-1] if written else ""


def _substance(text: str) -> str:
    """The part of a message that says something; lists, code and line breaks stay as they are."""
    kept = []
    for line in _MENTIONS.sub("", text).splitlines():
        sentences = _SENTENCES.split(_ADDRESS.sub("", line, count=1)) if line.strip() else [line]
        said = [sentence for sentence in sentences if not sentence.strip() or not _is_chatter(sentence)]
        if said or not line.strip():
            kept.append(" ".join(said) if len(said) != 1 else said[0])
    return "\n".join(kept).strip()


def _is_chatter(sentence: str) -> bool:
    stripped = sentence.strip()
    # A question back to the asker is no part of the answer.
    return stripped.endswith("?") or _CHATTER.match(stripped) is not None
