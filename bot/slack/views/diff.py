"""What changed between two texts, word by word, as mrkdwn: taken out is struck through, put in is bold."""

import re
from difflib import SequenceMatcher
from typing import Final

from bot.slack.text import escape

#: Comparing grows with the square of the length; longer texts are shown whole instead.
_COMPARABLE: Final = 2000
#: Signs that would be read as formatting inside a changed part.
_MARKS: Final = re.compile(r"[*~_`]")


def changed_words(old: str, new: str) -> str | None:
    """The new text with its changes marked, or None where the two have too little in common (or are too long) for that
    to be readable."""
    before, after = re.findall(r"\S+|\n", old), re.findall(r"\S+|\n", new)
    if len(before) + len(after) > _COMPARABLE:
        return None
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    if matcher.ratio() < 0.4:
        return None
    parts: list[str] = []
    for tag, i, j, k, m in matcher.get_opcodes():
        if tag == "equal":
            parts.append(escape(" ".join(before[i:j])))
            continue
        parts += [_marked(before[i:j], "~"), _marked(after[k:m], "*")]
    shown = " ".join(part for part in parts if part)
    return re.sub(r" *\n *", "\n", shown).strip()


def _marked(words: list[str], mark: str) -> str:
    """The words between two marks, line by line, because a mark does not reach over a line's end."""
    lines = " ".join(words).split("\n")
    bare = [_MARKS.sub("", line).strip() for line in lines]
    return "\n".join(f"{mark}{escape(line)}{mark}" if line else "" for line in bare)
