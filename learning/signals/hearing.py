"""What a message says of the answer before it: all that words and meaning tell, each with how it was found. Pure."""

from dataclasses import dataclass

from learning.signals import words
from learning.signals.asking import Asking, Before, Likeness, Limits, Own, asking, subject
from learning.signals.store import SignalKind

#: Name and version of what looks; what comes to other signals gets another version.
BY_WORDS = "words-1"
BY_MEANING = "meaning-1"
BY_COUNT = "count-1"

_KINDS = {Asking.ON: SignalKind.FOLLOW_UP, Asking.AGAIN: SignalKind.REPHRASING}


@dataclass(frozen=True)
class Heard:
    """One signal of a message."""

    kind: SignalKind
    found_by: str
    #: The likeness to the question, where it went by meaning; a count.
    value: float | None = None


def hear(
    text: str,
    before: Before,
    likeness: Likeness,
    own: Own | None = None,
    *,
    asks: bool = True,
    limits: Limits | None = None,
) -> tuple[Heard, ...]:
    """What a message says of the answer before it.

    Args:
        text: plain, without mentions.
        likeness: of what it is about (`subject`).
        own: what is known about that; None where nobody looked.
        asks: False where it is known to ask nothing: mere thanks, a greeting, a wish for a person.
    """
    if words.says_right(text, before.answer):
        return (Heard(SignalKind.CORRECTION, BY_WORDS),)
    found = (Heard(SignalKind.COMPLETION, BY_WORDS),) if words.says_done(text) else ()
    if not asks:
        return found
    if words.wants_another(text):
        return (*found, Heard(SignalKind.REGENERATION, BY_WORDS))
    how = asking(subject(text), before, likeness, own, limits or Limits())
    return found if how is Asking.NEW else (*found, Heard(_KINDS[how], BY_MEANING, likeness.question))
