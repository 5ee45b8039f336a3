"""Comparison of a recorded decision with what was decided when it was asked again. Pure.

Always: both sides are redacted by the same redactor before they come here. Nearness of meaning is told, and never
decides by itself: two answers that differ in one figure are near to each other and opposite to who reads them.
"""

import re

from kb.ids import EntryId
from learning.recorder import AnswerDecision
from learning.replay import tools
from learning.replay.safety import ANSWERING
from learning.replay.values import Answered, Attempt, Difference, Similarity
from learning.wording import plain_answer, same_facts

#: From which cosine of sentence embeddings on two answers with the same facts count as saying the same; as for
#: proposals (`learning.proposals.classification.Nearness.answer`).
SAYS_THE_SAME = 0.93
#: Numbers of sources: which number a source has says nothing of what is said.
_NUMBERS = re.compile(r"[ \t]*\[\d{1,3}(?:,\s*\d{1,3})*\]")


def compare(attempt: Attempt, similarity: Similarity | None) -> Difference:
    """How what was decided now differs from what was recorded.

    Args:
        attempt: both sides redacted.
        similarity: compares two texts; without it only equal texts say the same.
    """
    before, after = attempt.before, attempt.after
    one, other = _said(before), _said(after)
    same_text = plain_answer(one) == plain_answer(other)
    agreement = _agreement(one, other, same_text, similarity)
    changed = tools.differences(before.calls, after.calls)
    answered = _answered(before, after)
    return Difference(
        answered=answered,
        same_words=before.answer == after.answer,
        same_text=same_text,
        agreement=agreement,
        agrees=not changed and agree(answered, one, other, same_text=same_text, agreement=agreement),
        kinds=(str(before.kind), str(after.kind)),
        rules=(before.rule, after.rule),
        intents=(attempt.intent_before, attempt.intent_after),
        said=(_entries(before), _entries(after)),
        tools=len(changed),
        hazards=(attempt.hazards_before, attempt.hazards_after),
        confidence=(before.confidence, after.confidence),
    )


def agree(answered: Answered, before: str, after: str, *, same_text: bool, agreement: float | None) -> bool:
    """Whether both come to the same: neither answers, or both say the same.

    Two answers say the same where their texts are the same, or near in meaning with the same figures, links, signs and
    negations.

    Args:
        before: what was said, without numbers of sources; so is `after`.
        same_text: whether they are the same but for case, spacing and emphasis.
        agreement: their cosine, if it is known.
    """
    if answered is not Answered.BOTH:
        return answered is Answered.NEITHER
    return same_text or (agreement is not None and agreement >= SAYS_THE_SAME and same_facts(before, after))


def is_answer(decision: AnswerDecision) -> bool:
    """Whether a decision answers, as opposed to saying that it does not."""
    return decision.kind in ANSWERING and bool(decision.answer or decision.calls)


def _answered(before: AnswerDecision, after: AnswerDecision) -> Answered:
    was, now = is_answer(before), is_answer(after)
    if was == now:
        return Answered.BOTH if was else Answered.NEITHER
    return Answered.GAINED if now else Answered.LOST


def _said(decision: AnswerDecision) -> str:
    return _NUMBERS.sub("", decision.answer)


def _agreement(one: str, other: str, same_text: bool, similarity: Similarity | None) -> float | None:
    if not one.strip() or not other.strip():
        return None
    if same_text:
        return 1.0
    return None if similarity is None else round(float(similarity(one, other)), 6)


def _entries(decision: AnswerDecision) -> tuple[EntryId, ...]:
    return tuple(item.entry for item in decision.evidence if item.used)
