"""Events: messages, reactions, App Home. Read the payload, call one function."""

from typing import Any

from bot.desk import feedback, handoffs, home, inbox
from bot.services import Services
from bot.slack import payloads
from bot.slack.payloads import ReactionMeaning
from bot.slack.views import answers, notices
from kb.ids import WorkspaceId
from learning import people
from learning.feedback import Rating
from learning.people import Actor

_RATINGS = {ReactionMeaning.UP: Rating.UP, ReactionMeaning.DOWN: Rating.DOWN}


def on_message(services: Services, body: dict[str, Any]) -> None:
    """Something was said, changed or deleted."""
    if (message := payloads.parse_message(body, services.identity.bot_user())) is not None:
        inbox.receive(services, message)
    elif (edit := payloads.parse_edit(body)) is not None:
        inbox.edited(services, edit)
    elif (deletion := payloads.parse_deletion(body)) is not None:
        inbox.deleted(services, deletion)


def on_reaction(services: Services, body: dict[str, Any]) -> None:
    """A thumb is a vote; ✅ says that it is settled."""
    reaction = payloads.parse_reaction(body)
    if reaction is None or reaction.user == services.identity.bot_user():
        return
    workspace = reaction.origin.workspace
    if reaction.meaning is ReactionMeaning.DONE and reaction.added:
        actor = _actor(services, workspace, reaction.user, with_roles=True)
        handoffs.marked_done(services, workspace, reaction.channel, reaction.ts, actor)
    rating = _RATINGS.get(reaction.meaning)
    decision = feedback.decision_at(services, workspace, reaction.channel, reaction.ts) if rating else None
    if rating is None or decision is None:
        return
    actor = _actor(services, workspace, reaction.user)
    if not reaction.added:
        feedback.withdraw(services, workspace, decision, actor, rating, via="reaction", at=reaction.at)
        return
    change = feedback.vote(services, workspace, decision, actor, rating, via="reaction", at=reaction.at)
    if change.changed and rating is Rating.DOWN:
        # A reaction opens no form; the button in this hint does.
        place = feedback.place_of(services, workspace, decision)
        thread = place.thread if place is not None else None
        services.delivery.whisper(reaction.channel, reaction.user, answers.ask_why(decision), thread=thread)


def on_home(services: Services, body: dict[str, Any]) -> None:
    """Somebody opened the bot: the home tab is drawn for them, or the messages tab gets prompts to begin with."""
    opened = payloads.parse_home(body)
    if opened is None:
        return
    if opened.tab == "home":
        home.draw(services, opened.origin.workspace, opened.user)
    elif opened.channel:
        prompts = notices.suggested_prompts(home.popular(services, opened.origin.workspace))
        services.client.assistant_threads_setSuggestedPrompts(channel_id=opened.channel, **prompts)


def on_nothing(services: Services, body: dict[str, Any]) -> None:
    """An event that is subscribed to and needs nothing; unhandled, Slack would send it again and again."""


def _actor(services: Services, workspace: WorkspaceId, user: str, *, with_roles: bool = False) -> Actor:
    roles = services.identity.roles(user) if with_roles else frozenset({people.Role.USER})
    with services.sessions.begin() as session:
        return Actor(people.person_for(session, workspace, user, now=services.clock(), ids=services.ids), roles)
