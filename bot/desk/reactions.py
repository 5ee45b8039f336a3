"""Reactions: a thumb on an answer is a vote.

It may come before the answer's message is tied to its decision, within milliseconds of the post. Then it is put aside,
and who ties the message looks there: each writes, commits and only then reads, so that one of the two sees the other.
"""

from bot import early
from bot.desk import feedback
from bot.services import Services
from bot.slack.payloads import Reaction
from bot.slack.views import answers
from kb.ids import WorkspaceId
from learning import people, recorder
from learning.feedback import Rating
from learning.ids import DecisionId, PersonId
from learning.people import Actor


def receive(services: Services, reaction: Reaction, rating: Rating) -> None:
    """Count a thumb that was put on a message or taken off, or keep it for when the message is known."""
    workspace, now = reaction.origin.workspace, services.clock()
    with services.sessions.begin() as session:
        person = people.person_for(session, workspace, reaction.user, now=now, ids=services.ids)
    thumb = early.Thumb(reaction.channel, reaction.ts, person, rating, reaction.added, reaction.at or now)
    if _count(services, workspace, thumb) or reaction.item_user not in ("", services.identity.bot_user()):
        return
    with services.sessions.begin() as session:
        early.note_thumb(session, workspace, thumb, now)
    _take_up(services, workspace, reaction.channel, reaction.ts)


def catch_up(services: Services, workspace: WorkspaceId, channel: str, ts: str) -> None:
    """The answer to the message at `channel` and `ts` stands and is known: count what was said of it before that."""
    with services.sessions() as session:
        found = recorder.for_question(session, workspace, channel, ts, vault=services.vault)
        posts = recorder.posts_of(session, workspace, found.id) if found is not None else ()
    for post in posts:
        _take_up(services, workspace, post.place.channel, post.ts)
    if found is not None:
        feedback.weigh_anew(services, workspace, found.id)


def _take_up(services: Services, workspace: WorkspaceId, channel: str, ts: str) -> None:
    with services.sessions() as session:
        waiting = early.thumbs(session, workspace, channel, ts)
    for thumb in waiting:
        if _count(services, workspace, thumb):
            with services.sessions.begin() as session:
                early.forget_thumb(session, workspace, thumb)


def _count(services: Services, workspace: WorkspaceId, thumb: early.Thumb) -> bool:
    """Count a thumb; False where the message says no decision, as far as is known."""
    decision = feedback.decision_at(services, workspace, thumb.channel, thumb.ts)
    if decision is None:
        return False
    actor = Actor(thumb.person)
    if not thumb.added:
        feedback.withdraw(services, workspace, decision, actor, thumb.rating, via="reaction", at=thumb.at)
        return True
    change = feedback.vote(services, workspace, decision, actor, thumb.rating, via="reaction", at=thumb.at)
    if change.changed and thumb.rating is Rating.DOWN:
        _ask_why(services, workspace, decision, thumb.channel, thumb.person)
    return True


def _ask_why(services: Services, workspace: WorkspaceId, decision: DecisionId, channel: str, person: PersonId) -> None:
    """A reaction opens no form; the button in this hint does."""
    place = feedback.place_of(services, workspace, decision)
    with services.sessions() as session:
        user = people.external_of(session, workspace, person)
    thread = place.thread if place is not None else None
    services.delivery.whisper(channel, user, answers.ask_why(decision), thread=thread)
