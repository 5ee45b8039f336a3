"""The question of a recorded decision, as it can be asked again. Pure.

Always: both sides of a comparison stand on the record's redacted text. What cannot be asked again as it was is said to
be missing, and why; nothing is made up.
"""

from dataclasses import dataclass

from bot.agent import Rule, Speaker, Turn, own_part, questions_of
from learning.recorder import ANSWERS, DecisionKind, RecordedDecision
from learning.replay import NotReplayed

_SPEAKERS = {str(one): one for one in Speaker}


@dataclass(frozen=True)
class AskedAgain:
    """A question with what was said before it."""

    #: The message itself, even where it was understood together with the question before it.
    text: str
    #: Oldest first.
    turns: tuple[Turn, ...]


def asked_again(recorded: RecordedDecision) -> AskedAgain:
    """The question of a decision.

    Raises:
        NotReplayed: it cannot be asked again; the message says why.
    """
    decision = recorded.decision
    if decision.kind is DecisionKind.DECLINED:
        raise NotReplayed("Nobody was allowed an answer there, and a replay does not ask who is.")
    if decision.kind not in ANSWERS:
        raise NotReplayed(f"It is no answer of the bot ({decision.kind}).")
    if decision.rule == Rule.CHOSEN:
        raise NotReplayed("A person chose the answer; the bot decided nothing.")
    if "recorder_failed" in decision.facts:
        raise NotReplayed("Its record holds no texts, because the recorder failed.")
    if decision.rule == Rule.TOO_LONG:
        raise NotReplayed("Its message was too long to be recorded whole.")
    turns = []
    for turn in decision.turns:
        if turn.who not in _SPEAKERS:
            raise NotReplayed(
                f"Its record is of shape {recorded.schema_version}, which does not say who spoke before it."
            )
        turns.append(Turn(_SPEAKERS[turn.who], turn.text))
    text = decision.question
    if decision.facts.get("follow_up"):
        text = own_part(text, questions_of(turns))
        if text == decision.question:
            raise NotReplayed("The message itself cannot be told from the question before it.")
    return AskedAgain(text, tuple(turns))
