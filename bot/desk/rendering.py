"""Rendering: from what is ready to be said to the messages that say it. Pure."""

from bot.agent import ReplyKind, Rule, Source
from bot.desk.asked import Refusal
from bot.desk.replies import Prepared
from bot.slack.views import answers, notices
from bot.slack.views.kit import Message

#: Rules under which nothing was asked: a plain word back, without a way to a person under it.
_SMALL_TALK = frozenset({Rule.GREETING, Rule.THANKS, Rule.ASKED_FOR_PERSON})


def reply(ready: Prepared, *, person_available: bool) -> tuple[Message, ...]:
    """The messages of a reply; the last one is what people react to.

    Args:
        person_available: False where no staff room is set up.
    """
    if ready.rule == Refusal.SHARED_CHANNEL:
        return (notices.declined_shared(),)
    if ready.rule == Refusal.OUTSIDER:
        return (notices.declined_guest(),)
    if ready.rule == Refusal.UNSEEN_DRAFTS:
        return (notices.declined_drafts(),)
    if ready.rule == Refusal.DRAFT_UNSEEN:
        return (answers.draft_unseen(ready.decision, person_available=person_available),)
    if ready.rule == Refusal.DISCARDED:
        return (answers.discarded(ready.decision, person_available=person_available),)
    if ready.kind is not ReplyKind.ABSTAINED:
        return answers.answer(_card(ready))
    if ready.rule in _SMALL_TALK:
        return (notices.line(ready.text),)
    nearest = tuple(answers.Nearest(one.entry, one.question) for one in ready.nearest)
    card = answers.AbstainedCard(ready.decision, nearest, ready.text, person_available=person_available)
    return (answers.abstained(card),)


def draft(ready: Prepared, *, question: str, asker: str, url: str) -> tuple[Message, ...]:
    """The card on which staff send or discard a reply."""
    return answers.draft(answers.DraftCard(_card(ready), question=question, asker=asker, url=url))


def _card(ready: Prepared) -> answers.AnswerCard:
    return answers.AnswerCard(
        decision=ready.decision,
        text=ready.text,
        sources=tuple(_source(source) for source in ready.sources),
        generated=ready.kind is ReplyKind.GENERATED,
        passages=ready.kind is ReplyKind.PASSAGES,
        abstained=ready.kind is ReplyKind.ABSTAINED,
        chosen=ready.rule == Rule.CHOSEN,
        confidence=ready.confidence,
    )


def _source(source: Source) -> answers.Source:
    """A web address becomes a link; a file's name stands before the place in it."""
    web = source.source is not None and source.source.startswith(("http://", "https://"))
    parts = (source.position,) if web else (source.source, source.position)
    return answers.Source(
        title=source.title,
        url=(source.source or "") if web else "",
        position=" · ".join(part for part in parts if part),
    )
