"""Events: messages, reactions, App Home. Read the payload, call one function."""

from typing import Any

from bot.desk import home, inbox, listening, marks, reactions
from bot.services import Services
from bot.slack import payloads
from bot.slack.payloads import Reaction, ReactionMeaning
from bot.slack.views import notices
from learning import people
from learning.feedback import Rating
from learning.people import Actor

_RATINGS = {ReactionMeaning.UP: Rating.UP, ReactionMeaning.DOWN: Rating.DOWN}


def on_message(services: Services, body: dict[str, Any]) -> None:
    """Something was said, changed or deleted."""
    bot = services.identity.bot_user()
    if (message := payloads.parse_message(body, bot)) is not None:
        inbox.receive(services, message)
    elif (edit := payloads.parse_edit(body, bot)) is not None:
        inbox.edited(services, edit)
    elif (deletion := payloads.parse_deletion(body)) is not None:
        inbox.deleted(services, deletion)


def on_reaction(services: Services, body: dict[str, Any]) -> None:
    """A thumb is a vote; ✅ says that it is settled."""
    reaction = payloads.parse_reaction(body)
    if reaction is None or reaction.user == services.identity.bot_user():
        return
    if reaction.meaning is ReactionMeaning.DONE and reaction.added:
        workspace = reaction.origin.workspace
        actor = _actor(services, reaction)
        marks.receive(services, reaction, actor)
        listening.ticked(services, workspace, reaction.channel, reaction.ts, actor.person, at=reaction.at)
    if (rating := _RATINGS.get(reaction.meaning)) is not None:
        reactions.receive(services, reaction, rating)


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


def _actor(services: Services, reaction: Reaction) -> Actor:
    workspace, roles = reaction.origin.workspace, services.identity.roles(reaction.user)
    with services.sessions.begin() as session:
        person = people.person_for(session, workspace, reaction.user, now=services.clock(), ids=services.ids)
    return Actor(person, roles)
