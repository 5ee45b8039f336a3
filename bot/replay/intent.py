"""Intent: what a message was taken to ask for, before anything is known of an answer. Pure.

The gate before the search decides it, from the words alone: a greeting, thanks, the wish for a person, nothing that can
be read. Everything else is a question: one of its own, one that follows the question before it, or the same one again.
"""

from enum import StrEnum

from bot.agent import Rule


class Intent(StrEnum):
    """What a message was taken to ask for."""

    QUESTION = "question"
    #: A question that goes on with the one before it.
    FOLLOW_UP = "follow-up"
    #: Another answer to the same question.
    ANOTHER = "another answer"
    PERSON = "a person"
    GREETING = "greeting"
    THANKS = "thanks"
    #: No words, or more than a question has.
    NOTHING = "nothing"


_GATED = {
    Rule.GREETING: Intent.GREETING,
    Rule.THANKS: Intent.THANKS,
    Rule.ASKED_FOR_PERSON: Intent.PERSON,
    Rule.EMPTY_QUESTION: Intent.NOTHING,
    Rule.EMOJI_ONLY: Intent.NOTHING,
    Rule.TOO_LONG: Intent.NOTHING,
}
_BY_NAME = {str(rule): intent for rule, intent in _GATED.items()}


def intent_of(rule: str, *, follow_up: bool, again: bool) -> Intent:
    """The intent that a decision shows.

    Args:
        rule: the name of the rule that chose.
        follow_up: whether the message was joined to the question before it.
        again: whether somebody asked for another answer.
    """
    if again:
        return Intent.ANOTHER
    return _BY_NAME.get(rule, Intent.FOLLOW_UP if follow_up else Intent.QUESTION)
